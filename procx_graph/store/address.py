"""Where a store is: a SQLite file or a PostgreSQL URL, as an engine that is ready to use."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from procx_graph.errors import ConfigError, StoreError

WAIT = 120
"""Seconds that a SQLite writer waits for another one; a million scores take a fraction of it."""
CACHE = 64 * 2**10
"""KiB of pages that a SQLite connection keeps at most, so that indexes grow in memory."""
WAL_KEPT = 64 * 2**20
"""Bytes of write-ahead log that a SQLite store keeps for the next transaction."""


def read_address(place: str | Path) -> URL:
    """Read the path of a SQLite file, or the URL of a SQLite or PostgreSQL database.

    Raises:
        StoreError: It is neither, or its folder is not there. The message holds no password.
    """
    if isinstance(place, str) and "://" in place:
        url = _read_url(place)
    elif isinstance(place, str | Path) and str(place).strip():
        url = URL.create("sqlite", database=str(place))
    else:
        raise StoreError("a store is the path of a file or a database URL, and this is neither")
    if url.get_backend_name() == "sqlite":
        _require_place(url.database)
        return url.set(drivername="sqlite")
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise StoreError(
        f"a store is SQLite or PostgreSQL, not {url.get_backend_name()}: give a file such as "
        "procx.db, or postgresql+psycopg://user:password@host/database"
    )


def _read_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # the cause is left out: it repeats the URL, and with it the password
        raise StoreError(
            "this is no database URL; write postgresql+psycopg://user:password@host/database"
        ) from None
    return url.set(drivername="postgresql") if url.drivername == "postgres" else url


def _require_place(database: str | None) -> None:
    """Refuse what could not become a file that lasts."""
    if not database or database.startswith((":memory:", "file:")):
        raise StoreError("a store must last: give the path of a SQLite file, such as procx.db")
    path = Path(database)
    if path.is_dir():
        raise StoreError(f"{path.name or path} is a folder; give a file in it, such as procx.db")
    if not path.absolute().parent.is_dir():
        raise StoreError(f"there is no folder {path.parent} for the store {path.name}; make it")


def require_file(url: URL) -> None:
    """Refuse a SQLite file that is not there yet.

    Raises:
        StoreError: It is not.
    """
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise StoreError(
            f"there is no store {Path(str(url.database)).name}: fill it with "
            "`procx load SOURCE --store PLACE`, or record scores in it with "
            "`procx score --store PLACE`"
        )


def name_of(url: URL) -> str:
    """Give what a store is called in messages: no folder, user or password."""
    return f"{url.get_backend_name()}:{Path(url.database or '').name}"


def reason(error: Exception, url: URL) -> str:
    """Give the first line of what a driver says, without the password should it repeat it."""
    text = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    line = text.splitlines()[0]
    return line.replace(str(url.password), "***") if url.password else line


def connect(url: URL) -> Engine:
    """Make the engine; nothing is opened yet.

    Raises:
        ConfigError: The driver is not installed.
        StoreError: The URL does not suit the driver.
    """
    sqlite = url.get_backend_name() == "sqlite"
    connection = {"connect_args": {"timeout": WAIT}} if sqlite else {"pool_pre_ping": True}
    # an error is logged, and what a customer wrote is not
    options = {"hide_parameters": True, **connection}
    try:
        engine = create_engine(url, **options)
    except ImportError as error:
        raise ConfigError(
            'a store in PostgreSQL needs a driver: pip install "procx_graph[postgres]"'
        ) from error
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise StoreError(f"cannot open {name_of(url)}: {reason(error, url)}") from error
    if sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Let readers and a writer share the file, and leave transactions to `begin_*`."""
    del entry
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        f"journal_size_limit = {WAL_KEPT}",
        f"cache_size = -{CACHE}",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_reading(connection: Connection) -> None:
    """Begin a transaction that sees one state of a SQLite file; elsewhere it begins by itself."""
    if connection.dialect.name == "sqlite":
        _driver(connection).execute("BEGIN")


def begin_writing(connection: Connection, *, durable: bool, wait: float | None) -> None:
    """Begin a transaction that will write, once others that write have ended.

    SQLite takes the write lock at once: a reader that turns writer fails instead of waiting.
    synchronous = NORMAL may lose the last commits when the power fails, never the file: a scoring
    or a load that is lost is made again. What was promised to somebody else is FULL.

    Args:
        connection: In no transaction of the database yet.
        durable: Whether commits must outlive a loss of power.
        wait: Seconds to wait for others at most; `WAIT` in SQLite, and for ever elsewhere, when
            not given.
    """
    if connection.dialect.name == "sqlite":
        driver = _driver(connection)
        # of the connection, which somebody else used before
        driver.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}").close()
        driver.execute(f"PRAGMA busy_timeout = {(wait or WAIT) * 1000:.0f}").close()
        driver.execute("BEGIN IMMEDIATE")
    elif wait is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait * 1000:.0f}")


def _driver(connection: Connection) -> sqlite3.Connection:
    """Give the driver's own connection: its events at every statement would cost a lot."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
