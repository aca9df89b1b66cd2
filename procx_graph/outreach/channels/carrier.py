"""What carries a message to a customer, and what it may answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from procx_graph.domain.message import Channel, Language, Purpose


@dataclass(frozen=True)
class Envelope:
    """A message as it leaves the house. It is made for one delivery and kept nowhere.

    Attributes:
        message_id: Also the key under which a channel takes it once.
        to: The address: of e-mail, or a phone number as the tables have it.
        name: A usable first name, `None` when there is none.
        subject: `None` where the channel has none.
        text: With the name filled in.
        at: The moment of sending, aware.
        unsubscribe: Where the customer can stop such messages; `None` for service, or when no
            address is configured.
    """

    message_id: str
    customer_id: str
    channel: Channel
    purpose: Purpose
    language: Language
    to: str
    name: str | None
    subject: str | None
    text: str
    at: datetime
    unsubscribe: str | None = None

    def __repr__(self) -> str:
        return f"Envelope({self.message_id!r})"


@dataclass(frozen=True)
class Delivered:
    """The channel took it; `reference` is its own id of it."""

    reference: str | None = None


@dataclass(frozen=True)
class Retry:
    """The channel did not take it, and trying again may help; `after` is what it asks for."""

    reason: str
    detail: str
    after: timedelta | None = None


@dataclass(frozen=True)
class Refused:
    """The channel will not take it, however often it is asked."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Unclear:
    """The channel may have taken it: the connection broke before it said so."""

    reason: str
    detail: str


Answer = Delivered | Retry | Refused | Unclear


class Carrier(Protocol):
    """Brings messages to customers. What the channel says comes back as an answer, not an error."""

    @property
    def name(self) -> str:
        """What it is called in messages, without credentials."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether the same `message_id` twice reaches the customer once."""
        ...

    def deliver(self, envelope: Envelope) -> Answer:
        """Hand a message over. Its texts and addresses are in no answer."""
        ...
