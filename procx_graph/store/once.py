"""Adding rows that may be there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from procx_graph.store.bulk import insert_into

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
    statement = insert_into(connection, table).on_conflict_do_nothing()
    return connection.execute(statement, rows, execution_options=_COUNTED).rowcount


def put(connection: Connection, table: Table, row: Row, *, key: Sequence[str]) -> None:
    """Add a row, or bring the one with this key up to date."""
    statement = insert_into(connection, table)
    changes = {name: statement.excluded[name] for name in row if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), dict(row))
