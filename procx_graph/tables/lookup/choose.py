"""Which lookup suits a source."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from procx_graph.errors import DataError
from procx_graph.tables.database import sqlite_url
from procx_graph.tables.files import folder_source
from procx_graph.tables.load import Loaded, load
from procx_graph.tables.lookup.base import BaseLookup, Opened
from procx_graph.tables.lookup.parquet import ParquetLookup
from procx_graph.tables.lookup.protocol import Lookup
from procx_graph.tables.lookup.sql import SqlLookup
from procx_graph.tables.mapping import TableMapping, as_mapping
from procx_graph.tables.source import Source
from procx_graph.tables.workbook import workbook_source

Mapped = TableMapping | str | Path | Mapping[str, object]


def open_lookup(source: str | Path | Opened, mapping: Mapped | None = None) -> Lookup:
    """Give what looks customers up in a source.

    A database and a folder of Parquet are read where they lie; a workbook and a folder with CSV
    are read once and kept.

    Args:
        source: A database URL, a SQLite file, a folder, a workbook, or a base that is open already.
        mapping: How names and values translate; a base has been translated.

    Raises:
        DataError: The source cannot be read, or has no customers.
        ConfigError: The mapping is wrong.
    """
    if not isinstance(source, str | Path):
        if not hasattr(source, "table"):
            what = type(source).__name__
            raise DataError(f"a source is a path, a URL or an opened base, not a {what}")
        return BaseLookup(source)
    names = as_mapping(mapping)
    if "://" in str(source):
        return SqlLookup(str(source), names)
    path = Path(source)
    database = sqlite_url(path)
    if database is not None:
        return SqlLookup(database, names)
    if not path.exists():
        raise DataError(
            f"there is no {source}; give a workbook (.xlsx), a folder of CSV or Parquet, "
            f"a SQLite file, or a database URL"
        )
    if path.is_file():
        return _kept(workbook_source(path), names)
    if path.is_dir() and any(file.suffix.lower() == ".csv" for file in path.iterdir()):
        return _kept(folder_source(path), names)
    return ParquetLookup(path, names)


class _Tables:
    """Loaded tables, whatever their date."""

    def __init__(self, loaded: Loaded) -> None:
        self._tables = loaded.tables

    def has(self, name: str) -> bool:
        return name in self._tables

    def table(self, name: str) -> pl.LazyFrame:
        return self._tables[name]


def _kept(source: Source, mapping: TableMapping) -> Lookup:
    return BaseLookup(_Tables(load(source, mapping)))
