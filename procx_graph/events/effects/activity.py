"""What happened to a customer, told in words: a row of the customers' events."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, first, last

_PAID = (EventType.PAYMENT_SUCCEEDED, EventType.INVOICE_PAID, EventType.ORDER_PAID)
_ARRIVED = (EventType.ORDER_FULFILLED, EventType.SHIPMENT_DELIVERED)
_SOLVED = (EventType.TICKET_SOLVED,)
WELL_AGAIN: dict[EventType, tuple[EventType, ...]] = {
    EventType.PAYMENT_FAILED: _PAID,
    EventType.SUBSCRIPTION_PAYMENT_FAILED: _PAID,
    EventType.PAYMENT_METHOD_EXPIRED: (EventType.PAYMENT_METHOD_UPDATED,),
    EventType.SUBSCRIPTION_CANCELLED: (EventType.SUBSCRIPTION_RESUMED,),
    EventType.SUBSCRIPTION_PAUSED: (EventType.SUBSCRIPTION_RESUMED,),
    EventType.ORDER_DELAYED: _ARRIVED,
    EventType.SHIPMENT_DELAYED: _ARRIVED,
    EventType.CART_ABANDONED: (EventType.CART_COMPLETED,),
    EventType.TICKET_CREATED: _SOLVED,
    EventType.TICKET_ESCALATED: _SOLVED,
    EventType.TICKET_REOPENED: _SOLVED,
    EventType.REFUND_REQUESTED: (EventType.REFUND_MADE,),
    EventType.RETURN_INITIATED: (EventType.REFUND_MADE,),
    EventType.DISPUTE_OPENED: (EventType.DISPUTE_CLOSED,),
    EventType.PRODUCT_OUT_OF_STOCK: (EventType.PRODUCT_BACK_IN_STOCK,),
}
"""What ends what, within one story. Source: facts on webhooks, section 7."""

_OWN_DOING = {EventType.CART_UPDATED: "add_to_cart"}
"""Events that are something the customer did, as the tables have always named it."""


def activity(events: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    """Give a row for every type of event in a story, as its newest event tells it.

    Args:
        events: Of one story, in order.
        order_id: The order as our tables name it.
    """
    for kind in dict.fromkeys(one.type for one in events):
        told = [one for one in events if one.type is kind]
        newest = told[-1]
        yield Row(
            table="customer_events",
            name=kind.value,
            values={
                "event_id": newest.event_id,
                "event_type": _OWN_DOING.get(kind, kind.column_value),
                "event_time": newest.occurred_at,
                "product_id": last(one.facts.product_id for one in told),
                "order_id": order_id,
                "description": newest.description,
                "resolved_at": _resolved(newest, events),
            },
            since=newest.occurred_at,
        )


def _resolved(event: Told, events: Sequence[Told]) -> datetime | None:
    """Say since when something is well again, None while it is not."""
    endings = WELL_AGAIN.get(event.type, ())
    after = (one.occurred_at for one in events if one.type in endings)
    return first(at for at in after if at >= event.occurred_at)
