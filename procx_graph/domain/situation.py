"""What is going on with a customer: the context agent's result."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun


class SituationKind(StrEnum):
    """The situations that playbooks and templates are written for, most concrete first."""

    COMPLAINT = "complaint"
    """They complained: an event, or an open ticket with bad sentiment."""
    PAYMENT_FAILED = "payment_failed"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_DELAYED = "order_delayed"
    OPEN_TICKET = "open_ticket"
    """Their question or problem waits with us, without anger."""
    POOR_RATING = "poor_rating"
    """A detractor's survey answer or a low CSAT."""
    INQUIRY = "inquiry"
    PRAISE = "praise"
    GONE_QUIET = "gone_quiet"
    """Silent for longer than is usual for them."""
    WIN_BACK = "win_back"
    """Silent for so long that they count as dormant; only in the win-back lane."""
    SPENDING_LESS = "spending_less"
    CHECK_IN = "check_in"
    """Nothing in particular, but the score asks for care."""

    @property
    def adverse(self) -> bool:
        """Whether this is a concrete bad experience, which may be answered as service."""
        return self in ADVERSE

    @property
    def dated(self) -> bool:
        """Whether it is something that happened on a day, and is old news after a while."""
        return self.adverse or self is SituationKind.PRAISE


ADVERSE = frozenset(
    {
        SituationKind.COMPLAINT,
        SituationKind.PAYMENT_FAILED,
        SituationKind.ORDER_CANCELLED,
        SituationKind.ORDER_DELAYED,
        SituationKind.OPEN_TICKET,
        SituationKind.POOR_RATING,
    }
)


class Sentiment(StrEnum):
    """How the customer feels, from the most to the least content."""

    VERY_POSITIVE = "very_positive"
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    VERY_NEGATIVE = "very_negative"


class Fact(Noun):
    """One established fact, citable by id, with the row it comes from."""

    id: str
    """Short and stable within a run: f1, f2, ..."""
    text: str
    """In plain English."""
    source: str
    """Table and key of the row, e.g. `support_tickets:T700001`, or `scores`, `event`."""
    at: datetime | None = None


class Situation(Noun):
    """The customer's situation."""

    kind: SituationKind
    sentiment: Sentiment
    urgency: int = Field(ge=1, le=5)
    """5 is today, 1 is whenever."""
    summary: str
    """One or two sentences for a colleague, without the customer's name."""
    facts: tuple[Fact, ...] = ()
    open_tickets: int = Field(default=0, ge=0)
    """Tickets not resolved or closed."""
    mean_csat: float | None = Field(default=None, ge=1, le=5)
    """Mean over the rated tickets of the policy's window."""
    rated_tickets: int = Field(default=0, ge=0)
    repeated: int = Field(default=0, ge=0)
    """How often the same kind of adverse thing happened within the policy's window."""
    from_event: bool = False
    """Whether an event of this run is the reason."""
    order_id: str | None = None
    """The order it is about, if one."""
    topic: str | None = None
    """Ticket category it is about (payment, delivery, ...), if one."""
    days: int | None = None
    """The number of days that matters: of delay, of silence."""
    amount: float | None = None
    """The money that matters: of the failed payment, in the customer's currency."""

    @property
    def category(self) -> str | None:
        """The ticket category whose team and history fit; `topic` of a payment is the reason."""
        return "payment" if self.kind is SituationKind.PAYMENT_FAILED else self.topic

    @property
    def calls_for_service(self) -> bool:
        """Whether an answer is service: to a bad experience, or to a question just asked."""
        return self.kind.adverse or (self.from_event and self.kind is SituationKind.INQUIRY)
