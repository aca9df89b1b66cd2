"""Adding rows that may be there already."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Table

from procx_graph.store.bulk import insert_of

Row = Mapping[str, Any]

_COUNTED = {"preserve_rowcount": True}


def add_new(connection: Connection, table: Table, rows: Row | Sequence[Row]) -> int:
    """Add rows, leave those alone whose key is there, and say how many are new.

    Of two who add the same row at once, the second waits for the first.

    Args:
        connection: A writing one.
        table: Where they go.
        rows: One row, or many with the same columns.
    """
    if not rows:
        return 0
    statement = _adding(connection.dialect.name, table)
    return connection.execute(statement, rows, execution_options=_COUNTED).rowcount


def put(connection: Connection, table: Table, row: Row, *, key: Sequence[str]) -> None:
    """Add a row, or bring the one with this key up to date."""
    statement = _putting(connection.dialect.name, table, tuple(row), tuple(key))
    connection.execute(statement, dict(row))


@lru_cache(maxsize=256)
def _adding(dialect: str, table: Table) -> Executable:
    return insert_of(dialect, table).on_conflict_do_nothing()


@lru_cache(maxsize=256)
def _putting(
    dialect: str, table: Table, columns: tuple[str, ...], key: tuple[str, ...]
) -> Executable:
    statement = insert_of(dialect, table)
    changes = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changes)
