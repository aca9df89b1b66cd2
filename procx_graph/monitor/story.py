"""The story of the event-driven mode, for a customer of the base: a payment fails, and more."""

from datetime import timedelta
from typing import Any

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import Customer
from procx_graph.domain.policy import Policy
from procx_graph.errors import DataError
from procx_graph.monitor.replay import Recorded
from procx_graph.scoring.scores import Scores

HEAD = 400
"""Customers of the queue among whom somebody for the story is looked for."""


def cast(base: CustomerBase, scores: Scores, policy: Policy, *, limit: int) -> str:
    """Find a customer whom the next scan would pass over, and who could be written to.

    It is the first one beyond the limit who agreed to marketing, has nothing open, and for whom no
    person must decide.

    Raises:
        DataError: There is none.
    """
    queue: list[str] = scores.frame.drop_nulls("rank").sort("rank")["customer_id"].to_list()
    for customer_id in queue[2 * limit : HEAD]:
        record = base.record(customer_id)
        customer = record.customer
        quiet = not record.support_tickets and not policy.is_vip(customer.segment)
        if quiet and customer.opt_in_marketing and any(map(customer.reached_by, policy.channels)):
            return customer_id
    raise DataError(
        "nobody in the queue suits the story: it takes an active customer who agreed to marketing, "
        "is no VIP and has no ticket; play deliveries of your own with --file"
    )


def story(base: CustomerBase, customer: Customer) -> list[Recorded]:
    """Give three deliveries of the day after the tables end, in our own shape."""
    day = base.as_of.replace(hour=14, minute=32, second=0, microsecond=0) + timedelta(days=1)
    currency = customer.currency or "USD"
    events: list[tuple[timedelta, str, dict[str, Any]]] = [
        (
            timedelta(),
            "payment.failed",
            {
                "amount": 2499.99,
                "currency": currency,
                "order_id": "ORD-2025-789",
                "reason": "insufficient_funds",
                "payment_method": "card_****1234",
                "attempt": 2,
            },
        ),
        (
            timedelta(hours=3),
            "shipment.delayed",
            {"order_id": "ORD-2025-731", "days": 5, "carrier": "DHL"},
        ),
        (timedelta(hours=20), "nps.detractor", {"score": 4, "text": "Nobody told me anything."}),
    ]
    return [
        Recorded(
            None,
            {},
            {
                "event_type": kind,
                "timestamp": (day + after).isoformat().replace("+00:00", "Z"),
                "source": "story",
                "data": {"customer_id": customer.customer_id, **data},
            },
            f"story event {number}",
        )
        for number, (after, kind, data) in enumerate(events, start=1)
    ]
