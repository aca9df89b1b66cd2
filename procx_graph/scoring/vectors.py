"""Columns as vectors of numbers."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def vectors(frame: pl.DataFrame, *names: str) -> list[Vector]:
    """Give columns as contiguous vectors, NaN where they are null."""
    numbers = frame.select(pl.col(name).cast(pl.Float64).fill_null(np.nan) for name in names)
    return [numbers[name].to_numpy() for name in names]
