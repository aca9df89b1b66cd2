"""Adding rows that may be there already."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table

from procx_graph.store.bulk import insert_of
from procx_graph.store.prepared import Prepared, Statement

Row = Mapping[str, Any]


def add_new(connection: Connection, table: Table, rows: Row | Sequence[Row]) -> int:
    """Add rows, leave those alone whose key is there, and say how many are new.

    Of two who add the same row at once, the second waits for the first.

    Args:
        connection: A writing one.
        table: Where they go.
        rows: One row, or many with the same columns.
    """
    many = [rows] if isinstance(rows, Mapping) else rows
    return _adding(table).run(connection, *many)


def put(connection: Connection, table: Table, row: Row, *, key: Sequence[str]) -> None:
    """Add a row, or bring the one with this key up to date."""
    _putting(table, tuple(row), tuple(key)).run(connection, row)


@lru_cache(maxsize=256)
def _adding(table: Table) -> Prepared:
    return Prepared(lambda dialect: insert_of(dialect, table).on_conflict_do_nothing())


@lru_cache(maxsize=256)
def _putting(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    def statement(dialect: str) -> Statement:
        adding = insert_of(dialect, table)
        changes = {name: adding.excluded[name] for name in columns if name not in key}
        return adding.on_conflict_do_update(index_elements=key, set_=changes)

    return Prepared(statement)
