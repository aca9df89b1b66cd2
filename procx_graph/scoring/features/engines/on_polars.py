"""Polars, the default: streaming, and nothing to install."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from procx_graph.scoring.features.engines.bench import Bench


class PolarsBench(Bench):
    """Works on the plans of the base, and on Parquet where it lies.

    Filters reach down into a bare scan. They do not pass the numbering of rows in a base's plan.
    """

    def take(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        """Give the plan back."""
        return plan

    def read(self, files: Sequence[Path], /) -> pl.LazyFrame:
        """Scan Parquet files; nothing is read before it is asked for."""
        return pl.scan_parquet(list(files), hive_partitioning=False)

    def stream(self, frame: pl.LazyFrame, /) -> pl.LazyFrame:
        """Give the plan back."""
        return frame

    def close(self) -> None:
        """Nothing is held."""
