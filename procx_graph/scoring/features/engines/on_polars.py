"""Polars, the default: streaming, and nothing to install."""

from collections.abc import Sequence
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.scoring.features.engines.addresses import beside, in_text_order
from procx_graph.scoring.features.engines.bench import Bench, Frame, joined


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

    def join(self, customers: Frame, parts: Sequence[Frame], /) -> Frame:
        """Find customers by address where their ids are whole numbers, which is cheaper."""
        if not customers.collect_schema()["customer_id"].is_integer():
            return joined(customers, parts)
        plans = [frame.to_native() for frame in (customers, *parts)]
        everybody, *counted = pl.collect_all(plans, engine="streaming")
        everybody = in_text_order(everybody)
        together = beside(everybody, counted)
        if together is None:
            lazy = [nw.from_native(frame.lazy()) for frame in (everybody, *counted)]
            return joined(lazy[0], lazy[1:])
        return nw.from_native(together.lazy())

    def stream(self, frame: pl.LazyFrame, /) -> pl.LazyFrame:
        """Give the plan back."""
        return frame

    def close(self) -> None:
        """Nothing is held."""
