"""Orders of a shop, and what becomes of them: paid, cancelled, fulfilled, held, returned."""

from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import (
    Body,
    moment,
    nested,
    rows,
    text,
    things,
    whole,
)
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    own_number,
    references_of,
    shop_money,
)
from procx_graph.events.providers.shopify.order import name_of, order_named_by


def read_order(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read an order that was paid, cancelled or fulfilled."""
    cancelled = kind is EventType.ORDER_CANCELLED
    order = name_of(told.body)
    return (
        told.occurrence(
            kind,
            order.things,
            when=(told["cancelled_at"] if cancelled else None, told["updated_at"]),
            references=(*references_of(told.body), *order.references),
            reason=text(told["cancel_reason"]) if cancelled else None,
            **_facts(told.body),
            **order.facts,
        ),
    )


def read_new_order(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a new order: it completes its cart, tells whose order it is, and may be paid already.

    Refunds, payments and deliveries name only the order, so this is how their customer is found.
    """
    order = name_of(told.body)
    cart = things(checkout=number(told["checkout_id"]))
    kinds = {"": kind}
    if told["financial_status"] == "paid":
        kinds["paid"] = EventType.ORDER_PAID
    return tuple(
        told.occurrence(
            one,
            order.things + cart,
            when=(told["created_at"],),
            references=(*references_of(told.body), *order.references),
            part=part,
            **_facts(told.body),
            **order.facts,
        )
        for part, one in kinds.items()
    )


def read_hold(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read that the fulfilment of an order was held back or put off.

    The body names the fulfilment order alone; the business may fetch `order_id`.
    """
    held = nested(told.body, "fulfillment_order")
    order = order_named_by(told.body if order_named_by(told.body).ids else held)
    holds = [nested(told.body, "created_fulfillment_hold"), *rows(held, "fulfillment_holds")]
    reasons = [text(hold.get("reason"), 100) for hold in holds]
    return (
        told.occurrence(
            kind,
            things(fulfillment_order=own_number(held)) + order.things,
            when=(held.get("updated_at"),),
            references=(*references_of(told.body), *order.references),
            reason=next((reason for reason in reasons if reason), None),
            expected_at=moment(held.get("fulfill_at")),
            **order.facts,
        ),
    )


def read_return(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a return that was asked for or agreed to."""
    order = order_named_by(told.body)
    lines = rows(told.body, "return_line_items")
    reasons = (text(line.get("return_reason"), 100) for line in lines)
    notes = (text(line.get("customer_note")) for line in lines)
    return (
        told.occurrence(
            kind,
            things(order_return=own_number(told.body)) + order.things,
            when=(told["updated_at"], told["created_at"]),
            references=(
                *references_of(told.body),
                *references_of(nested(told.body, "order")),
                *order.references,
            ),
            quantity=whole(told["total_return_line_items"]),
            reason=next((reason for reason in reasons if reason), None),
            text=text(" ".join(note for note in notes if note)),
            **order.facts,
        ),
    )


def _facts(order: Body) -> dict[str, Any]:
    lines = rows(order, "line_items")
    price = shop_money(order, "total_price")
    return {
        **price,
        "order_amount": price["amount"],
        "ordered_at": moment(order.get("created_at")),
        "quantity": quantity_of(lines),
        "product": text(lines[0].get("title"), 200) if len(lines) == 1 else None,
        "product_id": number(lines[0].get("product_id")) if len(lines) == 1 else None,
    }


def quantity_of(lines: list[Body]) -> int | None:
    """Give how many things lie in a cart or order; `None` where nothing is told."""
    counts = [whole(line.get("quantity")) for line in lines]
    known = [one for one in counts if one is not None]
    return whole(sum(known)) if known else None
