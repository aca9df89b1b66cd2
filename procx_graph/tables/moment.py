"""The moment a base is seen from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.errors import DataError
from procx_graph.schema import TABLES

OUTLIER_DAYS = 30
"""A timestamp further than this beyond the 99.9th percentile does not date the base."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """When customers did things.

    Attributes:
        latest: Last behavioural timestamp that dates the base, aware UTC; None without any.
        beyond: Number of timestamps too far in the future to be believed.
        furthest: The last of those; None without any.
    """

    latest: datetime | None
    beyond: int = 0
    furthest: datetime | None = None

    @property
    def warning(self) -> str | None:
        """Say what was not believed, None when all was."""
        if not self.beyond or self.latest is None:
            return None
        return (
            f"{self.beyond:,} rows are dated later than {OUTLIER_DAYS} days after the rest "
            f"(until {self.furthest:%Y-%m-%d}) and do not date the base ({self.latest:%Y-%m-%d})"
        )


def as_moment(given: datetime | date | str) -> datetime:
    """Read a moment as aware UTC; a naive one is UTC, a bare date is the last second of that day.

    Raises:
        DataError: The text is not ISO 8601.
    """
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given) if len(given) <= 10 else datetime.fromisoformat(given)
        except ValueError as error:
            raise DataError(f"as_of {given!r} is no date; write 2025-01-31") from error
    if not isinstance(given, datetime):
        return datetime.combine(given, time(23, 59, 59), tzinfo=UTC)
    try:
        return in_utc(given)
    except OverflowError as error:
        raise DataError(f"as_of {given} is beyond the calendar") from error


def behaviour(tables: Mapping[str, pl.LazyFrame]) -> Behaviour:
    """Find out when customers were last active, from the tables of what they did."""
    seen = [
        frame.select(pl.col(TABLES[name].seen_at or "").alias("at"))
        for name, frame in tables.items()
        if TABLES[name].behaviour
    ]
    if not seen:
        return Behaviour(None)
    at = pl.concat(seen).collect(engine="streaming").to_series().drop_nulls()
    if at.is_empty():
        return Behaviour(None)
    share = at.to_physical().quantile(0.999, interpolation="linear")
    assert share is not None
    margin = timedelta(days=OUTLIER_DAYS) / timedelta(microseconds=1)
    believed = at.filter(at.to_physical() <= share + margin)
    latest, furthest = believed.max(), at.max()
    assert isinstance(latest, datetime)
    assert isinstance(furthest, datetime)
    beyond = len(at) - len(believed)
    return Behaviour(in_utc(latest), beyond, in_utc(furthest) if beyond else None)
