"""What we and a customer have had to do with each other, as far as the gate must know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.model import Noun

ANY = "any"
"""Stands in the store for every channel, or every purpose."""


class Contact(Noun):
    """A message that went out."""

    at: datetime
    channel: Channel | None = None
    """`None` when it was not told."""
    purpose: Purpose | None = None
    message_id: str | None = None


class Consent(Noun):
    """One word of a customer about being written to."""

    channel: Channel | None
    """`None` is every channel."""
    purpose: Purpose | None
    """`None` is every purpose."""
    given: bool | None
    """Yes, no, or `None`: it became unknown again, which counts as no."""
    at: datetime
    source: str
    """Who told it, and what tells it from every other word."""

    def speaks_of(self, channel: Channel, purpose: Purpose) -> bool:
        """Whether it is about such a message."""
        return self.channel in {None, channel} and self.purpose in {None, purpose}


class SuppressionReason(StrEnum):
    """Why nobody writes to a customer, whatever they agreed to."""

    BOUNCE = "bounce"
    """The address does not exist."""
    COMPLAINT = "complaint"
    """They called a message of ours spam."""
    OPT_OUT = "opt_out"
    """They, or a do-not-disturb register, want no message at all."""
    DECEASED = "deceased"
    LEGAL_HOLD = "legal_hold"
    MINOR = "minor"
    HUMAN_CASE = "human_case"
    """A person deals with them outside of this system."""
    CHURNED = "churned"
    """They have left, before the tables say so."""
    OUTAGE = "outage"
    """Something of ours is down that they feel."""


class Suppression(Noun):
    """Nobody writes to a customer for a while, or ever."""

    channel: Channel | None = None
    """`None` is every channel."""
    reason: SuppressionReason
    since: datetime
    until: datetime | None = None
    """`None` until somebody lifts it."""
    source: str
    """Who says so."""

    def holds(self, channel: Channel, now: datetime) -> bool:
        """Whether it bars a channel at a moment."""
        started = self.since <= now and (self.until is None or now < self.until)
        return started and self.channel in {None, channel}


class OfferStatus(StrEnum):
    """How far an offer is."""

    PROPOSED = "proposed"
    """A person must still approve it."""
    PENDING = "pending"
    """It may be promised; nobody confirmed that the customer has it."""
    APPLIED = "applied"
    """The business's own system confirmed that the customer has it."""
    REFUSED = "refused"
    """A person or the business's own system said no."""
    ACCEPTED = "accepted"
    LAPSED = "lapsed"

    @property
    def counts(self) -> bool:
        """Whether a budget counts it."""
        return self not in {OfferStatus.REFUSED, OfferStatus.LAPSED}


class OfferMade(Noun):
    """Something that was offered to a customer: one offer a run at most."""

    run_id: str
    scan_id: str | None
    customer_id: str
    offer_id: str
    percent_off: float = Field(gt=0, le=1)
    worth: float | None = Field(default=None, ge=0)
    """What it may cost, in the base's currency; `None` when the customer's mean order is unknown.

    A budget then counts the offer, and nothing for its worth.
    """
    expires: datetime | None = None
    status: OfferStatus
    reference: str | None = None
    """The executor's own id of it."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Dealings:
    """All of it, of one customer, at one moment.

    Attributes:
        open_case: Whether one of our reviews waits.
        resolved_at: When the latest review was answered; `None` when none was.
        contacts: The latest messages that went out, the newest first.
        consents: Everything they said about being written to, the newest first.
        suppressions: Those that nobody lifted.
        arms: Whether they are held out, by experiment.
        offers: What they were offered, the newest first.
    """

    open_case: bool = False
    resolved_at: datetime | None = None
    contacts: tuple[Contact, ...] = ()
    consents: tuple[Consent, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    arms: Mapping[str, bool] = field(default_factory=dict)
    offers: tuple[OfferMade, ...] = ()


NOTHING = Dealings()
"""Of somebody we have had nothing to do with."""

KEPT_CONTACTS = 64
"""How many of the latest contacts are looked at: no cap can be above it."""
