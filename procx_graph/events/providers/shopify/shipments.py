"""Deliveries of a shop's orders, as the carrier tells them."""

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import moment, text, things, word
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    references_of,
)
from procx_graph.events.providers.shopify.order import order_named_by

_KINDS = {
    "delayed": EventType.SHIPMENT_DELAYED,
    "failure": EventType.SHIPMENT_DELAYED,
    "attempted_delivery": EventType.SHIPMENT_DELAYED,
    "returning_to_sender": EventType.SHIPMENT_DELAYED,
    "delivered": EventType.SHIPMENT_DELIVERED,
    "picked_up": EventType.SHIPMENT_DELIVERED,
}
"""Statuses of a delivery that matter to its customer.

Source: shopify.dev, enum FulfillmentEventStatus of the admin and customer APIs.
"""


def read_shipment(told: ShopifyDelivery, _: EventType) -> Told:
    """Read where a delivery is: late, in vain, arrived; on its way means nothing."""
    status = word(told["status"])
    if status is None or status not in _KINDS:
        return "the delivery is on its way"
    order = order_named_by(told.body)
    late = _KINDS[status] is EventType.SHIPMENT_DELAYED
    return (
        told.occurrence(
            _KINDS[status],
            things(fulfillment=number(told["fulfillment_id"])) + order.things,
            when=(told["happened_at"], told["created_at"]),
            references=(*references_of(told.body), *order.references),
            reason=(text(told["message"]) or status) if late else None,
            expected_at=moment(told["estimated_delivery_at"]) if late else None,
            **order.facts,
        ),
    )
