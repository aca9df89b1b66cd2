"""A source of tables as every reader hands it over: their names, unread or raw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

Frame = pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table not read yet.

    Attributes:
        read: Reads it; may raise `DataError`.
        first_row: Number of its first data row, as the user counts: 2 where the header is row 1.
        files: The Parquet files that it is, in order; empty when it is none.
    """

    read: Callable[[], Frame]
    first_row: int = 1
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Tables under their own names.

    Attributes:
        name: What to call the source, without folders or credentials.
        tables: The tables by their names in the source.
        is_store: They are in our words already, so that nothing is left to translate.
    """

    name: str
    tables: Mapping[str, RawTable]
    is_store: bool = False
