"""Purchase histories collapsed to cells with counts, which is all that a fit reads.

Equal histories are one cell. Where that leaves too many, counts and times are put on a grid, just
coarse enough, and a cell stands for the mean of its members. Every grid refines the coarser ones
and whole days add up exactly, so that the cells depend neither on the order of the customers nor
on the slices in which they came.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.scoring.silence.mbg import Histories, Vector

FINEST = 7
"""The finest level of the grid; it tells whole numbers below 255 apart."""
SLICE = 1_000_000
"""Customers collapsed at a time, which bounds the memory."""
MANTISSA = 52
"""Binary digits of a float after the leading one; its exponent stands above them."""
MOST_DIGITS = 14
"""Digits of a number that the grid keeps at most, so that three numbers fit into one key."""
FIELD = 21
"""Bits of a number in the key: its digits and an exponent below 128."""
TIMES = ("x", "t", "T")


@dataclass(frozen=True, eq=False)
class Cells:
    """Histories with the number of customers that each stands for, sorted."""

    histories: Histories
    """Means of the members."""
    counts: Vector
    """Customers in each cell, at least 1."""

    def __len__(self) -> int:
        return len(self.counts)


def collapse(histories: Histories, limit: int, *, at_a_time: int = SLICE) -> Cells:
    """Put equal histories together, and then similar ones until there are few enough.

    Args:
        histories: Of everyone who bought.
        limit: Most cells; more only where the coarsest grid has more.
        at_a_time: Customers collapsed at a time; it changes the memory and not the cells.
    """
    level: int | None = None
    whole = _equal(histories.part(0, at_a_time))
    for start in range(0, max(len(histories), 1), at_a_time):
        if start:
            part = _equal(histories.part(start, start + at_a_time))
            whole = _similar(pl.concat([whole, part]), level)
        while len(whole) > limit and level != 0:
            level = FINEST if level is None else level - 1
            whole = _similar(whole, level)
    return _cells(whole)


def coarsen(cells: Cells, level: int) -> Cells:
    """Put the cells together that share a cell of a grid; level 0 is the coarsest."""
    columns = {name: getattr(cells.histories, name) * cells.counts for name in TIMES}
    return _cells(_similar(pl.DataFrame({**columns, "count": cells.counts}), level))


def _cells(sums: pl.DataFrame) -> Cells:
    means = sums.with_columns(pl.col(TIMES) / pl.col("count")).sort(TIMES)
    return Cells(Histories(*(means[name].to_numpy() for name in TIMES)), means["count"].to_numpy())


def _equal(histories: Histories) -> pl.DataFrame:
    """Count equal histories, and give what adds up when cells are put together."""
    rows = pl.DataFrame({name: getattr(histories, name) for name in TIMES})
    found = rows.group_by(TIMES).agg(pl.len().cast(pl.Float64).alias("count"))
    return found.with_columns(pl.col(TIMES) * pl.col("count"))


def _similar(sums: pl.DataFrame, level: int | None) -> pl.DataFrame:
    """Add up the rows that share a cell of the grid; without a level, equal ones."""
    count = sums["count"].to_numpy()
    means = [sums[name].to_numpy() / count for name in TIMES]
    names = [f"key_{name}" for name in TIMES]
    keys = means if level is None else [_keys(means[0], means[1], means[2], level)]
    named = sums.with_columns(*map(pl.Series, names, keys))
    return named.group_by(names[: len(keys)]).sum().select(sums.columns)


def _keys(x: Vector, t: Vector, age: Vector, level: int) -> NDArray[np.int64]:
    """Number the cell of each history by the leading binary digits of its numbers, each plus 1.

    A cell keeps `level` digits after the first one, and one more for every fourfold of the
    purchase days: the more there are, the sharper the likelihood tells times.
    """
    bits = [(number + 1.0).view(np.int64) - (1023 << MANTISSA) for number in (x, t, age)]
    digits = np.minimum(level + (bits[0] >> MANTISSA) // 2, MOST_DIGITS)
    key = np.zeros(len(x), np.int64)
    for number in bits:
        key = (key << FIELD) | (number >> (MANTISSA - digits))
    return key
