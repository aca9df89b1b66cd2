"""Tables from a database, by SQLAlchemy URL."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, MetaData, Table, create_engine, inspect, select, type_coerce
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from procx_graph.errors import DataError
from procx_graph.tables.source import RawTable, Source
from procx_graph.tables.values import as_series

CHUNK = 50_000
"""Rows fetched at a time."""


def sql_source(url: str, *, also: Iterable[str] = (), chunk: int = CHUNK) -> Source:
    """Look through a database; its tables and views are read when asked for.

    Args:
        url: SQLAlchemy URL, such as `postgresql+psycopg://user:secret@host/shop`.
        also: Further tables, written `schema.table` where they lie outside the default schema.
        chunk: Rows to fetch at a time.

    Raises:
        DataError: The URL is wrong, its driver is not installed, or the database does not
            answer. The message never holds the password.
    """
    engine = _engine(url)
    try:
        inspector = inspect(engine)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        places: dict[str, tuple[str | None, str]] = {name: (None, name) for name in names}
        for name in also:
            schema, dot, table = name.partition(".")
            if dot and name not in places and inspector.has_table(table, schema=schema):
                places[name] = (schema, table)
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot open {_shown(engine)}: {_reason(error)}") from error
    tables = {
        name: RawTable(partial(_read, engine, *place, chunk)) for name, place in places.items()
    }
    return Source(_name(engine.url), tables)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # the cause is left out: it repeats the URL, and with it the password
        raise DataError(
            "this is no database URL; write dialect+driver://user:password@host/database"
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    _require_file(parsed)
    try:
        return create_engine(parsed, poolclass=NullPool)
    except (NoSuchModuleError, ImportError) as error:
        raise DataError(f"no driver for {parsed.drivername}: install it ({error})") from error
    except (SQLAlchemyError, TypeError) as error:
        raise DataError(f"this URL does not suit {parsed.drivername}: {error}") from error


def _require_file(url: URL) -> None:
    """Refuse a SQLite file that is not there; opening it would create it."""
    path = url.database
    on_disk = url.get_backend_name() == "sqlite" and path and path != ":memory:"
    if on_disk and not str(path).startswith("file:") and not Path(str(path)).is_file():
        raise DataError(f"there is no database file {Path(str(path)).name}")


def _name(url: URL) -> str:
    return f"{url.get_backend_name()}:{Path(url.database or '').name}"


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _reason(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _read(engine: Engine, schema: str | None, name: str, chunk: int) -> pl.DataFrame:
    """Fetch a table as the driver gives it, so that no value is converted unseen."""
    try:
        with engine.connect() as connection:
            table = Table(name, MetaData(), schema=schema, autoload_with=connection)
            names = [column.name for column in table.columns]
            query = select(*(type_coerce(column, NullType()) for column in table.columns))
            rows = connection.execution_options(stream_results=True).execute(query)
            chunks = [_frame(names, part) for part in rows.partitions(chunk)]
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot read {name} of {_shown(engine)}: {_reason(error)}") from error
    if not chunks:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.concat(_alike(chunks), how="vertical_relaxed")


def _frame(names: list[str], rows: Sequence[Sequence[object]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True)
    return pl.DataFrame(
        [as_series(name, values) for name, values in zip(names, columns, strict=True)]
    )


def _alike(chunks: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Give all chunks the same types; where they differ, the values become text."""
    mixed = [
        name
        for name in chunks[0].columns
        if len({chunk.schema[name] for chunk in chunks} - {pl.Null()}) > 1
    ]
    return [chunk.with_columns(pl.col(mixed).cast(pl.String)) for chunk in chunks]
