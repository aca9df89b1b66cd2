"""Opening whatever a source is, by what its name looks like; no table is read yet."""

from collections.abc import Iterable
from pathlib import Path

from procx_graph.errors import DataError
from procx_graph.tables.database import sqlite_url
from procx_graph.tables.files import folder_source
from procx_graph.tables.source import Source
from procx_graph.tables.sql import sql_source
from procx_graph.tables.workbook import workbook_source

WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def open_source(place: str | Path, *, also: Iterable[str] = ()) -> Source:
    """Open a workbook, a folder, a SQLite file or a database URL, whichever `place` is.

    Args:
        place: Where the tables are.
        also: Further tables of a database, written `schema.table`.

    Raises:
        DataError: There is no such thing, or it cannot be read.
    """
    if not isinstance(place, str | Path):
        raise DataError(f"a source is a path or a URL, not {type(place).__name__}")
    if "://" in str(place):
        return sql_source(str(place), also=also)
    path = Path(place)
    if path.suffix.lower() in WORKBOOKS:
        return workbook_source(path)
    database = sqlite_url(path)
    if database is not None:
        return sql_source(database, also=also)
    if path.exists():
        return folder_source(path)
    raise DataError(
        f"there is no {place}; give a workbook (.xlsx), a folder of CSV or Parquet, "
        f"a SQLite file, or a database URL"
    )
