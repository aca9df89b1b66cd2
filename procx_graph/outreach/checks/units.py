"""Words and signs that say what a number counts: percent, days, other times, money."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from procx_graph.domain.message import Language
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.languages import language_pack


class Unit(StrEnum):
    """What a number counts."""

    PERCENT = "percent"
    DAYS = "days"
    TIME = "time"
    """Hours, weeks, months: times that no fact is in."""
    MONEY = "money"


@dataclass(frozen=True)
class Measure:
    """A unit found beside a number, with the word or sign that says it."""

    unit: Unit
    mark: str


_SIGN = r"(?-i:[A-Z]{0,2})[$¢£¥৲৳௹\u20a0-\u20c0]"
_CODE = r"(?-i:[A-Z]{3})(?![A-Za-z])"
_REACH = 16
"""Characters before a number in which its currency is looked for."""


def measure(text: str, start: int, end: int) -> Measure | None:
    """Give what the number at `start` to `end` counts; `None` when nothing beside it says so."""
    for match in (
        _after().match(text, end),
        _before().search(text[max(0, start - _REACH) : start]),
    ):
        if match is None or match.lastgroup is None:
            continue
        mark = match[match.lastgroup]
        if match.lastgroup != "code":
            return Measure(Unit(match.lastgroup), mark)
        if mark in _currencies():
            return Measure(Unit.MONEY, mark)
    return None


def names_currency(mark: str, currency: str | None) -> bool:
    """Whether a sign, code or word may stand for a currency, e.g. "₹", "INR", "Rs." for INR."""
    if currency is None:
        return False
    if mark.upper() in _signs(currency):
        return True
    name = _english_name(currency)
    return any(
        noun in name and re.match(fold(words), mark, re.IGNORECASE)
        for noun, words in _nouns().items()
    )


@cache
def percent_pattern() -> re.Pattern[str]:
    """Match a sign or word for percent, of any language."""
    words = (w for language in Language for w in language_pack(language).lexicon.units.percent)
    return re.compile(fold("|".join(words)), re.IGNORECASE)


@cache
def _nouns() -> dict[str, str]:
    """Give the words for each currency, of all languages: every text is read in all of them."""
    found: dict[str, list[str]] = {}
    for language in Language:
        for noun, words in language_pack(language).lexicon.currencies.items():
            found.setdefault(noun, []).extend(words)
    return {noun: "|".join(words) for noun, words in found.items()}


@cache
def _money() -> str:
    return "|".join([_SIGN, *dict.fromkeys(_nouns().values())])


@cache
def _after() -> re.Pattern[str]:
    """Match what stands behind a number and says what it counts."""
    units = [language_pack(language).lexicon.units for language in Language]
    words = {
        Unit.PERCENT: [word for unit in units for word in unit.percent],
        Unit.DAYS: [word for unit in units for word in unit.days],
        Unit.TIME: [word for unit in units for word in unit.time],
    }
    known = "|".join(f"(?P<{unit}>{'|'.join(stems)})" for unit, stems in words.items())
    pattern = rf"[\s-]{{0,2}}(?:{known}|(?P<money>{_money()})|(?P<code>{_CODE}))"
    return re.compile(fold(pattern), re.IGNORECASE)


@cache
def _before() -> re.Pattern[str]:
    """Match money that stands before a number."""
    pattern = rf"(?<![A-Za-z])(?:(?P<money>{_money()})|(?P<code>(?-i:[A-Z]{{3}})))\s?$"
    return re.compile(fold(pattern), re.IGNORECASE)


@cache
def _english_name(currency: str) -> str:
    from babel.numbers import get_currency_name

    return get_currency_name(currency, locale="en").casefold()


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


@cache
def _signs(currency: str) -> frozenset[str]:
    """Give the code and the signs of a currency, wide (US$) and narrow ($)."""
    from babel.numbers import get_currency_symbol

    wide = {get_currency_symbol(currency, locale=language.value) for language in Language}
    return frozenset({currency} | wide | {sign[-1] for sign in wide if not sign[-1].isalpha()})
