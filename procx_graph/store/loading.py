"""Loading a base into a store: every table in bulk, and the same again changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, literal, select, text

from procx_graph.base.view import View
from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.errors import ConfigError
from procx_graph.schema import TABLES
from procx_graph.store import bulk
from procx_graph.store.database import Store
from procx_graph.store.identity import identified
from procx_graph.store.live import hold
from procx_graph.store.merging import merge, remove_others
from procx_graph.store.schema import LIVE

SLICE = 50_000
"""Rows that are in Python's hands at a time."""

LOCK = 0x70726F6C6F6164
"""Key of the PostgreSQL advisory lock of whoever loads: "proload" in ASCII."""

Progress = Callable[[str, int, int], None]
"""Takes the name of the table that is loaded, and how many rows of how many are done."""


class TableLoad(Noun):
    """What a load made of one table."""

    name: str
    rows: int
    """Rows that the base shows; each is one of `new`, `changed`, `unchanged` and `older`."""
    new: int
    changed: int
    """Rows that were there with another content, or were made by an event."""
    unchanged: int
    older: int
    """Rows left as they are because the store has them from a later base."""
    removed: int
    """Rows of a table without identities that the base no longer has."""
    set_aside: int
    """Rows of the source that the base does not show because they are none."""


class StoreLoad(Noun):
    """What came of loading a base into a store."""

    source: str
    store: str
    as_of: datetime
    """The moment of the base, which its rows carry from now on; aware UTC."""
    kept: bool
    """False after a dry run, which changed nothing."""
    tables: tuple[TableLoad, ...]


def load_base(
    base: View,
    store: Store,
    *,
    at: datetime,
    dry_run: bool = False,
    on_progress: Progress | None = None,
    first: Callable[[Connection], None] | None = None,
    then: Callable[[Connection], None] | None = None,
) -> StoreLoad:
    """Bring what a base shows into the live tables of a store, whole or not at all.

    A row is known by its key. One that is there is replaced, unless it was loaded from a base of a
    later moment; what an event made of it is replaced too, and must be told again afterwards. Rows
    that the base does not have stay, because a base may be a part of the business. A row without a
    key is known by its content, so that a changed one is another row. A table in which no row has
    an identity (`escalation_matrix`) becomes what the base shows.

    It is one transaction: who looks meanwhile sees the tables of before. Another load, and on
    SQLite anybody else who writes, waits.

    Args:
        base: The tables, cleaned and as known at its moment.
        store: Where they go.
        at: The present moment; tables are held since then.
        dry_run: Take all of it back at the end.
        on_progress: Called after each part.
        first: What must come before any row is written, such as a lock.
        then: What must follow before anybody sees the new tables, such as telling again what
            events say of them: see `events.load_base`.

    Raises:
        ConfigError: `base` is none.
        StoreError: The store cannot be written.
        DataError: The files of the base can no longer be read.
    """
    if not isinstance(base, View):
        raise ConfigError(f"a CustomerBase is loaded, not a {type(base).__name__}")
    kept = {table.name: table.rows_kept for table in base.report.tables}
    done, of = 0, sum(kept[name] for name in base.tables)
    loads = []
    with store.writing() as connection:
        _wait_for_others(connection)
        if first is not None:
            first(connection)
        for name in base.tables:
            told = Counter[str]()
            for counts in _load(connection, base, name):
                told += counts
                if on_progress:
                    on_progress(name, done + told["rows"], of)
            done += kept[name]
            loads.append(_table_load(base, name, told))
        hold(connection, base.tables, at=in_utc(at))
        if then is not None:
            then(connection)
        transaction = connection.get_transaction()
        if dry_run and transaction is not None:
            transaction.rollback()
    return StoreLoad(
        source=base.name, store=store.name, as_of=base.as_of, kept=not dry_run, tables=tuple(loads)
    )


def _wait_for_others(connection: Connection) -> None:
    """Let one load into PostgreSQL follow the other; in SQLite all writers do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _load(connection: Connection, base: View, name: str) -> Iterator[Counter[str]]:
    """Load one table, and count after each part what became of its rows."""
    table = LIVE[name]
    if connection.scalar(select(literal(1)).select_from(table).limit(1)) is None:
        for part in _parts(base, name):
            bulk.insert(connection, table, part)
            yield Counter(rows=len(part), new=len(part))
        return
    with bulk.staging(connection, table) as staged:
        for part in _parts(base, name):
            bulk.insert(connection, staged, part)
            if TABLES[name].key:
                yield merge(connection, table, staged)
                connection.execute(staged.delete())
        if TABLES[name].key is None:
            removed = remove_others(connection, table, staged, base.as_of)
            yield merge(connection, table, staged) + Counter(removed=removed)


def _parts(base: View, name: str) -> Iterator[pl.DataFrame]:
    """Give the rows of a table part by part, with the columns of the live table."""
    frame, key = base.table(name), TABLES[name].key
    if key is None:
        yield from identified(name, frame.collect(), base.as_of).iter_slices(SLICE)
        return
    known = frame.filter(pl.col(key).is_not_null())
    for part in known.collect_batches(chunk_size=SLICE, maintain_order=True):
        yield identified(name, part, base.as_of)
    # together, because equal ones are numbered
    others = frame.filter(pl.col(key).is_null()).collect()
    yield from identified(name, others, base.as_of).iter_slices(SLICE)


def _table_load(base: View, name: str, told: Counter[str]) -> TableLoad:
    aside = {table.name: table.rows_set_aside for table in base.report.tables}
    counts = ("rows", "new", "changed", "unchanged", "older", "removed")
    return TableLoad(name=name, set_aside=aside[name], **{count: told[count] for count in counts})
