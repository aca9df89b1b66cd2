"""The moment a base is seen from, and what is there and known at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Column, Table

OUTLIER_DAYS = 30
"""A timestamp further than this beyond the 99.9th percentile does not date the base."""
OUTLIER = OUTLIER_DAYS * 86_400_000_000
"""The same in microseconds."""
HOUR = 3_600_000_000.0
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


Moment = datetime | date | str
"""A moment as users give it: naive is UTC, a bare date the end of that day, text is ISO 8601."""


def as_moment(given: Moment) -> datetime:
    """Read a moment as aware UTC; a naive one is UTC, a bare date is the last second of that day.

    Raises:
        DataError: It is no moment, or the text is not ISO 8601.
    """
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given) if len(given) <= 10 else datetime.fromisoformat(given)
        except ValueError as error:
            raise DataError(f"as_of {given!r} is no date; write 2025-01-31") from error
    if not isinstance(given, date):
        raise DataError(f"as_of {given!r} is no date; write 2025-01-31")
    if not isinstance(given, datetime):
        return datetime.combine(given, time(23, 59, 59), tzinfo=UTC)
    try:
        return in_utc(given)
    except OverflowError as error:
        raise DataError(f"as_of {given} is beyond the calendar") from error


def behaviour(tables: Mapping[str, pl.LazyFrame]) -> Behaviour:
    """Find out when customers were last active, from the tables of what they did."""
    seen = [
        frame.select(pl.col(TABLES[name].seen_at or "").to_physical().alias("at")).drop_nulls()
        for name, frame in tables.items()
        if TABLES[name].behaviour
    ]
    if not seen:
        return Behaviour(None)
    at = pl.concat(seen)
    rows, latest = _row(at.select(pl.len(), pl.col("at").max()))
    if not rows:
        return Behaviour(None)
    place = 0.999 * (rows - 1)
    after = rows - int(place)
    (late,) = _row(at.filter(pl.col("at") >= latest - OUTLIER).select(pl.len()))
    if late >= after:  # the percentile is that late itself
        return Behaviour(_moment(latest))
    last = at.top_k(after, by="at").collect(engine="streaming")["at"].sort()
    below, above = last[0], last[min(1, after - 1)]
    believed = last.filter(last <= below + (place - int(place)) * (above - below) + OUTLIER)
    return Behaviour(_moment(believed[-1]), after - len(believed), _moment(latest))


def _row(asked: pl.LazyFrame) -> tuple[Any, ...]:
    return asked.collect(engine="streaming").row(0)


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def literal(moment: datetime) -> pl.Expr:
    """Give an aware moment as the tables write theirs."""
    return pl.lit(in_utc(moment).replace(tzinfo=None), dtype=pl.Datetime("us"))


def needed(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    """Give the columns that `as_seen` reads to show these, in the order of the table."""
    wanted = {*columns, table.seen_at}
    for column in (table.column(name) for name in columns):
        wanted |= {column.known_at, column.known_after}
    return tuple(name for name in table.names if name in wanted)


def as_seen(
    table: Table,
    frame: nw.LazyFrame[Any],
    moment: datetime,
    *,
    is_current: bool,
    columns: Sequence[str],
) -> nw.LazyFrame[Any]:
    """Show a table as known at a moment: later rows are not there, later values are null.

    Rows without a date are there. The same on every engine that narwhals knows.

    Args:
        table: The declaration.
        frame: Holds at least the `needed` columns as declared, timestamps naive UTC.
        moment: Aware, or naive UTC.
        is_current: Nothing happened later, so that what has no date of its own is known.
        columns: Columns to give, in this order.
    """
    now = _literal(moment, frame.implementation)
    if table.seen_at:
        seen_at = nw.col(table.seen_at)
        frame = frame.filter(seen_at.is_null() | (seen_at <= now))
    return frame.select(
        _known(table.column(name), table, moment, now, is_current=is_current) for name in columns
    )


def _literal(moment: datetime, engine: nw.Implementation) -> nw.Expr:
    naive = in_utc(moment).replace(tzinfo=None)
    if engine.is_spark_like():  # Spark takes a datetime of Python to be in the zone of the machine
        return nw.lit(naive.isoformat(" "), nw.String).cast(nw.Datetime("us"))
    return nw.lit(naive, nw.Datetime("us"))


def _known(
    column: Column, table: Table, moment: datetime, now: nw.Expr, *, is_current: bool
) -> nw.Expr:
    """Give a column, null where the moment does not know its value yet."""
    value = nw.col(column.name)
    if column.known_at:
        known_at = nw.col(column.known_at)
        value = nw.when(known_at.is_null() | (known_at <= now)).then(value)
    elif column.known_after and not is_current:
        age = _microseconds(in_utc(moment)) - _microseconds_of(table.seen_at or "")
        value = nw.when(nw.col(column.known_after) * HOUR <= age).then(value)
    elif column.snapshot and not is_current:
        value = nw.when(nw.lit(value=False)).then(value)
    return value.alias(column.name)


def _microseconds(moment: datetime) -> int:
    """Count microseconds as `_microseconds_of` does."""
    of_day = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return (moment.toordinal() * 86_400 + of_day) * 1_000_000 + moment.microsecond


def _microseconds_of(column: str) -> nw.Expr:
    """Count microseconds since the year 1 in whole numbers, as no engine's durations agree."""
    at = nw.col(column)
    before = at.dt.year().cast(nw.Int64) - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 + at.dt.ordinal_day()
    seconds = (at.dt.hour().cast(nw.Int64) * 60 + at.dt.minute()) * 60 + at.dt.second()
    return (days * 86_400 + seconds) * 1_000_000 + at.dt.microsecond()


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
