"""Subscriptions in words."""

from procx_graph.domain.occurrence import Facts
from procx_graph.events.describe.phrases import (
    after,
    amount_of,
    attempt,
    because,
    day,
    for_order,
    quoted,
    sentences,
)


def payment_failed(facts: Facts) -> str:
    """Tell that a period was not paid for."""
    return sentences(
        f"Subscription payment{amount_of(facts)} failed{for_order(facts)}{_plan(facts)}"
        f"{because(facts)}",
        "Customer may need assistance with payment method",
        after("This is attempt #", attempt(facts)),
    )


def cancelled(facts: Facts) -> str:
    """Tell that a customer leaves, and when."""
    return sentences(
        f"Subscription{_plan(facts)} was cancelled{because(facts)}",
        after("It ends on ", day(facts.expected_at)),
    )


def paused(facts: Facts) -> str:
    """Tell that a customer rests."""
    return sentences(
        f"Subscription{_plan(facts)} was paused{because(facts)}",
        after("It rests until ", day(facts.expected_at)),
    )


def resumed(facts: Facts) -> str:
    """Tell that a customer is back."""
    return sentences(f"Subscription{_plan(facts)} was resumed")


def trial_ending(facts: Facts) -> str:
    """Tell that a trial ends soon, and when."""
    ends = after(" on ", day(facts.expected_at)) or " soon"
    return sentences(f"Trial{_plan(facts)} ends{ends}")


def _plan(facts: Facts) -> str:
    return after(" for plan ", quoted(facts.plan))
