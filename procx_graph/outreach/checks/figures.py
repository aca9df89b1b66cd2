"""Is every figure in the text a known fact?

Digits of any script count, and number words of the language and of English. A number word from two
upwards is a figure wherever it stands; "one" and "zero" are only where a unit follows ("one hour"),
because they are articles elsewhere. What a number counts is read from the word beside it.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.dates import date_pattern, is_among
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.reading import Reading, Word, fold
from procx_graph.outreach.checks.units import Measure, Unit, measure, names_currency
from procx_graph.outreach.checks.wording import spoken
from procx_graph.outreach.languages import language_pack

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ID = re.compile(
    r"#\s?(?=[A-Za-z/_-]*\d)[A-Za-z0-9/_-]+|(?<![A-Za-z0-9])[A-Za-z]+[-_/]?\d[A-Za-z0-9/_-]*"
)
_JOINT = re.compile(r"[\s-]{1,2}")
_GREAT = 1000
"""From here a multiplier closes its group: two thousand five hundred."""

_HINTS = {
    "unknown_date": "state no date but those of the facts",
    "unknown_amount": "state no amount of money but those of the facts",
    "wrong_currency": "name the currency of the amount",
    "unknown_percent": "state no percentage but that of the approved offer",
    "unknown_duration": "state no time but the number of days in the facts",
    "unknown_id": "name no order or code but the customer's own order",
    "unknown_number": "state no number that is not in the facts",
}


def check_figures(reading: Reading, facts: MessageFacts, language: Language) -> list[Finding]:
    """Find dates, ids, money, percentages and other numbers that are not in the facts.

    A day named without a date, such as "tomorrow", is a date too; that of the week may be told when
    a date of the facts falls on it.

    Known ids, names and addresses are blank in `reading` already.
    """
    found: list[tuple[str, int, int]] = []
    ids: list[tuple[int, int]] = []
    ways = spoken(reading, language)
    found += [("unknown_date", *span) for span in ways.get("relative", ())]
    known_days = {when.weekday() for when in facts.dates}
    for number in range(7):
        if number not in known_days:
            found += [("unknown_date", *span) for span in ways.get(f"weekday{number}", ())]
    if _NUMBER.search(reading.text):
        dates = list(date_pattern(language).finditer(reading.text))
        found += [
            ("unknown_date", *match.span())
            for match in dates
            if not is_among(match, facts.dates, language)
        ]
        reading = reading.blank(match.span() for match in dates)
        ids = [match.span() for match in _ID.finditer(reading.text) if not _is_money(match)]
        found += [("unknown_id", *span) for span in ids]
    for start, end, value in (*_numbers(reading.text), *_worded(reading, language)):
        if not any(begin <= start < stop for begin, stop in ids):
            code = _problem(value, measure(reading.text, start, end), facts)
            found += [(code, start, end)] if code else []
    return [reading.finding(code, start, end, _HINTS[code]) for code, start, end in found]


def _problem(value: Decimal, counted: Measure | None, facts: MessageFacts) -> str | None:
    """Give the code for a number that is not a fact; `None` when it is one."""
    match counted:
        case None:
            return None if value in facts.days | facts.amounts else "unknown_number"
        case Measure(Unit.PERCENT):
            return None if value in facts.percents else "unknown_percent"
        case Measure(Unit.DAYS):
            return None if value in facts.days else "unknown_duration"
        case Measure(Unit.TIME):
            return "unknown_duration"
        case Measure(mark=mark):
            if value not in facts.amounts:
                return "unknown_amount"
            return None if names_currency(mark, facts.currency) else "wrong_currency"


def _is_money(match: re.Match[str]) -> bool:
    """Whether what looks like an id is an amount with its currency, such as Rs500."""
    digits = _NUMBER.search(match[0])
    if digits is None or digits.end() != len(match[0]):
        return False
    counted = measure(match[0], *digits.span())
    return counted is not None and counted.unit is Unit.MONEY


def _numbers(text: str) -> Iterator[tuple[int, int, Decimal]]:
    for match in _NUMBER.finditer(text):
        digits = match[0].replace(",", "")
        # Two points are no number that could be a fact: let none match.
        yield *match.span(), Decimal(digits) if digits.count(".") < 2 else Decimal("NaN")


def _worded(reading: Reading, language: Language) -> Iterator[tuple[int, int, Decimal]]:
    """Give the numbers that are written in words; a lone zero or one only before a unit."""
    known = _values(language)
    run: list[Word] = []
    for word in (*reading.words, None):
        if run and not (word and _joins(reading.text, run[-1], word) and word.text in known):
            start, end, value = run[0].start, run[-1].end, _total([known[w.text] for w in run])
            if value > 1 or measure(reading.text, start, end) is not None:
                yield start, end, Decimal(value)
            run = []
        if word and word.text in known:
            run.append(word)


def _joins(text: str, before: Word, after: Word) -> bool:
    """Whether two words stand side by side, as in "twenty-five"."""
    return _JOINT.fullmatch(text, before.end, after.start) is not None


def _total(parts: list[int]) -> int:
    """Add up number words: [2, 1000, 5, 100, 20] is 2,520."""
    total = group = 0
    for part in parts:
        if part < 100:
            group += part
        else:
            group = max(group, 1) * part
        if part >= _GREAT:
            total, group = total + group, 0
    return total + group


@cache
def _values(language: Language) -> dict[str, int]:
    packs = (language_pack(Language.ENGLISH), language_pack(language))
    return {
        fold(word).casefold(): value
        for pack in packs
        for word, value in pack.lexicon.numbers.items()
    }
