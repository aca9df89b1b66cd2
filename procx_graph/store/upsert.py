"""INSERTs that know what to do when the row is there, on SQLite and PostgreSQL alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from procx_graph.store.bulk import insert_into

Values = Mapping[str, Any]


def add_unless_there(
    connection: Connection, table: Table, values: Values, *, key: Sequence[str]
) -> bool:
    """Insert a row, and say whether it was new."""
    statement = insert_into(connection, table).on_conflict_do_nothing(index_elements=key)
    return bool(connection.execute(statement, values).rowcount)


def put(connection: Connection, table: Table, values: Values, *, key: Sequence[str]) -> None:
    """Insert a row, or bring the one with this key up to date."""
    statement = insert_into(connection, table)
    changes = {name: statement.excluded[name] for name in values if name not in key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changes), dict(values)
    )
