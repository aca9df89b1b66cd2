"""Orders: paid, sent, delivered, cancelled."""

from collections.abc import Iterator, Sequence

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.payments import FAILED
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, first, last, of_types

_STATUS = {
    EventType.ORDER_CANCELLED: "cancelled",
    EventType.ORDER_FULFILLED: "shipped",
    EventType.SHIPMENT_DELIVERED: "delivered",
}
_PAYMENT = {
    **dict.fromkeys(FAILED, "failed"),
    EventType.PAYMENT_SUCCEEDED: "success",
    EventType.INVOICE_PAID: "success",
    EventType.ORDER_PAID: "success",
}


def orders(events: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    """Give the order that events speak of, with what they say of its state.

    An order that our tables do not know is made only of events that tell when it was placed and
    what it cost.

    Args:
        events: All that speak of one order, of whatever story, in order.
        order_id: The order as our tables name it.
    """
    moves, tries = of_types(events, _STATUS), of_types(events, _PAYMENT)
    if order_id is None or not (moves or tries):
        return
    values: dict[str, object] = {}
    if moves:
        values["order_status"] = _STATUS[moves[-1].type]
    if tries:
        values["payment_status"] = _PAYMENT[tries[-1].type]
    if arrived := of_types(moves, [EventType.SHIPMENT_DELIVERED]):
        values["actual_delivery_date"] = arrived[-1].occurred_at
    placed = first(one.facts.ordered_at for one in events)
    worth = last(one.facts.order_amount for one in events)
    yield Row(
        table="orders",
        name="order",
        keys=(order_id,),
        values=values,
        new={
            "order_id": order_id,
            "order_date": placed,
            "total_amount": worth,
            "items_count": last(one.facts.quantity for one in events),
        },
        since=max(one.occurred_at for one in (*moves, *tries)),
        makes=placed is not None and worth is not None,
    )
