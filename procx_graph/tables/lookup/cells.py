"""Cells of a few rows in plain Python, where that gives what `convert` gives.

A handful of rows costs Polars a millisecond and more per table, whatever their number. Cells as
drivers usually hand them over are therefore read here; what is anything else raises `OddCell`,
and its table goes the long way through `clean`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from math import inf, isfinite
from typing import Any
from zoneinfo import ZoneInfo

from procx_graph.schema import Column, Kind
from procx_graph.tables.convert import EMPTY_WORDS

Read = Callable[[Any], object]

SHORT = 100
"""Letters that are surely fewer bytes than an id may have."""
WHOLE = 2**53

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{6}|\.[0-9]{3})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?)?)?",
    re.ASCII,
)
_FLAGS = dict.fromkeys((*EMPTY_WORDS, "unknown"))
_YES_NO = {True: True, False: False} | {
    **dict.fromkeys(("yes", "y", "true", "t", "1", "1.0"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0", "0.0"), False),
}
_PLAIN = {str, bool, int, float, Decimal, date, datetime}
_NUMBERS = {int, float, Decimal}


class OddCell(ValueError):
    """A cell that plain Python does not read; the table takes the long way."""


def read_cells(column: Column, values: Sequence[object], read: Read) -> list[object]:
    """Read the cells of one column.

    Raises:
        OddCell: One of them is not plain, or a required one is empty.
    """
    kinds = set(map(type, values)) - {type(None)}
    amounts = column.kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT) and kinds <= _NUMBERS
    if not kinds <= _PLAIN or (len(kinds) > 1 and not amounts):
        raise OddCell
    # most columns repeat their values
    known = {value: None if value is None else read(value) for value in set(values)}
    if column.required and None in known.values():
        raise OddCell
    return [known[value] for value in values]


def reader(
    column: Column, *, time_zone: str = "UTC", translated: Mapping[str, str] | None = None
) -> Read:
    """Give what reads a cell of a column, raising `OddCell` where it is not plain.

    Args:
        column: The declaration.
        time_zone: IANA zone of timestamps that name none.
        translated: Their values, as text, to ours; None translates nothing.
    """
    read = _reader(column, time_zone)
    if not translated:
        return read
    return lambda value: read(_translated(value, translated))


def _reader(column: Column, time_zone: str) -> Read:
    if column.allowed or column.pattern:
        return _odd
    match column.kind:
        case Kind.TEXT:
            return _text
        case Kind.ID | Kind.CATEGORY:
            return _word
        case Kind.MONEY | Kind.NUMBER | Kind.COUNT:
            low = -inf if column.minimum is None else column.minimum
            high = inf if column.maximum is None else column.maximum
            number = _count if column.kind is Kind.COUNT else _number
            return lambda value: _within(number(value), low, high)
        case Kind.FLAG:
            return _flag
        case Kind.TIMESTAMP:
            zone = None if time_zone == "UTC" else ZoneInfo(time_zone)
            return lambda value: _moment(value, zone)


def _odd(value: object) -> object:
    raise OddCell(value)


def _translated(value: object, ours: Mapping[str, str]) -> str:
    if type(value) not in (str, int):
        raise OddCell
    text = str(value)
    return ours.get(text, text)


def _text(value: object) -> str | None:
    if type(value) is not str:
        raise OddCell
    return value or None


def _word(value: Any) -> str | None:
    if type(value) is str:
        if len(value) > SHORT or value.strip() != value or value.endswith(".0"):
            raise OddCell
        return None if value.lower() in EMPTY_WORDS else value
    if type(value) is int and abs(value) < 2**63:
        return str(value)
    if type(value) in (float, Decimal):
        return str(_count(value))
    raise OddCell


def _number(value: Any) -> float:
    if type(value) is str:
        if not _NUMBER.fullmatch(value):
            raise OddCell
        return float(value)
    if type(value) not in (float, int, Decimal) or not isfinite(value):
        raise OddCell
    return float(value)


def _count(value: Any) -> int:
    number = value if type(value) is int else _number(value)
    if abs(number) > WHOLE or int(number) != number:
        raise OddCell
    return int(number)


def _within(number: Any, low: float, high: float) -> object:
    if not low <= number <= high:
        raise OddCell
    return number


def _flag(value: Any) -> bool | None:
    word = value.lower() if type(value) is str else value
    if type(word) not in (str, bool, int, float):
        raise OddCell
    if word in _FLAGS:
        return None
    if word not in _YES_NO:
        raise OddCell
    return _YES_NO[word]


def _moment(value: Any, zone: tzinfo | None) -> datetime:
    if type(value) is str:
        if not _MOMENT.fullmatch(value):
            raise OddCell
        value = _parsed(value)
    elif type(value) is date:
        value = datetime.combine(value, time())
    if type(value) is not datetime:
        raise OddCell
    try:
        return _in_utc(value, zone)
    except OverflowError as error:
        raise OddCell from error


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise OddCell from error


def _in_utc(moment: datetime, zone: tzinfo | None) -> datetime:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC).replace(tzinfo=None)
    if zone is None:
        return moment
    local = moment.replace(tzinfo=zone)
    there = local.astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) != moment:
        raise OddCell
    return there.replace(tzinfo=None)
