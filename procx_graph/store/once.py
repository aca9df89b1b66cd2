"""Adding rows that may be there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

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
    statement = _insert_or_not(connection, table)
    return connection.execute(statement, rows, execution_options=_COUNTED).rowcount


def _insert_or_not(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql

        return insert_in_postgresql(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite

    return insert_in_sqlite(table).on_conflict_do_nothing()
