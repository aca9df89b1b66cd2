"""What customers say: surveys, reviews, tickets, consent, wishes about data, and silence."""

from procx_graph.domain.occurrence import Facts
from procx_graph.events.describe.phrases import (
    after,
    count,
    name,
    quoted,
    sentences,
    words,
    wrote,
)

_STARS = 5


def detractor(facts: Facts) -> str:
    """Tell that a customer would not recommend us."""
    return _nps(facts, "detractor")


def passive(facts: Facts) -> str:
    """Tell that a customer is undecided."""
    return _nps(facts, "passive")


def promoter(facts: Facts) -> str:
    """Tell that a customer would recommend us."""
    return _nps(facts, "promoter")


def negative_review(facts: Facts) -> str:
    """Tell of a bad review."""
    product = after(" of product ", quoted(facts.product) or name(facts.product_id))
    stars = after(" with ", _of_five(facts))
    return sentences(
        f"Customer left a negative review{product}{stars}{after(': ', quoted(facts.subject))}",
        wrote(facts),
    )


def satisfaction(facts: Facts) -> str:
    """Tell how a customer rates the support."""
    rated = after(" with ", _of_five(facts))
    return sentences(f"Customer rated the support{_ticket_of(facts)}{rated}", wrote(facts))


def ticket_created(facts: Facts) -> str:
    """Tell that a customer asks for help."""
    urgency = after(", priority ", words(facts.priority))
    about = after(" about ", words(facts.category))
    channel = after(" by ", words(facts.channel))
    return sentences(
        f"Support ticket{_ticket(facts)} was opened{channel}{about}{urgency}{_subject(facts)}",
        wrote(facts),
    )


def ticket_escalated(facts: Facts) -> str:
    """Tell that a ticket became more serious."""
    urgency = after(", priority ", words(facts.priority))
    return sentences(f"Support ticket{_ticket(facts)} was escalated{urgency}{_subject(facts)}")


def ticket_reopened(facts: Facts) -> str:
    """Tell that the answer did not do."""
    return sentences(f"Support ticket{_ticket(facts)} was reopened{_subject(facts)}")


def ticket_solved(facts: Facts) -> str:
    """Tell that a ticket is answered."""
    return sentences(f"Support ticket{_ticket(facts)} was solved{_subject(facts)}")


def inactive(facts: Facts) -> str:
    """Tell that a customer stays away."""
    days = count(facts.days or None, "day")
    said = f"for {days}" if days else "for some time"
    return sentences(f"Customer has not used the app {said}")


def unsubscribed(facts: Facts) -> str:
    """Tell that a customer wants no more marketing."""
    return sentences(f"Customer unsubscribed from {_channel(facts)} marketing")


def subscribed(facts: Facts) -> str:
    """Tell that a customer agrees to marketing."""
    return sentences(f"Customer agreed to {_channel(facts)} marketing")


def data_requested(_: Facts) -> str:
    """Tell that a customer wants to see their data."""
    return sentences("Customer asked for a copy of their data", "A person has to answer")


def redact_requested(_: Facts) -> str:
    """Tell that a customer wants to be forgotten."""
    return sentences(
        "Customer asked for their data to be deleted",
        "A person has to do it, and marketing has stopped",
    )


def _nps(facts: Facts, group: str) -> str:
    if facts.score is None:
        return sentences(f"Customer answered the NPS survey as a {group}", wrote(facts))
    score = f"with {facts.score} of 10 ({group})"
    return sentences(f"Customer answered the NPS survey {score}", wrote(facts))


def _of_five(facts: Facts) -> str:
    fits = facts.score is not None and facts.score <= _STARS
    return f"{facts.score} of {_STARS}" if fits else ""


def _ticket(facts: Facts) -> str:
    return after(" ", name(facts.ticket_id))


def _ticket_of(facts: Facts) -> str:
    return after(" in ticket ", name(facts.ticket_id))


def _subject(facts: Facts) -> str:
    return after(": ", quoted(facts.subject))


def _channel(facts: Facts) -> str:
    return {"sms": "SMS"}.get(facts.channel or "", words(facts.channel) or "email")
