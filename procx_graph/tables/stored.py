"""Parquet files that another engine may read itself, because their cells are the declared ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from procx_graph.schema import Kind, Table
from procx_graph.tables.convert import DTYPES
from procx_graph.tables.validate import Cleaned


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """Columns of Parquet files that are what is declared, or become it by a cast.

    Attributes:
        files: The files, in the order of their rows.
        dtypes: Polars type of each column as the files have it. A column that was asked for and
            is not in here is null everywhere. Whole numbers may stand for ids, amounts and flags
            (0, 1); timestamps may have a zone, and are to be read as UTC, or milliseconds.
    """

    files: tuple[Path, ...]
    dtypes: Mapping[str, pl.DataType]

    def is_exact(self, table: Table, columns: Sequence[str]) -> bool:
        """Tell whether all these columns are there with their declared types."""
        return all(self.dtypes.get(c) == DTYPES[table.column(c).kind] for c in columns)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a table lies.

    Attributes:
        files: Its Parquet files; empty when it comes from elsewhere.
        verbatim: Columns that have our names and values there.
    """

    files: tuple[Path, ...] = ()
    verbatim: frozenset[str] = frozenset()

    def parquet(
        self, table: Table, cleaned: Cleaned, columns: Sequence[str]
    ) -> ParquetTable | None:
        """Give these columns as the files have them; None when they are not what is declared."""
        there = [name for name in columns if name in cleaned.found]
        whole = self.files and cleaned.rows_kept == cleaned.rows
        if not whole or not self.verbatim.issuperset(there):
            return None
        for name in there:
            kind, dtype = table.column(name).kind, cleaned.found[name]
            cast = name in cleaned.sound and _castable(kind, dtype)
            if name not in cleaned.unchanged and not cast:
                return None
        return ParquetTable(self.files, {name: cleaned.found[name] for name in there})


def _castable(kind: Kind, dtype: pl.DataType) -> bool:
    """Tell whether a cast of sound cells gives the values, on every engine.

    Engines do not agree on what becomes of the nanoseconds of a timestamp.
    """
    if kind is Kind.TIMESTAMP:
        return isinstance(dtype, pl.Datetime) and dtype.time_unit in ("ms", "us")
    return dtype.is_integer() and kind not in (Kind.TEXT, Kind.CATEGORY)
