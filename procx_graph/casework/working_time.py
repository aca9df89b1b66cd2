"""Time in business hours: the clock of a case stands still while nobody works."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from procx_graph.domain.case_rules import Calendar, public_holidays
from procx_graph.domain.clock import in_utc
from procx_graph.errors import ConfigError

_LONGEST = 10 * 366
"""Days to look ahead; who works so seldom never gets there."""


def add_working(start: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Give the moment at which so much working time has passed, in UTC.

    Raises:
        ConfigError: The team hardly ever works.
    """
    start = in_utc(start)
    if _always(calendar):
        return start + span
    left = span
    for opens, closes in _windows(start, calendar):
        length = closes - opens
        if left <= length:
            return opens + left
        left -= length
    raise ConfigError("a team works too few hours for its cases: see [cases.calendar]")


def working_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Give how much working time lies between two moments; none when the second is earlier."""
    start, end = in_utc(start), in_utc(end)
    if end <= start:
        return timedelta(0)
    if _always(calendar):
        return end - start
    passed = timedelta(0)
    for opens, closes in _windows(start, calendar):
        if opens >= end:
            break
        passed += min(closes, end) - opens
    return passed


def _always(calendar: Calendar) -> bool:
    everyday = set(calendar.days) == set(range(1, 8))
    return calendar.round_the_clock and everyday and calendar.holidays is None


def _windows(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches of work from a moment on, in UTC."""
    zone = ZoneInfo(calendar.time_zone)
    today = start.astimezone(zone).date()
    free = public_holidays(calendar.holidays) if calendar.holidays else frozenset()
    for day in (today + timedelta(days=number) for number in range(_LONGEST)):
        if day.isoweekday() not in calendar.days or day in free:
            continue
        opens = _moment(day, calendar.opens, zone)
        next_day = day + timedelta(days=1)
        ends = (next_day, time()) if calendar.round_the_clock else (day, calendar.closes)
        closes = _moment(*ends, zone)
        if closes > start:
            yield max(opens, start), closes


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
