"""Payments, invoices, refunds and disputes in words."""

from procx_graph.domain.occurrence import Facts
from procx_graph.events.describe.phrases import (
    after,
    amount_of,
    attempt,
    because,
    for_order,
    money,
    name,
    sentences,
)


def payment_failed(facts: Facts) -> str:
    """Tell that money did not come."""
    return sentences(
        f"Payment{amount_of(facts)} failed{for_order(facts)}{because(facts)}",
        "Customer may need assistance with payment method",
        after("This is attempt #", attempt(facts)),
    )


def payment_succeeded(facts: Facts) -> str:
    """Tell that money came, perhaps at last."""
    return sentences(
        f"Payment{amount_of(facts)} succeeded{for_order(facts)}",
        after("This was attempt #", attempt(facts)),
    )


def method_expired(facts: Facts) -> str:
    """Tell that a card or account can no longer be charged."""
    return sentences(
        f"Payment method{_method(facts)} has expired or no longer works{because(facts)}",
        "Customer may need to add another one",
    )


def method_updated(facts: Facts) -> str:
    """Tell that a card or account can be charged again."""
    return sentences(f"Payment method{_method(facts)} was updated")


def invoice_paid(facts: Facts) -> str:
    """Tell that an invoice is settled."""
    return sentences(f"Invoice{amount_of(facts)} was paid{for_order(facts)}")


def refund_requested(facts: Facts) -> str:
    """Tell that a customer wants money back."""
    return sentences(
        f"Customer asked for a refund{amount_of(facts)}{for_order(facts)}"
        f"{after(' in ticket ', name(facts.ticket_id))}{because(facts)}"
    )


def refund_made(facts: Facts) -> str:
    """Tell that a customer got money back."""
    return sentences(
        f"Refund{amount_of(facts)} was made{for_order(facts)}{because(facts)}",
        after("Refunded so far: ", money(facts, facts.refunded_in_all)),
    )


def dispute_opened(facts: Facts) -> str:
    """Tell that a customer takes a payment back through the bank."""
    return sentences(f"Payment{amount_of(facts)}{for_order(facts)} was disputed{because(facts)}")


def dispute_closed(facts: Facts) -> str:
    """Tell that a dispute is over."""
    return sentences(
        f"Dispute over the payment{amount_of(facts)}{for_order(facts)} was closed{because(facts)}"
    )


def _attempt(facts: Facts) -> str:
    return str(facts.attempt) if facts.attempt else ""


def _method(facts: Facts) -> str:
    return after(" ", name(facts.payment_method))
