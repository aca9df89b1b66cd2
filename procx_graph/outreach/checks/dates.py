"""Dates in a text: with the name of a month in the language or in English, or in digits."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from procx_graph.domain.message import Language
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.letters import LETTER

_YEAR = r"(?:[\s,.'-]{0,3}(?P<year%d>\d{4})(?!\d))?"
_NTH = r"(?:st|nd|rd|th|শে|ই|লা|রা|ঠা)?"
_SURE = 5
"""Letters from which the name of a month is one even when a case ending follows."""


@cache
def date_pattern(language: Language) -> re.Pattern[str]:
    """Match a date; `is_among` reads the match."""
    names = "|".join(map(_name_pattern, sorted(_months(language), key=len, reverse=True)))
    return re.compile(
        rf"(?<!\d)(?<!\d[.,])(?P<day1>\d{{1,2}}){_NTH}[\s,.-]{{0,2}}(?:of )?"
        rf"(?P<month1>{names}){_YEAR % 1}"
        rf"|(?<![A-Za-z])(?P<month2>{names})\s?(?P<day2>\d{{1,2}}){_NTH}(?!\d){_YEAR % 2}"
        r"|(?<![\d/.-])(?P<year3>\d{4})[/.-](?P<month3>\d{1,2})[/.-](?P<day3>\d{1,2})(?![\d/-])"
        r"|(?<![\d/.-])(?P<day4>\d{1,2})[/.-](?P<month4>\d{1,2})[/.-](?P<year4>\d{4}|\d\d)(?![\d/-])",
        re.IGNORECASE,
    )


def is_among(match: re.Match[str], dates: Iterable[date], language: Language) -> bool:
    """Whether a date found by `date_pattern` may be one of those given.

    A year that is not written, or written with two digits, may be any; of a date in digits the day
    and the month may be in either order.
    """
    which = next(n for n in "1234" if match[f"day{n}"])
    day, month, year = (match[f"{part}{which}"] for part in ("day", "month", "year"))
    # A dotless i matches an i, yet is no letter of the names we know: then it is no month.
    named = _months(language).get(month.casefold(), frozenset())
    months = {int(month)} if month.isdecimal() else named
    for known in dates:
        right_year = year is None or known.year == int(year) or known.year % 100 == int(year)
        right_day = int(day) == known.day and known.month in months
        swapped = which == "4" and int(day) == known.month and known.day in months
        if right_year and (right_day or swapped):
            return True
    return False


@cache
def _months(language: Language) -> dict[str, frozenset[int]]:
    """Give the names of the months, short and long, with their numbers."""
    from babel.dates import get_month_names

    found: dict[str, frozenset[int]] = {}
    for locale in ("en", language_pack(language).messages.locale):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    key = fold(name).casefold()
                    found[key] = found.get(key, frozenset()) | {number}
    return found


def _name_pattern(name: str) -> str:
    if name.isascii():
        return rf"{re.escape(name)}(?![A-Za-z])"
    return re.escape(name) if len(name) >= _SURE else rf"{re.escape(name)}(?!{LETTER})"
