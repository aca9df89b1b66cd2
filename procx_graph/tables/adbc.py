"""Tables fetched as Arrow by ADBC, where its driver is installed and gives the same values."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

import polars as pl
import pyarrow as pa
from sqlalchemy import (
    Column,
    Dialect,
    Table,
    cast,
    func,
    literal,
    or_,
    select,
    types,
)
from sqlalchemy.dialects import registry
from sqlalchemy.engine import URL
from sqlalchemy.sql.elements import ColumnElement

from procx_graph.tables.database import sqlite_file

log = logging.getLogger(__name__)

BATCH = "adbc.sqlite.query.batch_rows"
ALL_ROWS = 2**30
SOME_ROWS = 100_000
LARGE = 2**31
"""Bytes of a SQLite file from which on a column of text may be too long for one batch."""

# named parameters, so that a percent sign in a name is not doubled
_POSTGRESQL: Dialect = registry.load("postgresql")(paramstyle="named")
_SQLITE: Dialect = registry.load("sqlite")(paramstyle="named")

_SAME = (
    types.Boolean,
    types.Integer,
    types.Double,
    types.Date,
    types.DateTime,
    types.String,
)
"""PostgreSQL types that both drivers give alike."""
_ARROW: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_boolean,
    pa.types.is_int16,
    pa.types.is_int32,
    pa.types.is_int64,
    pa.types.is_float64,
    pa.types.is_string,
    pa.types.is_date32,
    pa.types.is_timestamp,
)


def fetch(url: URL, table: Table) -> pl.DataFrame | None:
    """Fetch a table; None where the caller must go through SQLAlchemy.

    That is so where the driver is not installed, the URL is none of its own, or a column may come
    out otherwise than SQLAlchemy gives it: types that only psycopg knows, SQLite columns that mix
    types, bytes. Whatever the driver refuses is asked again there too, which tells the error.

    Args:
        url: The database, with its password.
        table: The table or view, described.
    """
    try:
        from adbc_driver_manager import dbapi
    except ImportError:
        return None
    how = {"sqlite": _sqlite, "postgresql": _postgresql}.get(url.get_backend_name())
    try:
        found = how(url, table) if how else None
    except (dbapi.Error, pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as e:
        log.debug("not read by ADBC", extra={"table": table.name, "error": type(e).__name__})
        return None
    if found is None or not all(any(is_one(f.type) for is_one in _ARROW) for f in found.schema):
        return None
    frame = pl.from_arrow(found)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _postgresql(url: URL, table: Table) -> pa.Table | None:
    if url.get_driver_name() not in ("psycopg", "psycopg2"):
        return None
    columns = [chosen for c in table.columns if (chosen := _in_postgresql(c)) is not None]
    if len(columns) < len(table.columns):
        return None
    try:
        from adbc_driver_postgresql.dbapi import connect
    except ImportError:
        return None
    text = _written(columns, _POSTGRESQL)
    with closing(connect(_conninfo(url))) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(text)
        return _valid(cursor.fetch_arrow_table())


def _conninfo(url: URL) -> str:
    """Write what psycopg is given in libpq's own words, which hold any password."""
    given = url.translate_connect_args(username="user", database="dbname") | url.query
    texts = {key: ",".join(v) if isinstance(v, tuple) else str(v) for key, v in given.items()}
    escaped = {key: re.sub(r"(['\\])", r"\\\1", text) for key, text in texts.items()}
    return " ".join(f"{key}='{text}'" for key, text in escaped.items())


def _in_postgresql(column: Column[Any]) -> ColumnElement[Any] | None:
    """Select a column so that it arrives as psycopg gives it; None where that is not known."""
    kind = column.type
    if isinstance(kind, types.Enum | types.Uuid):
        return cast(column, types.Text).label(column.name)
    if isinstance(kind, types.Double):
        return column
    if isinstance(kind, types.Float):
        # by way of its shortest text, which is what psycopg reads
        return cast(cast(column, types.Text), types.Double).label(column.name)
    if isinstance(kind, types.Numeric):
        return cast(column, types.Double).label(column.name)
    return column if isinstance(kind, _SAME) else None


def _sqlite(url: URL, table: Table) -> pa.Table | None:
    file = sqlite_file(url)
    if file is None or url.get_driver_name() != "pysqlite" or url.query:
        return None
    try:
        from adbc_driver_sqlite.dbapi import connect
    except ImportError:
        return None
    text = _written(table.columns, _SQLITE)
    address = f"file:{quote(str(file.resolve()))}?mode=ro"
    with closing(connect(address)) as connection, closing(connection.cursor()) as cursor:
        # one batch, because the types of the first are expected of the others
        rows = ALL_ROWS if file.stat().st_size < LARGE else SOME_ROWS
        cursor.adbc_statement.set_options(**{BATCH: str(rows)})
        cursor.execute(text)
        found = _valid(cursor.fetch_arrow_table())
        doubtful = [
            column
            for column in table.columns
            if pa.types.is_string(found.schema.field(column.name).type)
            and not isinstance(column.type, types.String)
        ]
        return None if _holds_numbers(cursor, table, doubtful) else found


def _holds_numbers(cursor: Any, table: Table, columns: Sequence[Column[Any]]) -> bool:
    """Tell whether columns of text also hold what ADBC has made text in its own way."""
    if not columns:
        return False
    odd = [func.typeof(column).not_in(("text", "null")) for column in columns]
    query = select(literal(1)).select_from(table).where(or_(*odd)).limit(1)
    cursor.execute(str(query.compile(dialect=_SQLITE, compile_kwargs={"literal_binds": True})))
    return bool(cursor.fetchall())


def _written(columns: Iterable[ColumnElement[Any]], dialect: Dialect) -> str:
    return str(select(*columns).compile(dialect=dialect))


def _valid(found: pa.Table) -> pa.Table:
    """Make sure that all text is UTF-8, which a database need not.

    Raises:
        pa.ArrowInvalid: It is not.
    """
    found.validate(full=True)
    return found
