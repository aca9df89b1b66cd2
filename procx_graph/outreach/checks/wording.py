"""Where a text speaks in ways that the lexicons list: promises, blame, wishes and the like."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from procx_graph.domain.message import Language
from procx_graph.outreach.checks.reading import Reading, fold
from procx_graph.outreach.languages import Lexicon, language_pack
from procx_graph.outreach.letters import LETTER

Spans = tuple[tuple[int, int], ...]

_DIGIT = re.compile(r"\d")
_KEPT = 5_000
"""Longer texts, which no channel takes, are not remembered."""
_NEAR = r"[^।.!?\n]{0,40}"
"""Between a wish and its festival: the same sentence."""


def spoken(reading: Reading, language: Language) -> Mapping[str, Spans]:
    """Give where a text speaks in each listed way, in the language or in English.

    The keys are the lists of `Wording`, `relative` and `weekday0` (Monday) to `weekday6` for days
    without a date, and `greeting` for a festival greeting. Which digits a text has makes no
    difference here, so texts from templates are read once for many customers.
    """
    text = _DIGIT.sub("0", reading.text)
    read = _spoken if len(text) <= _KEPT else _spoken.__wrapped__
    return read(text, language)


@lru_cache(maxsize=1024)
def _spoken(text: str, language: Language) -> Mapping[str, Spans]:
    found = {
        name: tuple(match.span() for match in pattern.finditer(text))
        for name, pattern in _patterns(language).items()
    }
    return {name: spans for name, spans in found.items() if spans}


@cache
def _patterns(language: Language) -> Mapping[str, re.Pattern[str]]:
    lists: dict[str, list[str]] = {}
    for known in dict.fromkeys((Language.ENGLISH, language)):
        for name, words in _lists(language_pack(known).lexicon).items():
            lists.setdefault(name, []).extend(words)
    return {name: any_of(words) for name, words in lists.items()}


def _lists(lexicon: Lexicon) -> dict[str, list[str]]:
    wording = {name: list(words) for name, words in dict(lexicon.wording).items()}
    days = {f"weekday{number}": [day] for number, day in enumerate(lexicon.dates.weekdays)}
    names, wishes = "|".join(lexicon.festivals.names), "|".join(lexicon.festivals.wishes)
    greetings = [rf"(?:{wishes}){_NEAR}(?:{names})", rf"(?:{names}){_NEAR}(?:{wishes})"]
    return wording | days | {"relative": list(lexicon.dates.relative), "greeting": greetings}


def any_of(patterns: list[str]) -> re.Pattern[str]:
    """Match any of some patterns where a word begins, in folded text and without case."""
    return re.compile(rf"(?<!{LETTER})(?:{fold('|'.join(patterns))})", re.IGNORECASE)
