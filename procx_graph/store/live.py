"""Which of the customer tables a store holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from procx_graph.store.once import add_new
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
    add_new(connection, live_tables, [{"name": name, "since": at} for name in sorted(set(names))])
