"""Expressions that give the same on every engine, to the bit.

Source: facts on the engine, section 3, whose rules each come from an engine that differed.
"""

from collections.abc import Sequence
from datetime import date, datetime

import narwhals.stable.v2 as nw

LARGEST = 1e12
"""The largest amount of money that is told from a larger one."""

DAY = 86_400 * 10**6
"""Microseconds."""
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - timestamps of tables are naive UTC

ZERO, ONE = nw.lit(0, nw.Int64), nw.lit(1, nw.Int64)


def day_number(moment: datetime) -> int:
    """Number a day; consecutive days have consecutive numbers."""
    before = moment.year - 1
    return (
        moment.year * 365 + before // 4 - before // 100 + before // 400 + moment.timetuple().tm_yday
    )


def day(column: str, engine: nw.Implementation = nw.Implementation.UNKNOWN) -> nw.Expr:
    """Number the day of a timestamp in microseconds like `day_number`; 0 where it is null."""
    moment = nw.col(column)
    if engine.is_polars():  # whose timestamps are microseconds, which divide 20 times as fast
        return (moment.cast(nw.Int64) // DAY + day_number(EPOCH)).fill_null(0)
    year = moment.dt.year().fill_null(1).cast(nw.Int64)
    before = year - 1
    number = year * 365 + before // 4 - before // 100 + before // 400
    number = number + moment.dt.ordinal_day().fill_null(0).cast(nw.Int64)
    return nw.when(moment.is_null()).then(ZERO).otherwise(number)


def midnight(today: date, age: int, engine: nw.Implementation) -> nw.Expr:
    """Give the moment at which the day of this age in days began.

    Comparing timestamps with it is cheaper than numbering the day of each, and reaches down into
    the files. A day before the calendar is its first.
    """
    begins = datetime.fromordinal(max(today.toordinal() - age, 1))
    if engine.is_spark_like():  # Spark takes a datetime of Python to be in the zone of the machine
        return nw.lit(begins.isoformat(" "), nw.String).cast(nw.Datetime("us"))
    return nw.lit(begins, nw.Datetime("us"))


def seconds(column: str, engine: nw.Implementation = nw.Implementation.UNKNOWN) -> nw.Expr:
    """Number the second of a timestamp."""
    at = nw.col(column).dt
    minute = at.hour().cast(nw.Int64) * 60 + at.minute().cast(nw.Int64)
    return day(column, engine) * 86_400 + minute * 60 + at.second().cast(nw.Int64)


def cents(column: str) -> nw.Expr:
    """Give an amount in whole cents, halves upwards; 0 where it is null.

    An amount above a trillion counts as one, so that sums stay whole numbers.
    """
    amount = nw.col(column).fill_null(0.0).clip(upper_bound=LARGEST)
    return (amount * 100 + 0.5).floor().cast(nw.Int64)


def is_one_of(column: str, names: Sequence[str]) -> nw.Expr:
    """Say whether a category is one of these, in any case; unknown is not."""
    return nw.col(column).fill_null("").str.to_lowercase().is_in([name.lower() for name in names])


def place_in(column: str, names: Sequence[str]) -> nw.Expr:
    """Number a category by its place among these, from 0 and in any case; 0 for any other.

    The places are put together bit by bit, which takes far fewer expressions than names.
    """
    place = ZERO
    for bit in range((len(names) - 1).bit_length()):
        with_bit = [name for number, name in enumerate(names) if number >> bit & 1]
        place = place + one_if(is_one_of(column, with_bit)) * (1 << bit)
    return place


def one_if(claim: nw.Expr) -> nw.Expr:
    """Give 1 where a claim holds, else 0."""
    return nw.when(claim).then(ONE).otherwise(ZERO)
