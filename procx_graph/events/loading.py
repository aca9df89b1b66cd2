"""Loading a base into a store in which events have been told."""

from datetime import datetime

from sqlalchemy import Connection

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import in_utc
from procx_graph.events.inbox import hold_the_pen
from procx_graph.events.settle import Change, Settling
from procx_graph.store import loading
from procx_graph.store.database import Store
from procx_graph.store.event_log import EventLog
from procx_graph.store.loading import Progress, StoreLoad


def load_base(
    base: CustomerBase,
    store: Store,
    *,
    at: datetime,
    dry_run: bool = False,
    on_progress: Progress | None = None,
) -> StoreLoad:
    """Bring what a base shows into the live tables, and tell again what events say of them.

    Nobody sees the one without the other: who unsubscribed is never shown as the base has them.
    Events that waited for a customer or an order that the base brings find them. See
    `store.loading.load_base` for what becomes of rows that are there.

    Args:
        base: The tables, cleaned and as known at its moment.
        store: Where they go.
        at: The present moment.
        dry_run: Take all of it back at the end.
        on_progress: Called after each part with the table, and how many rows of how many are done.

    Raises:
        ConfigError: `base` is none.
        StoreError: The store cannot be written.
        DataError: The files of the base can no longer be read.
    """

    def settle(connection: Connection) -> None:
        _settle(connection, at)

    return loading.load_base(
        base,
        store,
        at=at,
        dry_run=dry_run,
        on_progress=on_progress,
        # first of all, or a load and an event would wait for each other
        first=hold_the_pen,
        then=settle,
    )


def settle_all(store: Store, *, now: datetime) -> list[Change]:
    """Work out again whose all events are and what they change.

    Raises:
        StoreError: The store cannot be written.
    """
    with store.writing() as connection:
        return _settle(connection, now)


def _settle(connection: Connection, now: datetime) -> list[Change]:
    hold_the_pen(connection)
    settling = Settling(connection, now=in_utc(now))
    settling.settle(EventLog(connection).stories())
    return settling.changes
