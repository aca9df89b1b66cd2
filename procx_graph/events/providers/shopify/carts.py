"""Carts on their way to the till."""

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import rows, text, things
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    shop_money,
)
from procx_graph.events.providers.shopify.orders import quantity_of


def read_checkout(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a checkout: begun or changed, or completed. Its name is its number, exactly."""
    done = text(told["completed_at"]) is not None
    name = (text(told["name"], 100) or "").removeprefix("#")
    return (
        told.occurrence(
            EventType.CART_COMPLETED if done else kind,
            things(checkout=number(told["admin_graphql_api_id"], name, told["id"])),
            when=(told["completed_at"], told["updated_at"], told["created_at"]),
            quantity=quantity_of(rows(told.body, "line_items")),
            **shop_money(told.body, "total_price"),
        ),
    )
