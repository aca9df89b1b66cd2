"""Whom scans did something for lately, and who rests until something happens to them."""

from datetime import datetime

from sqlalchemy import and_, exists, func, select

from procx_graph.store.database import Store
from procx_graph.store.schema import events, runs, scans

_DONE = ("drafted", "escalated", "closed")
"""Statuses of runs that led to something; a customer whom the gate refused does not rest."""


def handled_since(store: Store, since: datetime) -> set[str]:
    """Give the customers whom a scan did something for, and to whom nothing happened afterwards.

    Args:
        store: Where scans and events are.
        since: How far back scans count, by the moment that they took for the present.

    Raises:
        StoreError: The store cannot be read.
    """
    last = func.max(scans.c.now, type_=scans.c.now.type).label("last")
    done = (
        select(runs.c.customer_id, last)
        .join(scans, scans.c.scan_id == runs.c.scan_id)
        .where(runs.c.state == "done", runs.c.status.in_(_DONE), scans.c.now >= since)
        .group_by(runs.c.customer_id)
        .subquery()
    )
    news = exists().where(
        and_(events.c.customer_id == done.c.customer_id, events.c.received_at > done.c.last)
    )
    with store.reading() as connection:
        return set(connection.scalars(select(done.c.customer_id).where(~news)))
