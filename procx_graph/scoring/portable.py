"""Expressions that give the same on every engine, to the bit.

Source: facts on the engine, section 3, whose rules each come from an engine that differed.
"""

from collections.abc import Sequence
from datetime import datetime

import narwhals.stable.v2 as nw

LARGEST = 1e12
"""The largest amount of money that is told from a larger one."""

ZERO, ONE = nw.lit(0, nw.Int64), nw.lit(1, nw.Int64)


def day_number(moment: datetime) -> int:
    """Number a day; consecutive days have consecutive numbers."""
    before = moment.year - 1
    return (
        moment.year * 365 + before // 4 - before // 100 + before // 400 + moment.timetuple().tm_yday
    )


def day(column: str) -> nw.Expr:
    """Number the day of a timestamp like `day_number`; 0 where it is null."""
    moment = nw.col(column)
    year = moment.dt.year().fill_null(1).cast(nw.Int64)
    before = year - 1
    number = year * 365 + before // 4 - before // 100 + before // 400
    number = number + moment.dt.ordinal_day().fill_null(0).cast(nw.Int64)
    return nw.when(moment.is_null()).then(ZERO).otherwise(number)


def cents(column: str) -> nw.Expr:
    """Give an amount in whole cents, halves upwards; 0 where it is null.

    An amount above a trillion counts as one, so that sums stay whole numbers.
    """
    amount = nw.col(column).fill_null(0.0).clip(upper_bound=LARGEST)
    return (amount * 100 + 0.5).floor().cast(nw.Int64)


def is_one_of(column: str, names: Sequence[str]) -> nw.Expr:
    """Say whether a category is one of these, in any case; unknown is not."""
    return nw.col(column).fill_null("").str.to_lowercase().is_in([name.lower() for name in names])


def one_if(claim: nw.Expr) -> nw.Expr:
    """Give 1 where a claim holds, else 0."""
    return nw.when(claim).then(ONE).otherwise(ZERO)
