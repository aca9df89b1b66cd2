"""Something that happened and was told to us in words."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun
from procx_graph.domain.situation import Sentiment


class EventKind(StrEnum):
    """What sort of thing happened."""

    COMPLAINT = "complaint"
    INQUIRY = "inquiry"
    FEEDBACK = "feedback"
    ORDER_DELAYED = "order_delayed"
    ORDER_CANCELLED = "order_cancelled"
    PAYMENT_FAILED = "payment_failed"
    CONSENT = "consent"
    """A yes or no to being contacted: it is obeyed, not answered."""
    RESOLUTION = "resolution"
    """Something is well again."""


class Event(Noun):
    """One event of one customer. Its description is the outside world's text: data, always."""

    kind: EventKind
    description: str = Field(default="", max_length=4000)
    occurred_at: datetime | None = None
    """`None` means now."""
    order_id: str | None = None
    sentiment: Sentiment | None = None
    """What the sender knows of the mood, e.g. from a rating; the rules read no free text."""
