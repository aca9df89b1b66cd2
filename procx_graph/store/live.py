"""Which of the customer tables a store holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from procx_graph.store.bulk import insert_into
from procx_graph.store.schema import LIVE, live_tables

_HELD = select(live_tables.c.name)


def held(connection: Connection) -> tuple[str, ...]:
    """Give the tables that were loaded or written by an event, in the order of the schema."""
    there = set(connection.scalars(_HELD))
    return tuple(name for name in LIVE if name in there)


def hold(connection: Connection, names: Iterable[str], *, at: datetime) -> None:
    """Note that tables are known from now on, even where they are empty.

    Args:
        connection: A writing one.
        names: Of `LIVE`; those that are held already stay as they are.
        at: The present moment.
    """
    for name in sorted(set(names) - set(held(connection))):
        noted = insert_into(connection, live_tables).values(name=name, since=at)
        connection.execute(noted.on_conflict_do_nothing())
