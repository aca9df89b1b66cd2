"""One thing that happened, in our words, whoever told it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.event_type import EventType
from procx_graph.domain.model import Noun


class ReferenceKind(StrEnum):
    """By what a customer is named, the surest first."""

    CUSTOMER_ID = "customer_id"
    """Our own id, which the business wrote into the provider's object."""
    ACCOUNT = "account"
    """The provider's id of the customer."""
    ORDER = "order"
    """An order, whose customer it is."""
    EMAIL = "email"
    PHONE = "phone"
    """In E.164, with the plus."""


class Reference(Noun):
    """One way in which a delivery names its customer."""

    kind: ReferenceKind
    value: str = Field(min_length=1, max_length=320)
    verified: bool = True
    """Whether an address belongs to the customer for certain; others find nobody."""


class Facts(Noun):
    """What is told of it, as far as it is told. Texts are the outside world's: data, always."""

    amount: Decimal | None = None
    """In the currency's main unit: 24.99, not 2499."""
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    order_id: str | None = None
    """The order's name for people, such as ORD-2025-789 or #1001."""
    order_ids: tuple[str, ...] = ()
    """Every id of the order that the provider tells, the likeliest first."""
    ordered_at: datetime | None = None
    order_amount: Decimal | None = None
    """What the order as a whole costs."""
    payment_id: str | None = None
    payment_method: str | None = None
    """Such as "card" or "card_****1234"; never a full number."""
    reason: str | None = None
    """A provider's word or sentence, such as insufficient_funds."""
    attempt: int | None = Field(default=None, ge=1)
    refund_id: str | None = None
    refunded_in_all: Decimal | None = None
    """Everything given back so far on a payment, this refund among it."""
    ticket_id: str | None = None
    subject: str | None = None
    text: str | None = None
    """What the customer wrote."""
    priority: str | None = None
    """low, normal, high or urgent."""
    category: str | None = None
    channel: str | None = None
    """Where it came in, or, of a consent, what it is for: email or sms."""
    score: int | None = Field(default=None, ge=0, le=10)
    """0 to 10 of an NPS answer, 1 to 5 of a rating or review."""
    survey_id: str | None = None
    product_id: str | None = None
    product: str | None = None
    """The product's name."""
    quantity: int | None = Field(default=None, ge=0)
    """Things in a cart or order."""
    plan: str | None = None
    expected_at: datetime | None = None
    """Promised delivery, end of a trial or of a paid period."""
    days: int | None = Field(default=None, ge=0)
    """How long something has lasted: a delay, an absence."""
    carrier: str | None = None


class Occurrence(Noun):
    """One thing that happened to one customer (or product), as one delivery told it."""

    type: EventType
    provider: str
    account: str = ""
    """Which of the provider's accounts or shops; empty where there is but one."""
    key: str = Field(min_length=1, max_length=500)
    """What it is told by once: two with the same provider, account and key are one."""
    occurred_at: datetime
    """Aware UTC, by the provider's clock."""
    things: tuple[str, ...] = Field(min_length=1)
    """Ids of what it happened to, as "payment_intent:pi_1": all that share one are one story.

    Things are told apart by provider and account, except orders ("order:…"), which are ours.
    """
    references: tuple[Reference, ...] = ()
    facts: Facts = Facts()
