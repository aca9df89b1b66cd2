"""Payments: failed, tried again, paid."""

from collections.abc import Iterator, Sequence

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, last, of_types

FAILED = (EventType.PAYMENT_FAILED, EventType.SUBSCRIPTION_PAYMENT_FAILED)
PAID = (EventType.PAYMENT_SUCCEEDED, EventType.INVOICE_PAID)


def payments(events: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    """Give the payment of a story, in the state of its newest event.

    Tries of one payment are one row: three events about one failure are one failure, and a success
    undoes it.

    Args:
        events: Of one story, in order.
        order_id: The order as our tables name it.
    """
    found = of_types(events, FAILED + PAID)
    if not found:
        return
    newest = found[-1]
    failed = newest.type in FAILED
    ids = dict.fromkeys(one.facts.payment_id for one in found if one.facts.payment_id)
    yield Row(
        table="payments",
        name="payment",
        keys=tuple(sorted(ids)),
        values={
            "payment_date": newest.occurred_at,
            "status": "failed" if failed else "success",
            "failure_reason": last(one.facts.reason for one in of_types(found, FAILED))
            if failed
            else None,
        },
        new={
            "payment_id": min(ids, default=newest.event_id),
            "order_id": order_id,
            "amount": last(one.facts.amount for one in found),
            "payment_method": last(one.facts.payment_method for one in found),
        },
        since=newest.occurred_at,
    )
