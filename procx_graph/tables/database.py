"""Reaching a database: its URL, its engine, and the tables that are in it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from procx_graph.errors import DataError

Place = tuple[str | None, str]
"""Schema, None for the default one, and name of a table or view."""


def parse_url(url: str) -> URL:
    """Read a SQLAlchemy URL; `postgres://` means psycopg.

    Raises:
        DataError: It is none, or the SQLite file that it names is not there.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # the cause is left out: it repeats the URL, and with it the password
        raise DataError(
            "this is no database URL; write dialect+driver://user:password@host/database"
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    file = sqlite_file(parsed)
    if file is not None and not file.is_file():
        raise DataError(f"there is no database file {file.name}")
    return parsed


def sqlite_file(url: URL) -> Path | None:
    """Give the file of a SQLite URL; None for other databases, memory and `file:` addresses."""
    path = url.database
    if url.get_backend_name() != "sqlite" or not path or path.startswith((":memory:", "file:")):
        return None
    return Path(path)


def engine_of(url: URL, **options: Any) -> Engine:
    """Give an engine that keeps no connection, unless `options` name another pool.

    Raises:
        DataError: The driver is not installed, or the URL does not suit it.
    """
    try:
        return create_engine(url, **({"poolclass": NullPool} | options))
    except (NoSuchModuleError, ImportError) as error:
        raise DataError(f"no driver for {url.drivername}: install it ({error})") from error
    except (SQLAlchemyError, TypeError) as error:
        raise DataError(f"this URL does not suit {url.drivername}: {error}") from error


def find_tables(engine: Engine, also: Iterable[str] = ()) -> dict[str, Place]:
    """Find the tables and views by name.

    Args:
        engine: The database.
        also: Further ones, written `schema.table` where they lie outside the default schema.

    Raises:
        DataError: The database does not answer.
    """
    try:
        inspector = inspect(engine)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        places: dict[str, Place] = {name: (None, name) for name in names}
        for name in also:
            schema, dot, table = name.partition(".")
            if dot and name not in places and inspector.has_table(table, schema=schema):
                places[name] = (schema, table)
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot open {shown(engine.url)}: {reason(error)}") from error
    return places


def source_name(url: URL) -> str:
    """Give what to call the database, without host or credentials."""
    return f"{url.get_backend_name()}:{Path(url.database or '').name}"


def shown(url: URL) -> str:
    """Give the URL without its password, and without options, which may hold another."""
    return url.set(query={}).render_as_string(hide_password=True)


def reason(error: Exception) -> str:
    """Give the first line of what a driver says."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
