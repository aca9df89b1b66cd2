"""What becomes of a delivery, in the terms of HTTP."""

from enum import StrEnum

from procx_graph.domain.event_type import EventType
from procx_graph.domain.model import Noun
from procx_graph.events.settle import Change
from procx_graph.store.event_log import Standing


class Outcome(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    """Stored, with what it changes."""
    DUPLICATE = "duplicate"
    """Known already; nothing is changed."""
    UNMAPPED = "unmapped"
    """Stored, and it means nothing to us."""
    REFUSED = "refused"
    """Not what its provider sends; nothing is stored."""
    UNAVAILABLE = "unavailable"
    """It could not be stored now; the provider is to send it again."""


class Noted(Noun):
    """One event of a delivery."""

    event_id: str
    type: EventType
    description: str
    customer_id: str | None
    """`None` while nobody knows whose it is."""
    standing: Standing


class Receipt(Noun):
    """The answer to a delivery."""

    outcome: Outcome
    status: int
    """200 also for duplicates and types unknown; 400 shape, 401 signature, 404 provider, 413 size,
    503 store."""
    provider: str
    topic: str | None = None
    """The provider's name of what happened, `None` where that was not read."""
    key: str | None = None
    events: tuple[Noted, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str | None = None
    """What is wrong, as a word."""
    remark: str | None = None
    """What is wrong or remarkable, as a sentence."""

    @property
    def ok(self) -> bool:
        """Whether the provider need not send it again."""
        return self.status == 200
