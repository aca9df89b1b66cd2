"""Customers whose tables changed since they were scored."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select, text

from procx_graph.store.bulk import insert_of
from procx_graph.store.prepared import Prepared
from procx_graph.store.schema import marks

LOCK = 0x70726F6D6B
"""Key of the PostgreSQL advisory lock under which marks are taken away: SQLite has one writer."""


def mark(connection: Connection, customer_id: str, at: datetime) -> None:
    """Mark a customer; another change of one who is marked counts on."""
    values = {"customer_id": customer_id, "since": at, "changes": 1}
    _MARKING.run(connection, values)


_MARKING = Prepared(
    lambda dialect: insert_of(dialect, marks).on_conflict_do_update(
        index_elements=["customer_id"], set_={"changes": marks.c.changes + 1}
    )
)


class Mark(NamedTuple):
    """Since when somebody is marked, and how often they changed."""

    since: datetime
    changes: int


def marked(connection: Connection, limit: int) -> dict[str, Mark]:
    """Give customers who are marked, the longest first."""
    query = select(marks.c.customer_id, marks.c.since, marks.c.changes)
    first = query.order_by(marks.c.since, marks.c.customer_id).limit(limit)
    return {row.customer_id: Mark(row.since, row.changes) for row in connection.execute(first)}


def still_marked(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Give which of these customers are marked now."""
    query = select(marks.c.customer_id).where(marks.c.customer_id.in_(list(ids)))
    return set(connection.scalars(query))


def one_at_a_time(connection: Connection) -> None:
    """Let one transaction at a time take marks away; it ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def count_marked(connection: Connection) -> int:
    """Give how many customers are marked."""
    return connection.scalar(select(func.count()).select_from(marks)) or 0


def unmark(connection: Connection, seen: Mapping[str, Mark]) -> None:
    """Take marks away, unless a customer changed again since `marked` gave them.

    Nor where another process took the mark away meanwhile, and a new one was made.
    """
    if not seen:
        return
    same = [
        and_(
            marks.c.customer_id == customer_id,
            marks.c.since == mark.since,
            marks.c.changes == mark.changes,
        )
        for customer_id, mark in seen.items()
    ]
    for start in range(0, len(same), 200):
        connection.execute(delete(marks).where(or_(*same[start : start + 200])))
