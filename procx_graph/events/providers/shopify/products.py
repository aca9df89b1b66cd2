"""Stock of a shop's products; these happen to no customer."""

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import text, things, whole
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    own_number,
)

_STOCK = 10**9
"""More than anybody has of anything."""


def read_variant(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a variant that ran out or came back."""
    return (
        told.occurrence(
            kind,
            things(variant=own_number(told.body)),
            when=(told["updated_at"],),
            references=(),
            product_id=number(told["product_id"]),
            quantity=whole(told["inventory_quantity"], most=_STOCK),
        ),
    )


def read_stock(told: ShopifyDelivery, _: EventType) -> Told:
    """Read how much of an item one place has left; what is sold beyond that counts below zero.

    The body names the inventory item alone; the business may fetch `product_id` and
    `product_title`.
    """
    left = whole(told["available"], -_STOCK, _STOCK)
    if left is None:
        return "the item's stock is not counted"
    item, place = number(told["inventory_item_id"]), number(told["location_id"])
    return (
        told.occurrence(
            EventType.PRODUCT_BACK_IN_STOCK if left > 0 else EventType.PRODUCT_OUT_OF_STOCK,
            things(inventory_level=f"{item}-{place}" if item and place else item),
            when=(told["updated_at"],),
            references=(),
            product_id=number(told["product_id"]) or item,
            product=text(told["product_title"], 200),
            quantity=max(left, 0),
        ),
    )
