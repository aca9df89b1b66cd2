"""Tables of a base as narwhals frames of one of the three engines."""

from typing import Any, Literal

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.errors import ConfigError

Engine = Literal["polars", "duckdb", "pandas"]
ENGINES: tuple[Engine, ...] = ("polars", "duckdb", "pandas")


class Workshop:
    """Takes polars frames to an engine, and results back.

    Raises:
        ConfigError: The engine is unknown, or its library is not installed.
    """

    def __init__(self, engine: Engine) -> None:
        if engine not in ENGINES:
            raise ConfigError(f"no engine {engine!r}; known are {', '.join(ENGINES)}")
        self.engine = engine
        self._duckdb = _connect() if engine == "duckdb" else None

    def take(self, frame: pl.LazyFrame) -> nw.LazyFrame[Any]:
        """Give a polars frame as a lazy frame of the engine."""
        if self.engine == "polars":
            return nw.from_native(frame)
        table = frame.collect(engine="streaming").to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._duckdb is not None:
            relation: nw.LazyFrame[Any] = nw.from_native(self._duckdb.from_arrow(table))
            return relation
        import pandas as pd

        rows: nw.DataFrame[Any] = nw.from_native(table.to_pandas(types_mapper=pd.ArrowDtype))
        return rows.lazy()

    def give_back(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a frame of the engine and give it as polars."""
        if self.engine == "polars":
            plan: pl.LazyFrame = frame.to_native()
            return plan.collect(engine="streaming")
        if self.engine == "duckdb":
            return frame.collect("polars").to_native()  # type: ignore[no-any-return]
        return frame.collect().to_polars()


def _connect() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise ConfigError(
            'engine "duckdb" needs the duckdb extra: pip install "procx_graph[duckdb]"'
        ) from error
    return duckdb.connect()
