"""The rows of a few customers from a database, by its indexes."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import polars as pl
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.errors import DataError
from procx_graph.schema import TABLES
from procx_graph.tables.database import (
    Place,
    find_tables,
    parse_url,
    reason,
    shown,
    source_name,
)
from procx_graph.tables.load import choose
from procx_graph.tables.lookup.connections import reading_engine
from procx_graph.tables.lookup.gather import gather
from procx_graph.tables.lookup.recipe import Recipe
from procx_graph.tables.lookup.statement import Relation, Statement, relation
from procx_graph.tables.mapping import TableMapping, as_mapping
from procx_graph.tables.source import RawTable, Source

log = logging.getLogger(__name__)

Prepared = tuple[Recipe, Statement | None]
"""How rows are cleaned and asked for; nothing to ask where the source lacks the column."""


class SqlLookup:
    """Looks customers up by SELECTs on the column that names them.

    Safe to use from several threads: each call has a connection of its own, which is kept for
    the next, and sees one state of the database. Tables are described once, when first asked
    for. A table without an index on that column is read whole at every call; a warning says so.

    Args:
        url: SQLAlchemy URL of the database. SQLite is opened for reading only.
        mapping: How names and values translate.

    Raises:
        DataError: The database cannot be read, or has no customers.
        ConfigError: The mapping is wrong.
    """

    def __init__(
        self,
        url: str | URL,
        mapping: TableMapping | str | Path | Mapping[str, object] | None = None,
    ) -> None:
        self._mapping = as_mapping(mapping)
        self._engine = reading_engine(parse_url(url))
        with ExitStack() as failed:
            failed.callback(self.close)
            self._places = self._found()
            failed.pop_all()
        self._relations: dict[str, Relation] = {}
        self._ready: dict[tuple[str, tuple[str, ...], str], Prepared] = {}
        self._warned: set[tuple[str, str]] = set()
        self._lock = Lock()

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""
        return name in self._places

    def rows(
        self, ids: Sequence[str], tables: Mapping[str, Sequence[str]]
    ) -> dict[str, pl.DataFrame]:
        """Give the cleaned rows of these customers; see `Lookup.rows`."""
        there = {name: columns for name, columns in tables.items() if self.has(name)}
        with self._reading() as cursor:
            return gather(partial(self._fetch, cursor), ids, there)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _found(self) -> dict[str, Place]:
        """Find where our tables are."""
        found = find_tables(self._engine, self._mapping.tables)
        places, unread = found.places, RawTable(pl.DataFrame)
        name = source_name(self._engine.url)
        source = Source(name, dict.fromkeys(places, unread), is_store=found.is_store)
        chosen = choose(source, self._mapping)
        return {ours: places[theirs] for ours, theirs in chosen.items() if not TABLES[ours].ignored}

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """Give a cursor whose SELECTs all see the same state."""
        try:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                if self._engine.dialect.name == "sqlite":
                    cursor.execute("BEGIN")
                yield cursor
                cursor.close()
            finally:
                connection.close()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error, OSError) as error:
            where = shown(self._engine.url)
            raise DataError(f"cannot read {where}: {reason(error)}") from error

    def _fetch(
        self, cursor: Any, name: str, columns: Sequence[str], by: str, ids: Sequence[str]
    ) -> pl.DataFrame:
        how, statement = self._prepared(name, tuple(columns), by)
        if statement is None:
            return how.nothing()
        frame = how.of_rows(statement.run(cursor, ids))
        if not set(frame[by].to_list()) <= set(ids):
            frame = frame.filter(pl.col(by).is_in(list(ids)))
        return frame

    def _prepared(self, name: str, columns: tuple[str, ...], by: str) -> Prepared:
        key = (name, columns, by)
        with self._lock:
            if key not in self._ready:
                self._ready[key] = self._prepare(*key)
            return self._ready[key]

    def _prepare(self, name: str, columns: tuple[str, ...], by: str) -> Prepared:
        found = self._relation(name)
        how = Recipe(TABLES[name], found.table.columns.keys(), columns, self._mapping)
        theirs = how.theirs_of(by)
        if theirs is None:
            return how, None
        if not found.finds(theirs) and (name, by) not in self._warned:
            self._warned.add((name, by))
            log.warning(f"no index on {name}.{by}", extra={"table": name, "column": by})
        translated = self._mapping.values.get(name, {}).get(by)
        return how, Statement(found.table, how.theirs, theirs, self._engine.dialect, translated)

    def _relation(self, name: str) -> Relation:
        if name not in self._relations:
            self._relations[name] = relation(self._engine, self._places[name])
        return self._relations[name]
