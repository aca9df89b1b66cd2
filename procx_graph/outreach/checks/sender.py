"""Is the right person greeted, and does the right one sign?"""

import re
from functools import cache

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.reading import Reading, fold
from procx_graph.outreach.languages import NAME_SLOT, language_pack
from procx_graph.outreach.names import usable_name

_WORD = re.compile(r"[^\s.]+")
_PART = r"[^\s,.!:;?।]{1,40}"
_NAME = rf"(?P<name>{_PART}(?:[ .]{{1,2}}{_PART}){{0,2}})"
"""Stands for NAME in the salutations of a lexicon: up to three words."""


def check_sender(reading: Reading, facts: MessageFacts, language: Language) -> list[Finding]:
    """Find a greeting by another name than the customer's, and a signature that is not ours.

    A name in another script than the stored one cannot be compared and is left alone.
    """
    findings = []
    name = usable_name(facts.first_name)
    greeted = next(filter(None, (p.match(reading.text) for p in _salutations(language))), None)
    if name and greeted and not _is_right(greeted["name"], fold(name), language):
        hint = "greet the customer by their own first name"
        findings.append(reading.finding("wrong_name", *greeted.span("name"), hint))
    own = tuple(fold(who) for who in _signers(facts, language))
    for signed in _closings(language).finditer(reading.text):
        if not any(who in signed["who"] for who in own):
            hint = f"sign as {own[0]}"
            findings.append(reading.finding("wrong_sender", *signed.span("who"), hint))
    return findings


def _is_right(greeted: str, name: str, language: Language) -> bool:
    """Whether those who are greeted are the customer, or nobody in particular."""
    if NAME_SLOT in greeted or name.isascii() != greeted.isascii():
        return True
    if greeted[0].islower():
        return True  # "Hi there" and its like
    said = greeted.casefold().strip()
    nobody, honorifics = _nobody(language)
    words = [word for word in _WORD.findall(said) if word not in honorifics]
    if not words or said in nobody or " ".join(words) in nobody:
        return True
    return set(_WORD.findall(name.casefold())) <= set(words)


def _signers(facts: MessageFacts, language: Language) -> tuple[str, ...]:
    if facts.sender is not None:
        return (facts.sender,)
    return tuple(
        language_pack(known).messages.sender
        for known in dict.fromkeys((language, Language.ENGLISH))
    )


@cache
def _salutations(language: Language) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"\s*{fold(pattern.replace('NAME', _NAME))}", re.IGNORECASE)
        for known in dict.fromkeys((language, Language.ENGLISH))
        for pattern in language_pack(known).lexicon.address.salutations
    )


@cache
def _closings(language: Language) -> re.Pattern[str]:
    lines = "|".join(
        pattern
        for known in dict.fromkeys((language, Language.ENGLISH))
        for pattern in language_pack(known).lexicon.address.closings
    )
    return re.compile(
        rf"^(?:{fold(lines)}),?[ \t]*\n+(?P<who>[^\n]+)", re.IGNORECASE | re.MULTILINE
    )


@cache
def _nobody(language: Language) -> tuple[frozenset[str], frozenset[str]]:
    """Give what stands for no name, and what may stand beside one."""
    nobody: set[str] = set()
    honorifics: set[str] = set()
    for known in (language, Language.ENGLISH):
        address = language_pack(known).lexicon.address
        nobody |= {fold(word).casefold() for word in address.nobody}
        honorifics |= {fold(word).casefold() for word in address.honorifics}
    return frozenset(nobody), frozenset(honorifics)
