"""What a model may not bring into a message, though a person may write it."""

from functools import cache

from procx_graph.domain.message import Finding, Language, Message
from procx_graph.outreach.checks.phrases import Known, by_first_word, phrases_in
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.languages import language_pack

SHARE = 0.4
"""Least share of the template's words that a model's text has."""


def unasked(message: Message, template: Message) -> tuple[Finding, ...]:
    """Find words about passwords and cards, about what a customer is worth or may do, and insults.

    They are in the lexicon's `unasked`. A text that says hardly anything is found, too. What the
    approved template says itself may stay: this is for what a model adds or leaves out, and no
    person's text is held against it.
    """
    known, ours = _known(message.language), set()
    for said in filter(None, (template.subject, template.body)):
        reading = Reading.of(said, "body")
        ours |= {reading.text[start:end].casefold() for start, end in phrases_in(reading, known)}
    found = []
    for field, text in (("subject", message.subject), ("body", message.body)):
        reading = Reading.of(text or "", field)
        for start, end in phrases_in(reading, known):
            word = reading.text[start:end]
            if word.casefold() not in ours:
                hint = f"say it without {word!r}, which the draft does not have"
                found.append(reading.finding("unasked_word", start, end, hint))
    return (*found, *_too_short(message, template))


def _too_short(message: Message, template: Message) -> tuple[Finding, ...]:
    """Find a text that leaves out most of what the template says, such as a single word."""
    least = SHARE * len(template.body.split())
    if len(message.body.split()) >= least:
        return ()
    hint = "say all that the draft says, with its greeting and its closing lines"
    return (Reading.of(message.body or " ", "body").finding("too_short", 0, 1, hint),)


@cache
def _known(language: Language) -> Known:
    packs = (language_pack(Language.ENGLISH), language_pack(language))
    return by_first_word(entry for pack in packs for entry in pack.lexicon.unasked)
