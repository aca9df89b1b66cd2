"""Orders, shipments, returns, carts and products in words."""

from procx_graph.domain.occurrence import Facts
from procx_graph.events.describe.phrases import (
    after,
    because,
    count,
    day,
    for_order,
    money,
    name,
    quoted,
    sentences,
)


def order_delayed(facts: Facts) -> str:
    """Tell that an order is late, by how much, and for when it was promised."""
    return sentences(f"Order{_order(facts)} is delayed{_late(facts)}", _promised(facts))


def order_cancelled(facts: Facts) -> str:
    """Tell that an order is off, and why."""
    return sentences(f"Order{_order(facts)} was cancelled{because(facts)}")


def order_paid(facts: Facts) -> str:
    """Tell that an order is paid for."""
    return sentences(f"Order{_order(facts)} was paid")


def order_fulfilled(facts: Facts) -> str:
    """Tell that an order is on its way."""
    return sentences(f"Order{_order(facts)} was fulfilled")


def shipment_delayed(facts: Facts) -> str:
    """Tell that a parcel is late, with whom, and for when it was promised."""
    return sentences(f"Shipment{_parcel(facts)} is delayed{_late(facts)}", _promised(facts))


def shipment_delivered(facts: Facts) -> str:
    """Tell that a parcel arrived."""
    return sentences(f"Shipment{_parcel(facts)} was delivered")


def return_initiated(facts: Facts) -> str:
    """Tell that something comes back, and why."""
    product = after(" of ", quoted(facts.product))
    return sentences(f"Return{product}{for_order(facts)} was started{because(facts)}")


def cart_updated(facts: Facts) -> str:
    """Tell that something lies in a cart."""
    return sentences(f"Customer has a cart{_cart(facts)} that is not ordered yet")


def cart_completed(facts: Facts) -> str:
    """Tell that a cart was bought."""
    return sentences(f"Customer ordered a cart{_cart(facts)}")


def cart_abandoned(facts: Facts) -> str:
    """Tell that a cart was left."""
    return sentences(f"Customer left a cart{_cart(facts)} without ordering")


def out_of_stock(facts: Facts) -> str:
    """Tell that a product cannot be bought."""
    return sentences(f"{_product(facts)} is out of stock")


def back_in_stock(facts: Facts) -> str:
    """Tell that a product can be bought again."""
    return sentences(f"{_product(facts)} is back in stock")


def _order(facts: Facts) -> str:
    amount = facts.order_amount if facts.order_amount is not None else facts.amount
    return after(" ", name(facts.order_id)) + after(" of ", money(facts, amount))


def _parcel(facts: Facts) -> str:
    return for_order(facts) + after(" with ", name(facts.carrier))


def _late(facts: Facts) -> str:
    return after(" by ", count(facts.days or None, "day")) + because(facts)


def _promised(facts: Facts) -> str:
    return after("Delivery was promised for ", day(facts.expected_at))


def _cart(facts: Facts) -> str:
    worth = after(" worth ", money(facts, facts.amount))
    return after(" of ", count(facts.quantity or None, "item")) + worth


def _product(facts: Facts) -> str:
    called = quoted(facts.product) or name(facts.product_id)
    return f"Product {called}" if called else "A product"
