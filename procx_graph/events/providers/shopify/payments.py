"""Payments, refunds and disputes of a shop; each names its order and no customer."""

import re
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import (
    Body,
    currency,
    money,
    nested,
    rows,
    text,
    things,
)
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    own_number,
    references_of,
    summed,
)
from procx_graph.events.providers.shopify.order import OrderName, order_named_by

_PAYS = frozenset({"sale", "authorization", "capture"})
_FAILED = frozenset({"failure", "error"})
_CLOSED = frozenset({"won", "lost", "accepted", "charge_refunded", "prevented", "warning_closed"})
_LAST_DIGITS = re.compile(r"[0-9]{4}$")


def read_transaction(told: ShopifyDelivery, _: EventType) -> Told:
    """Read an attempt to pay an order; giving money back is told by refunds/create."""
    kind, status = text(told["kind"]), text(told["status"])
    if kind not in _PAYS:
        return "the transaction takes no payment"
    if status != "success" and status not in _FAILED:
        return "the payment has no result yet"
    order, own = order_named_by(told.body), own_number(told.body)
    parent = number(told["parent_id"])
    failed = status in _FAILED
    return (
        told.occurrence(
            EventType.PAYMENT_FAILED if failed else EventType.PAYMENT_SUCCEEDED,
            things(transaction=(own, parent)) + order.things,
            when=(told["created_at"], told["processed_at"]),
            references=_named(told, order),
            payment_id=parent or own,
            amount=money(told["amount"]),
            currency=currency(told["currency"]),
            payment_method=_method(told.body),
            reason=(text(told["error_code"]) or text(told["message"])) if failed else None,
            **order.facts,
        ),
    )


def read_refund(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a refund: what its transactions give back, whatever goods come back with it."""
    paid_back = [
        row
        for row in rows(told.body, "transactions")
        if row.get("kind") == "refund" and text(row.get("status")) in {"success", "pending"}
    ]
    if not paid_back:
        return "the refund gives no money back"
    order, own = order_named_by(told.body), own_number(told.body)
    parents = [number(row.get("parent_id")) for row in paid_back]
    return (
        told.occurrence(
            kind,
            things(
                refund=own,
                transaction=parents,
                order_return=own_number(nested(told.body, "return")),
            )
            + order.things,
            when=(told["created_at"], told["processed_at"]),
            references=_named(told, order),
            refund_id=own,
            payment_id=next((parent for parent in parents if parent), None),
            amount=summed(money(row.get("amount")) for row in paid_back),
            currency=_currency(told.body, paid_back),
            reason=text(told["note"]),
            **order.facts,
        ),
    )


def read_dispute(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a dispute that was opened, or one that changed and is now closed."""
    status = text(told["status"], 100)
    closed = kind is EventType.DISPUTE_CLOSED
    if closed and status not in _CLOSED:
        return "the dispute goes on"
    order = order_named_by(told.body)
    return (
        told.occurrence(
            kind,
            things(dispute=own_number(told.body)) + order.things,
            when=(told["finalized_on"] if closed else told["initiated_at"],),
            references=_named(told, order),
            amount=money(told["amount"]),
            currency=currency(told["currency"]),
            reason=status if closed else text(told["reason"]),
            **order.facts,
        ),
    )


def _named(told: ShopifyDelivery, order: OrderName) -> tuple[Any, ...]:
    return (*references_of(told.body), *order.references)


def _method(transaction: Body) -> str | None:
    """Give how was paid, such as "card_****1234" or "paypal"."""
    details = nested(transaction, "payment_details")
    last = _LAST_DIGITS.search(text(details.get("credit_card_number"), 40) or "")
    if last:
        return f"card_****{last[0]}"
    return text(details.get("payment_method_name"), 40) or text(transaction.get("gateway"), 40)


def _currency(refund: Body, transactions: list[Body]) -> str | None:
    """Give the currency of a refund: of its transactions, else of what is refunded."""
    lines = [nested(row, "subtotal_set", "shop_money") for row in rows(refund, "refund_line_items")]
    told = [row.get("currency") for row in transactions]
    told += [row.get("currency_code") for row in lines]
    return next((code for code in map(currency, told) if code), None)
