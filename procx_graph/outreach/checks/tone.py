"""Does the text speak to the customer as it should?"""

import re

from procx_graph.domain.message import Finding, Language, Message, Severity
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.opt_out import KEYWORD
from procx_graph.outreach.checks.reading import Reading, fold
from procx_graph.outreach.checks.wording import spoken

CAPITALS = 0.3
"""From this share of capitals among the letters that have case, a text shouts."""

_ENOUGH = 25
"""Fewer letters with case say nothing: abbreviations and ids."""

_CALLS = re.compile(r"!(?:\s*!)+|!")
MARKS = 2
"""Most exclamation marks in a text, and never two together."""

_HINTS = {
    "blame": "blame nobody, least of all the customer",
    "pressure": "leave the customer time: no threat and no false urgency",
}


def check_tone(reading: Reading, facts: MessageFacts, language: Language) -> list[Finding]:
    """Find blame, pressure, shouting, and a festival greeting beside a bad experience."""
    ways = spoken(reading, language)
    findings = [
        reading.finding(code, *span, hint)
        for code, hint in _HINTS.items()
        for span in ways.get(code, ())
    ]
    if facts.situation is not None and facts.situation.adverse:
        hint = "leave the greeting for another day: this is about a bad experience"
        findings += [
            reading.finding("unfitting_greeting", *span, hint) for span in ways.get("greeting", ())
        ]
    for text in map(fold, facts.over):
        at = reading.text.find(text)
        if at >= 0:
            hint = "leave the greeting out: it does not fit the day"
            findings.append(reading.finding("unfitting_greeting", at, at + len(text), hint))
    return findings + _shouting(reading)


def check_apology(reading: Reading, message: Message, facts: MessageFacts) -> list[Finding]:
    """Look for an apology in the body when the fault was ours."""
    if not facts.our_fault or spoken(reading, message.language).get("apology"):
        return []
    hint = "say sorry: the fault was ours"
    return [
        Finding(code="missing_apology", severity=Severity.BLOCK, start=0, end=0, hint=hint),
    ]


def _shouting(reading: Reading) -> list[Finding]:
    text = reading.text.replace(KEYWORD, "")
    capitals = sum(map(str.isupper, text))
    cased = capitals + sum(map(str.islower, text))
    findings = []
    if cased >= _ENOUGH and capitals > CAPITALS * cased:
        hint = "write in small letters: capitals shout"
        findings.append(reading.finding("shouting", 0, len(reading.text), hint))
    calls = list(_CALLS.finditer(reading.text))
    too_many = [
        call for number, call in enumerate(calls) if number >= MARKS or call[0].count("!") > 1
    ]
    hint = f"use {MARKS} exclamation marks at most, and one at a time"
    return findings + [reading.finding("exclamations", *call.span(), hint) for call in too_many]
