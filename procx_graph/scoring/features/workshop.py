"""Takes the tables of a base to an engine, and results back."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal, Self

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.errors import ConfigError
from procx_graph.schema import TABLES
from procx_graph.scoring.features.declared import as_declared
from procx_graph.scoring.features.engines import (
    Bench,
    DuckDBBench,
    PandasBench,
    PolarsBench,
    SparkBench,
)
from procx_graph.tables.moment import as_seen, needed

Engine = Literal["polars", "duckdb", "pandas", "spark"]
ENGINES: tuple[Engine, ...] = ("polars", "duckdb", "pandas", "spark")

_BENCHES: dict[str, type[Bench]] = {
    "polars": PolarsBench,
    "duckdb": DuckDBBench,
    "pandas": PandasBench,
    "spark": SparkBench,
}


class Workshop:
    """An engine at work; leaving it gives back what the engine holds.

    Args:
        engine: Name of the engine, or one that was set up otherwise.

    Raises:
        ConfigError: The engine is unknown, or what it needs is not installed.
    """

    def __init__(self, engine: Engine | Bench) -> None:
        if isinstance(engine, Bench):
            self._bench = engine
            return
        if engine not in ENGINES:
            raise ConfigError(f"no engine {engine!r}; known are {', '.join(ENGINES)}")
        self._bench = _BENCHES[engine]()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bench.close()

    def take(self, plan: pl.LazyFrame) -> nw.LazyFrame[Any]:
        """Give a polars frame as a lazy frame of the engine."""
        return _lazy(self._bench.take(plan))

    def take_table(
        self,
        base: CustomerBase,
        name: str,
        columns: Sequence[str],
        *,
        only: Sequence[nw.Expr] = (),
    ) -> nw.LazyFrame[Any]:
        """Give columns of a table as known at the base's moment; ids are whole numbers if they can.

        Parquet that is what is declared is read by the engine where it lies. The customers are
        not, because only the base knows who is there; rows of others join nobody.

        Args:
            base: Has the table.
            name: The table.
            columns: What is read of it.
            only: Rows that are of interest; an engine that reads the files may give others too.
        """
        table = TABLES[name]
        wanted = needed(table, columns)
        stored = base.parquet_table(name, wanted) if name != "customers" else None
        lies = self._bench.read(stored.files) if stored and base.shows_everyone else None
        if lies is None:
            rows = _lazy(base.table(name, compact=True))
            return self.take((rows.filter(*only) if only else rows).select(columns).to_native())
        there = as_declared(table, _lazy(lies), wanted, integer_ids=base.integer_ids)
        return as_seen(table, there, base.as_of, is_current=base.is_current, columns=columns)

    def join(
        self, customers: nw.LazyFrame[Any], parts: Sequence[nw.LazyFrame[Any]]
    ) -> nw.LazyFrame[Any]:
        """Put what was counted beside the customers, by the way the engine is fastest."""
        return self._bench.join(customers, parts)

    def give_back(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a frame of the engine and give it as polars."""
        return self._bench.collect(frame)

    def stream_back(self, frame: nw.LazyFrame[Any]) -> pl.LazyFrame:
        """Give a frame of the engine to be read piece by piece, while the workshop is open."""
        streamed = self._bench.stream(frame.to_native())
        return self.give_back(frame).lazy() if streamed is None else streamed


def _lazy(native: Any) -> nw.LazyFrame[Any]:
    frame: nw.LazyFrame[Any] = nw.from_native(native).lazy()
    return frame
