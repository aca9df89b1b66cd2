"""Invoices and subscriptions of Stripe.

An invoice is a story with its payment, a subscription is one of its own: if invoices named their
subscription as a thing, all that a customer ever paid would be one story.
"""

from datetime import datetime
from decimal import Decimal

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import (
    Body,
    at,
    currency,
    nested,
    rows,
    text,
    things,
    unix_moment,
    whole,
)
from procx_graph.events.providers.stripe.event import StripeEvent, Told, id_of
from procx_graph.events.providers.stripe.money import amount, parts

_REASONS = {
    "invoice.payment_action_required": "authentication_required",
    "invoice.overdue": "overdue",
    "invoice.marked_uncollectible": "uncollectible",
}


def read_invoice(event: StripeEvent, kind: EventType) -> Told:
    """Read an invoice that was paid, or not; without a subscription it is a plain payment."""
    paid = kind is EventType.INVOICE_PAID
    if not paid and not _has_subscription(event.object):
        kind = EventType.PAYMENT_FAILED
    payments = [nested(row, "payment") for row in rows(event.object, "payments", "data")]
    intents = [id_of(event["payment_intent"])]
    intents += [id_of(payment.get("payment_intent")) for payment in payments]
    charges = [id_of(event["charge"])] + [id_of(payment.get("charge")) for payment in payments]
    return event.occurrence(
        kind,
        things(invoice=event["id"], payment_intent=intents, charge=charges),
        payment_id=next((one for one in intents + charges if one), None),
        amount=event.amount("amount_paid" if paid else "amount_due"),
        currency=event.currency,
        reason=_REASONS.get(event.topic),
        attempt=whole(event["attempt_count"], least=1),
        plan=_plan(rows(event.object, "lines", "data")),
    )


def read_invoice_payment(event: StripeEvent, kind: EventType) -> Told:
    """Read the link between an invoice and what paid it, in API versions from 2025."""
    payment = nested(event.object, "payment")
    intent, charge = id_of(payment.get("payment_intent")), id_of(payment.get("charge"))
    return event.occurrence(
        kind,
        things(
            invoice=id_of(event["invoice"]),
            payment_intent=intent,
            charge=charge,
            invoice_payment=event["id"],
        ),
        payment_id=intent or charge,
        amount=event.amount("amount_paid"),
        currency=event.currency,
    )


def read_subscription(
    event: StripeEvent, kind: EventType, *, ends_at: datetime | None = None
) -> Told:
    """Read a subscription that ended or will, paused, went on, or whose trial is about to end."""
    items = rows(event.object, "items", "data")
    details: Body = {}
    if kind is EventType.SUBSCRIPTION_CANCELLED:
        details = nested(event.object, "cancellation_details")
    if kind is EventType.SUBSCRIPTION_TRIAL_ENDING:
        ends_at = unix_moment(event["trial_end"])
    return event.occurrence(
        kind,
        things(subscription=event["id"]),
        of_order=False,
        plan=_plan(items) or _name(nested(event.object, "plan")),
        amount=_sum(items),
        currency=next(
            filter(None, (currency(at(item, "price", "currency")) for item in items)), None
        ),
        expected_at=ends_at,
        reason=text(details.get("feedback")) or text(details.get("reason")),
        text=text(details.get("comment")),
    )


def read_subscription_change(event: StripeEvent, _: EventType) -> Told:
    """Read whether a change of a subscription ends it, pauses it or lets it go on."""
    ends, ended = _ends(event, now=True), _ends(event, now=False)
    if ends and not ended:
        return read_subscription(
            event, EventType.SUBSCRIPTION_CANCELLED, ends_at=_period_end(event)
        )
    if event["status"] == "canceled":
        return "a subscription that has ended is told by customer.subscription.deleted"
    if _paused(event, now=True) and not _paused(event, now=False):
        return read_subscription(event, EventType.SUBSCRIPTION_PAUSED)
    if (ended and not ends) or (_paused(event, now=False) and not _paused(event, now=True)):
        return read_subscription(event, EventType.SUBSCRIPTION_RESUMED)
    return "the change neither ends, pauses nor resumes the subscription"


def _ends(event: StripeEvent, *, now: bool) -> bool:
    """Whether it is to end at a set moment."""
    tell = event.__getitem__ if now else event.was
    return tell("cancel_at_period_end") is True or unix_moment(tell("cancel_at")) is not None


def _paused(event: StripeEvent, *, now: bool) -> bool:
    tell = event.__getitem__ if now else event.was
    return bool(tell("pause_collection")) or tell("status") == "paused"


def _period_end(event: StripeEvent) -> datetime | None:
    """When what was paid for runs out; API versions from 2025 say so of each item."""
    items = rows(event.object, "items", "data")
    told = [event["current_period_end"], *(item.get("current_period_end") for item in items)]
    return unix_moment(event["cancel_at"]) or max(
        filter(None, map(unix_moment, told)), default=None
    )


def _has_subscription(invoice: Body) -> bool:
    return bool(
        id_of(invoice.get("subscription"))
        or id_of(at(invoice, "parent", "subscription_details", "subscription"))
        or (text(invoice.get("billing_reason")) or "").startswith("subscription")
    )


def _plan(items: list[Body]) -> str | None:
    """Give the names of what is subscribed to, where there are names."""
    named = (_name(nested(item, "price")) or _name(nested(item, "plan")) for item in items)
    return text(", ".join(dict.fromkeys(name for name in named if name)), 200)


def _name(price: Body) -> str | None:
    return text(price.get("nickname"), 200) or text(price.get("lookup_key"), 200)


def _sum(items: list[Body]) -> Decimal | None:
    """Give what one period costs; `None` where a price is not a fixed one."""
    prices = []
    for item in items:
        price, quantity = parts(at(item, "price", "unit_amount")), whole(item.get("quantity"))
        if price is None or quantity is None:
            return None
        prices.append(amount(price * quantity, at(item, "price", "currency")))
    known = [one for one in prices if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(prices) else None
