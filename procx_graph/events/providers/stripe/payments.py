"""Payments of Stripe: intents, charges, refunds, disputes and checkouts.

What is told of one payment shares things: its intent, its charges and, where told, its invoice.
"""

from datetime import UTC, datetime
from decimal import Decimal

from procx_graph.domain.event_type import EventType
from procx_graph.events.providers.reading import at, nested, rows, text, things, unix_moment
from procx_graph.events.providers.stripe.event import StripeEvent, Told, id_of, method, why
from procx_graph.events.providers.stripe.money import amount, parts

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_intent(event: StripeEvent, kind: EventType) -> Told:
    """Read a payment intent that failed or succeeded."""
    problem = nested(event.object, "last_payment_error")
    charges = rows(event.object, "charges", "data")
    failed = kind is EventType.PAYMENT_FAILED
    return event.occurrence(
        kind,
        things(
            payment_intent=event["id"],
            charge=[
                id_of(event["latest_charge"]),
                *(charge.get("id") for charge in charges),
                id_of(problem.get("charge")),
            ],
            invoice=[id_of(event["invoice"]), _ordered_by_invoice(event)],
        ),
        payment_id=id_of(event["id"]),
        amount=event.amount("amount") if failed else _received(event),
        currency=event.currency,
        reason=why(problem) if failed else None,
        payment_method=method(
            problem.get("payment_method"),
            *(charge.get("payment_method_details") for charge in charges),
            at(event["latest_charge"], "payment_method_details"),
            event["payment_method"],
        ),
    )


def read_charge(event: StripeEvent, kind: EventType) -> Told:
    """Read a charge that failed or succeeded."""
    outcome = text(at(event["outcome"], "reason"))
    codes = {"decline_code": outcome, "code": text(event["failure_code"])}
    return event.occurrence(
        kind,
        _of_charge(event),
        payment_id=id_of(event["payment_intent"]) or id_of(event["id"]),
        amount=event.amount("amount"),
        currency=event.currency,
        reason=why(codes) if kind is EventType.PAYMENT_FAILED else None,
        payment_method=method(event["payment_method_details"], event["source"]),
    )


def read_charge_refunded(event: StripeEvent, kind: EventType) -> Told:
    """Read what a charge tells of a refund: the sum of all, of which this one is the increase."""
    newest = max(
        rows(event.object, "refunds", "data"),
        key=lambda refund: unix_moment(refund.get("created")) or _NEVER,
        default={},
    )
    all_in_all, before = parts(event["amount_refunded"]), parts(event.before.get("amount_refunded"))
    if all_in_all is None or before is None:
        this = newest.get("amount") or all_in_all
    else:
        this = all_in_all - before
    return event.occurrence(
        kind,
        things(refund=newest.get("id")) + _of_charge(event),
        payment_id=id_of(event["payment_intent"]) or id_of(event["id"]),
        refund_id=id_of(newest.get("id")),
        amount=amount(this, event["currency"]),
        refunded_in_all=event.amount("amount_refunded"),
        currency=event.currency,
        reason=text(newest.get("reason")),
        payment_method=method(event["payment_method_details"], event["source"]),
    )


def read_refund(event: StripeEvent, kind: EventType) -> Told:
    """Read a refund, which is one from the start unless it fails."""
    status = text(event["status"])
    if status in {"failed", "canceled"}:
        return f"the refund is {status}"
    if event.topic != "refund.created" and status != "succeeded":
        return "the refund is under way, and was told when it was created"
    return event.occurrence(
        kind,
        things(
            refund=event["id"],
            charge=id_of(event["charge"]),
            payment_intent=id_of(event["payment_intent"]),
        ),
        payment_id=id_of(event["payment_intent"]) or id_of(event["charge"]),
        refund_id=id_of(event["id"]),
        amount=event.amount("amount"),
        currency=event.currency,
        reason=text(event["reason"]),
    )


def read_dispute(event: StripeEvent, kind: EventType) -> Told:
    """Read a dispute that was opened, or closed with a result."""
    closed = kind is EventType.DISPUTE_CLOSED
    return event.occurrence(
        kind,
        things(
            dispute=event["id"],
            charge=id_of(event["charge"]),
            payment_intent=id_of(event["payment_intent"]),
        ),
        payment_id=id_of(event["payment_intent"]) or id_of(event["charge"]),
        amount=event.amount("amount"),
        currency=event.currency,
        reason=text(event["status"] if closed else event["reason"]),
    )


def read_checkout(event: StripeEvent, kind: EventType) -> Told:
    """Read a checkout that was left, finished or paid for later.

    A checkout that continues one that was left says so, and the two are one story.
    """
    return event.occurrence(
        kind,
        things(
            checkout_session=[event["id"], id_of(event["recovered_from"])],
            payment_intent=id_of(event["payment_intent"]),
            invoice=id_of(event["invoice"]),
        ),
        payment_id=id_of(event["payment_intent"]),
        amount=event.amount("amount_total"),
        currency=event.currency,
    )


def _of_charge(event: StripeEvent) -> tuple[str, ...]:
    return things(
        charge=event["id"],
        payment_intent=id_of(event["payment_intent"]),
        invoice=[id_of(event["invoice"]), _ordered_by_invoice(event)],
    )


def _received(event: StripeEvent) -> Decimal | None:
    return event.amount("amount_received") or event.amount("amount")


def _ordered_by_invoice(event: StripeEvent) -> str | None:
    """The invoice of a payment, which API versions from 2025 name as its order."""
    named = text(at(event["payment_details"], "order_reference"))
    return named if named and named.startswith("in_") else None
