"""What nobody tells, because it is that nothing happens: carts that are left."""

from datetime import datetime, timedelta

from procx_graph.domain.clock import in_utc
from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence
from procx_graph.events.inbox import take_in
from procx_graph.events.naming import unscoped
from procx_graph.events.providers.provider import Delivery
from procx_graph.store.database import Store
from procx_graph.store.event_log import EventLog, StoredEvent

ABANDONED_AFTER = timedelta(hours=4)
"""Without a change or an end for so long a cart is abandoned. An assumption, no measurement."""
FORGOTTEN_AFTER = timedelta(days=30)
"""Carts that were left longer ago are no news."""


def abandon_carts(store: Store, *, now: datetime, after: timedelta = ABANDONED_AFTER) -> list[str]:
    """Tell `cart.abandoned` of carts that nothing happened to for a while; each is told once.

    Args:
        store: Where the events are.
        now: The present moment.
        after: How long a cart must have been left.

    Returns:
        Ids of the events.

    Raises:
        StoreError: The store cannot be used.
    """
    moment = in_utc(now)
    with store.reading() as connection:
        log = EventLog(connection)
        left = log.last_of_story(
            [EventType.CART_UPDATED.value],
            unless=[EventType.CART_COMPLETED.value, EventType.CART_ABANDONED.value],
            since=moment - FORGOTTEN_AFTER,
            until=moment - after,
        )
        told = [_delivery(event, log.things_of(event.story), after) for event in left]
    noted = (take_in(store, one, now=moment, digest=one.key).events for one in told)
    return [event.event_id for events in noted for event in events]


def _delivery(last: StoredEvent, things: list[str], after: timedelta) -> Delivery:
    """Give what the sender of a cart would tell of its being left."""
    at, key = last.occurred_at + after, f"abandoned:{last.event_id}"
    occurrence = Occurrence(
        type=EventType.CART_ABANDONED,
        provider=last.provider,
        account=last.account,
        key=key,
        occurred_at=at,
        things=tuple(map(unscoped, things)),
        facts=Facts.model_validate_json(last.facts),
    )
    return Delivery(
        provider=last.provider,
        account=last.account,
        key=key,
        topic=EventType.CART_ABANDONED.value,
        occurred_at=at,
        occurrences=(occurrence,),
    )
