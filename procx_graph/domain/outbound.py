"""A message on its way to a customer, and how far it is."""

import hashlib
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.decision import Offer
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Message, Purpose
from procx_graph.domain.model import Noun
from procx_graph.domain.situation import Situation


class OutboxState(StrEnum):
    """How far a message is."""

    DRAFTED = "drafted"
    """Written; a person must say yes first."""
    APPROVED = "approved"
    """To be sent as soon as it may."""
    SENDING = "sending"
    """In the hands of its channel."""
    SENT = "sent"
    FAILED = "failed"
    """A dead letter: the channel refuses it, or it was tried too often."""
    SUPPRESSED = "suppressed"
    """It will not be sent: a person, the gate or a check said no."""
    UNCLEAR = "unclear"
    """The process died while the channel had it: a person must say whether it went out."""


class Basis(Noun):
    """What a message was written on, and is checked against again before it is sent."""

    situation: Situation
    offer: Offer | None = None
    lane: Lane = Lane.RETENTION
    answered: bool = False
    """Whether a person read and approved it; otherwise the policy let it through."""


class OutboundMessage(Noun):
    """A message on its way: one a run at most."""

    message_id: str
    """Also the key under which a channel takes it once."""
    run_id: str
    customer_id: str
    channel: Channel
    purpose: Purpose
    message: Message
    """With `{first_name}`: names and addresses are filled in when it is sent."""
    basis: Basis
    state: OutboxState
    reason: str | None = None
    """Code of what stopped or delayed it: of the gate, of a check, or of the channel."""
    detail: str | None = None
    """The same in a sentence."""
    approved_by: str | None = None
    """The person; `None` when the policy let it through."""
    approved_at: datetime | None = None
    not_before: datetime | None = None
    """Moment of the next attempt; `None` for at once."""
    attempts: int = Field(default=0, ge=0)
    """How often the channel was asked."""
    holder: str | None = None
    """Who works on it."""
    reference: str | None = None
    """The channel's own id of it."""
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it unless a person wants it."""
        return self.state in {OutboxState.SENT, OutboxState.FAILED, OutboxState.SUPPRESSED}


class OutboxStep(Noun):
    """One step of a message."""

    at: datetime
    actor: str
    """A person as they name themselves, or the part of the program that did it."""
    was: OutboxState | None
    """`None` when the message came into being."""
    became: OutboxState
    reason: str | None
    detail: str | None


def message_id_of(run_id: str) -> str:
    """Give the id of a run's message, which is the same however often it is asked for."""
    return f"msg_{hashlib.sha256(run_id.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"
