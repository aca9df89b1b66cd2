"""Is the text written in the customer's script, with nothing hidden in it?"""

import unicodedata
from collections import Counter
from functools import lru_cache

from procx_graph.domain.message import Finding, Language, Severity
from procx_graph.outreach.checks.reading import Reading, is_visible
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.letters import JOINERS

SHARE = 0.6
"""Least share of letters that are in the language's own script."""

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing."""
_JOINED = frozenset({"Lo", "Mc", "Mn", "Sk", "So"})
"""What a joiner may follow: letters and signs of Indic scripts, and pictures."""


def check_script(reading: Reading, language: Language) -> list[Finding]:
    """Find a text mostly in another script, and characters that are not seen."""
    findings = _hidden(reading)
    counts: Counter[str | None] = Counter()
    for char, count in Counter(reading.text).items():
        counts[script_of(char)] += count
    letters = counts.total() - counts[None]
    script = language_pack(language).lexicon.script
    if counts[script] < SHARE * letters:
        hint = f"write it in {script.capitalize()} script"
        findings.append(reading.finding("wrong_script", 0, len(reading.text), hint))
    return findings


def _hidden(reading: Reading) -> list[Finding]:
    text = reading.original
    if is_visible(text) and (text.isascii() or _BLANK.isdisjoint(text)):
        return []
    return [
        Finding(
            code="hidden_character",
            severity=Severity.BLOCK,
            start=position,
            end=position + 1,
            field=reading.field,
            hint=f"remove U+{ord(char):04X}",
        )
        for position, char in enumerate(text)
        if _hides(text, position)
    ]


def _hides(text: str, position: int) -> bool:
    """Whether a character is a control or not seen, other than a joiner where spelling has it."""
    if text[position] in JOINERS:
        return position == 0 or unicodedata.category(text[position - 1]) not in _JOINED
    if text[position] in _BLANK:
        return True
    return unicodedata.category(text[position]) in _UNSEEN and text[position] not in "\n\r\t"


@lru_cache(maxsize=4096)
def script_of(char: str) -> str | None:
    """Name the script of a letter or mark; `None` for anything else."""
    if unicodedata.category(char)[0] not in "LM":
        return None
    return unicodedata.name(char, "").partition(" ")[0]
