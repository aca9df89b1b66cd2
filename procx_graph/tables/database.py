"""Reaching a database: its URL, its engine, and the tables that are in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, String, Table, column, create_engine, inspect, select
from sqlalchemy import table as named
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from procx_graph.errors import DataError

Place = tuple[str | None, str]
"""Schema, None for the default one, and name of a table or view."""

VERSIONS = "procx_schema"
"""Table that holds the revision of a store; a database can have another Alembic in it."""
HELD = "live_tables"
"""Table of a store that names the customer tables it holds."""
OWN = "procx_"
"""How columns begin that are the store's own, whatever the table; they are never read."""

_EARLY = {VERSIONS, "scorings", "scores", "cohorts"}
"""All tables of a store from before it held customers."""
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Found:
    """Tables and views of a database by name.

    Attributes:
        places: Where they are.
        is_store: They are the customer tables of a store, in our words.
    """

    places: dict[str, Place]
    is_store: bool = False


def sqlite_url(path: Path) -> URL | None:
    """Give the URL of a file that is a SQLite database, whatever it is called; None for others.

    Raises:
        DataError: The file may not be read.
    """
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            begins = opened.read(len(_MAGIC))
    except OSError as error:
        raise DataError(f"cannot read {path.name}: {error.strerror}") from error
    return URL.create("sqlite", database=str(path)) if begins == _MAGIC else None


def parse_url(url: str | URL) -> URL:
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


def find_tables(engine: Engine, also: Iterable[str] = ()) -> Found:
    """Find the tables and views by name; of a store, the customer tables that it holds.

    Args:
        engine: The database.
        also: Further ones, written `schema.table` where they lie outside the default schema.

    Raises:
        DataError: The database does not answer, or is a store without customers.
    """
    try:
        inspector = inspect(engine)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        if VERSIONS in names and (HELD in names or _EARLY.issuperset(names)):
            return Found(_held(engine, HELD in names), is_store=True)
        places: dict[str, Place] = {name: (None, name) for name in names}
        for name in also:
            schema, dot, table = name.partition(".")
            if dot and name not in places and inspector.has_table(table, schema=schema):
                places[name] = (schema, table)
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot open {shown(engine.url)}: {reason(error)}") from error
    return Found(places)


def _held(engine: Engine, is_listed: bool) -> dict[str, Place]:
    names: Sequence[str] = ()
    if is_listed:
        listed = named(HELD, column("name", String))
        with engine.connect() as connection:
            names = connection.scalars(select(listed.c.name).order_by(listed.c.name)).all()
    if "customers" not in names:
        raise DataError(
            f"the store {source_name(engine.url)} holds no customers yet: fill it with "
            "`procx load SOURCE --store PLACE`"
        )
    return {name: (None, name) for name in names}


def describe(engine: Engine, place: Place) -> Table:
    """Describe a table or view, without the columns that are a store's own."""
    schema, name = place
    columns = [found["name"] for found in inspect(engine).get_columns(name, schema)]
    read = [column for column in columns if not column.startswith(OWN)]
    return Table(name, MetaData(), schema=schema, autoload_with=engine, include_columns=read)


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
