"""Looking a store over: what it holds, how old its tables are, and whether it is damaged."""

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy import table as named
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.domain.model import Noun
from procx_graph.errors import StoreError
from procx_graph.store.address import name_of, read_address, reason, require_file
from procx_graph.store.live import held
from procx_graph.store.migrate import revision
from procx_graph.store.schema import HEAD, VERSIONS, live_tables, metadata
from procx_graph.tables.lookup.connections import reading_engine

LISTED = 20
"""Damages that are told at most."""
MALFORMED = "malformed"
"""What SQLite calls a file that it cannot find its way in."""


class Glance(Noun):
    """What can be said of a store at once, however large it is."""

    store: str
    kind: str
    """`sqlite` or `postgresql`."""
    revision: str | None
    """Of its tables; `None` when there are none of ours, or they cannot be read."""
    head: str = HEAD
    """The revision that this version works with."""

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        return self.revision == self.head


class Checkup(Glance):
    """What a store is like, after all of it was read."""

    rows: dict[str, int]
    """Rows of every table of ours that is there."""
    held: tuple[str, ...]
    """Customer tables that were loaded or that an event has written."""
    damages: tuple[str, ...]
    """What the database says is broken; PostgreSQL is not asked."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is broken."""
        return not self.damages


def glance(place: str | Path) -> Glance:
    """Reach a store and see which tables it has; nothing is counted and nothing changed.

    Raises:
        StoreError: It is not there, is no database, is malformed, or does not answer.
        DataError: The driver of PostgreSQL is not installed.
    """
    url = read_address(place)
    require_file(url)
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            found = revision(connection)
        return Glance(store=name_of(url), kind=url.get_backend_name(), revision=found)
    except SQLAlchemyError as error:
        raise StoreError(f"cannot read the store {name_of(url)}: {reason(error, url)}") from error
    finally:
        engine.dispose()


def look_over(place: str | Path) -> Checkup:
    """Look a store over, and change nothing.

    Raises:
        StoreError: It is not there, is no database, or does not answer.
        DataError: The driver of PostgreSQL is not installed.
    """
    url = read_address(place)
    require_file(url)
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            damages = _damages(connection) if engine.dialect.name == "sqlite" else ()
            return _damaged(url, damages) if damages else _described(url, connection)
    except SQLAlchemyError as error:
        why = reason(error, url)
        if MALFORMED in why:
            return _damaged(url, (why,))
        raise StoreError(f"cannot read the store {name_of(url)}: {why}") from error
    finally:
        engine.dispose()


def _described(url: URL, connection: Connection) -> Checkup:
    there = set(inspect(connection).get_table_names())
    return Checkup(
        store=name_of(url),
        kind=url.get_backend_name(),
        revision=revision(connection),
        rows={table: _rows(connection, table) for table in _ours(there)},
        held=held(connection) if live_tables.name in there else (),
        damages=(),
    )


def _damaged(url: URL, damages: tuple[str, ...]) -> Checkup:
    """Describe a store of which only that is known."""
    kind = url.get_backend_name()
    return Checkup(store=name_of(url), kind=kind, revision=None, rows={}, held=(), damages=damages)


def _ours(there: set[str]) -> list[str]:
    """Give our tables among those that are there; none where another owner's have our names."""
    return [name for name in metadata.tables if name in there] if VERSIONS in there else []


def _rows(connection: Connection, name: str) -> int:
    return int(connection.scalar(select(func.count()).select_from(named(name))) or 0)


def _damages(connection: Connection) -> tuple[str, ...]:
    """Ask SQLite to read all of its file."""
    told = connection.scalars(text(f"PRAGMA integrity_check({LISTED})")).all()
    return tuple(line for line in told if line != "ok")
