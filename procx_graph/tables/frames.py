"""Tables from frames already in memory."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import polars as pl

from procx_graph.errors import DataError
from procx_graph.tables.source import Frame, RawTable, Source
from procx_graph.tables.values import as_series


def frames_source(
    tables: Mapping[str, pd.DataFrame | pl.DataFrame | pl.LazyFrame], *, name: str = "frames"
) -> Source:
    """Take pandas or Polars frames as tables; a lazy one is scanned, not loaded."""
    return Source(name, {t: RawTable(partial(_polars, t, frame)) for t, frame in tables.items()})


def _polars(table: str, frame: pd.DataFrame | pl.DataFrame | pl.LazyFrame) -> Frame:
    if isinstance(frame, pl.DataFrame | pl.LazyFrame):
        return frame
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"{table} is a {type(frame).__name__}; give a pandas or Polars frame")
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError(f"{table} has two columns of the same name: {', '.join(names)}")
    return pl.DataFrame([_series(name, frame.iloc[:, place]) for place, name in enumerate(names)])


def _series(name: str, values: "pd.Series[Any]") -> pl.Series:
    if values.dtype == object:
        filled = values.astype(object).where(values.notna(), None)
        return as_series(name, filled.tolist())
    try:
        return pl.from_pandas(values.reset_index(drop=True)).alias(name)
    except (TypeError, ValueError, NotImplementedError, pl.exceptions.PolarsError) as error:
        raise DataError(f"column {name} holds {values.dtype}, which cannot be read") from error
