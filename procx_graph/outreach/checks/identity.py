"""Is the text in the customer's language, and not in a neighbour that has the same script?"""

from functools import cache

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.reading import Reading, fold
from procx_graph.outreach.checks.script import script_of
from procx_graph.outreach.languages import language_pack

LEAST = 2
"""Fewer marks of a neighbour are a name or a quotation."""
ENOUGH = 6
"""Words from which a text must have some of the language's own."""


def check_identity(reading: Reading, language: Language) -> list[Finding]:
    """Count frequent words and letters that only the language or only its neighbours have.

    Marathi and Nepali stand beside Hindi, Assamese beside Bengali, and words of Indian languages in
    Latin letters beside English. A text with more marks of a neighbour than its own is refused. In
    Latin letters, which most languages have, so is a text with hardly any of the language's own.
    """
    own, other, letters = _marks(language)
    if not other:
        return []
    lexicon, ours, theirs, words = language_pack(language).lexicon, 0, 0, 0
    for word in reading.words:
        words += script_of(word.text[0]) == lexicon.script
        if word.text in other or (letters and not letters.isdisjoint(word.text)):
            theirs += 1
        elif word.text in own:
            ours += 1
    foreign = words >= ENOUGH and ours < lexicon.identity.least * words
    if not foreign and (theirs < LEAST or theirs <= ours):
        return []
    hint = f"write it in the language with the code {language.value!r}"
    return [reading.finding("wrong_language", 0, len(reading.text), hint)]


@cache
def _marks(language: Language) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    marks = language_pack(language).lexicon.identity
    own = frozenset(fold(word).casefold() for word in marks.own)
    return own, frozenset(fold(word).casefold() for word in marks.other), frozenset(marks.letters)
