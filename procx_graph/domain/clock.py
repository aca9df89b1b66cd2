"""Time, which is always handed in."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the surfaces choose which clock."""

    def now(self) -> datetime:
        """Give the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock: for services, never for scoring."""

    def now(self) -> datetime:
        """Give the present moment, aware and in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still: tests, dry runs, and bases that end in the past."""

    at: datetime

    def now(self) -> datetime:
        """Give the moment the clock was set to, in UTC; a naive one is taken as UTC."""
        return in_utc(self.at)


def in_utc(moment: datetime) -> datetime:
    """Give the same moment as an aware UTC datetime; a naive one is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def monotonic() -> float:
    """Give seconds that pass, for waiting and time-outs; they say nothing of dates."""
    return time.monotonic()
