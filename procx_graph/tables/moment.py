"""The moment a base is seen from, and what is there and known at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Column, Table

OUTLIER_DAYS = 30
"""A timestamp further than this beyond the 99.9th percentile does not date the base."""
HOUR = 3_600_000_000
"""In microseconds."""


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


def literal(moment: datetime) -> pl.Expr:
    """Give an aware moment as the tables write theirs."""
    return pl.lit(in_utc(moment).replace(tzinfo=None), dtype=pl.Datetime("us"))


def exists(table: Table, now: pl.Expr) -> pl.Expr:
    """Say which rows of a table with a `seen_at` are there at a moment; undated ones are."""
    seen_at = pl.col(table.seen_at or "")
    return seen_at.is_null() | (seen_at <= now)


def people(tables: Mapping[str, pl.LazyFrame], now: pl.Expr, *, is_current: bool) -> pl.Series:
    """Give the sorted ids of the customers who are there at a moment.

    Customers begin with their signup. Without that date they begin, in a base that is not current,
    with their first dated row in any table; who has none is there.
    """
    begins = tables["customers"].select("customer_id", at="signup_date").collect()
    if not is_current and begins["at"].has_nulls():
        dated = [
            frame.select(customer_id=table.customer, first=table.seen_at)
            for frame, table in ((frame, TABLES[name]) for name, frame in tables.items())
            if table.customer and table.seen_at
        ]
        firsts = pl.concat(dated).drop_nulls().group_by("customer_id").agg(pl.col("first").min())
        begins = begins.join(firsts.collect(engine="streaming"), on="customer_id", how="left")
        begins = begins.with_columns(at=pl.coalesce("at", "first"))
    there = pl.col("at").is_null() | (pl.col("at") <= now)
    return begins.filter(there)["customer_id"].sort()


def known(table: Table, now: pl.Expr, *, is_current: bool) -> list[pl.Expr]:
    """Give the columns of a table that are null where a moment does not know them yet."""
    return [
        pl.when(claim).then(pl.col(column.name)).alias(column.name)
        for column in table.columns
        if (claim := _is_known(column, table, now, is_current=is_current)) is not None
    ]


def _is_known(column: Column, table: Table, now: pl.Expr, *, is_current: bool) -> pl.Expr | None:
    """Say where the value of a column is known; None when it is everywhere."""
    if column.known_at:
        return pl.col(column.known_at).le(now).fill_null(value=True)
    if is_current:
        return None
    if column.known_after:
        age = (now - pl.col(table.seen_at or "")).dt.total_microseconds()
        return pl.col(column.known_after) * HOUR <= age
    return pl.lit(value=False) if column.snapshot else None
