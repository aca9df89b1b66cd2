"""What events change in the customer tables, as pure functions of all that was told."""

from collections.abc import Sequence

from procx_graph.events.effects.activity import activity
from procx_graph.events.effects.consent import CONSENT, consent, words
from procx_graph.events.effects.orders import orders
from procx_graph.events.effects.payments import payments
from procx_graph.events.effects.products import products
from procx_graph.events.effects.refunds import refunds
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.surveys import surveys
from procx_graph.events.effects.tickets import tickets
from procx_graph.events.effects.told import Told, first, in_order, order_ids

__all__ = [
    "CONSENT",
    "Row",
    "Told",
    "consent",
    "first",
    "in_order",
    "order_ids",
    "orders",
    "products",
    "rows_of_story",
    "words",
]


def rows_of_story(events: Sequence[Told], order_id: str | None) -> list[Row]:
    """Give every row that a story makes or changes, but for those that stories share.

    Orders, consent and products are told by several stories at once, see `orders`, `consent` and
    `products`.

    Args:
        events: All of the story, in any order.
        order_id: The order it is about, as our tables name it; None without one.
    """
    told = in_order(events)
    return [
        *payments(told, order_id),
        *refunds(told, order_id),
        *tickets(told, order_id),
        *surveys(told),
        *activity(told, order_id),
    ]
