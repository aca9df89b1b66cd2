"""Customers whose tables changed since they were scored."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select

from procx_graph.store.bulk import insert_into
from procx_graph.store.schema import marks


def mark(connection: Connection, customer_id: str, at: datetime) -> None:
    """Mark a customer; another change of one who is marked counts on."""
    statement = insert_into(connection, marks)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"], set_={"changes": marks.c.changes + 1}
        ),
        {"customer_id": customer_id, "since": at, "changes": 1},
    )


def marked(connection: Connection, limit: int) -> dict[str, int]:
    """Give customers who are marked, the longest first, and how often they changed."""
    query = select(marks.c.customer_id, marks.c.changes)
    first = query.order_by(marks.c.since, marks.c.customer_id).limit(limit)
    return {row.customer_id: row.changes for row in connection.execute(first)}


def count_marked(connection: Connection) -> int:
    """Give how many customers are marked."""
    return connection.scalar(select(func.count()).select_from(marks)) or 0


def unmark(connection: Connection, seen: Mapping[str, int]) -> None:
    """Take marks away, unless a customer changed again since `marked` gave them."""
    if not seen:
        return
    same = [
        and_(marks.c.customer_id == customer_id, marks.c.changes == changes)
        for customer_id, changes in seen.items()
    ]
    for start in range(0, len(same), 200):
        connection.execute(delete(marks).where(or_(*same[start : start + 200])))
