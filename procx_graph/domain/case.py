"""The work of people on a review: whose it is, how far, and until when."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from procx_graph.domain.decision import Priority
from procx_graph.domain.model import Noun


class CaseState(StrEnum):
    """How far the work on a case is."""

    OPEN = "open"
    """Nobody has it."""
    ASSIGNED = "assigned"
    """Somebody is to do it."""
    IN_PROGRESS = "in_progress"
    """Somebody does it."""
    WAITING_CUSTOMER = "waiting_customer"
    """The customer was asked; the clock stands still."""
    RESOLVED = "resolved"
    """It was answered."""
    CLOSED = "closed"
    """It was answered, and somebody saw that nothing is left to do."""
    REOPENED = "reopened"
    """It goes on with an earlier case about the same matter; nobody has it."""
    CANCELLED = "cancelled"
    """It was dropped."""

    @property
    def over(self) -> bool:
        """Whether nobody has to do anything any more."""
        return self in _OVER

    def may_become(self, state: "CaseState") -> bool:
        """Whether work may go on to that state."""
        return state in _NEXT[self]


_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED, CaseState.CANCELLED})
_WORK = frozenset({CaseState.ASSIGNED, CaseState.IN_PROGRESS})
_ENDS = frozenset({CaseState.RESOLVED, CaseState.CANCELLED})
_NEXT: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: _WORK | _ENDS,
    CaseState.REOPENED: _WORK | _ENDS,
    CaseState.ASSIGNED: _WORK | _ENDS | {CaseState.OPEN, CaseState.WAITING_CUSTOMER},
    CaseState.IN_PROGRESS: _WORK | _ENDS | {CaseState.OPEN, CaseState.WAITING_CUSTOMER},
    CaseState.WAITING_CUSTOMER: _WORK | _ENDS | {CaseState.OPEN},
    CaseState.RESOLVED: frozenset({CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
    CaseState.CANCELLED: frozenset(),
}
"""What may follow what. A matter that comes up again is a case of its own, see `Case.reopens`."""


class Step(StrEnum):
    """What was done to a case, in the words of its history."""

    OPENED = "opened"
    REOPENED = "reopened"
    MERGED = "merged"
    """The same matter came up again in another run, or something new happened to the customer."""
    ASSIGNED = "assigned"
    STARTED = "started"
    RELEASED = "released"
    WAITING = "waiting"
    RESUMED = "resumed"
    WARNED = "warned"
    RAISED = "raised"
    """Its time was over, and the next level took it."""
    OVERDUE = "overdue"
    """Its time was over, and there is no higher level."""
    ANSWERED = "answered"
    DROPPED = "dropped"
    CLOSED = "closed"


class Case(Noun):
    """Where a case stands."""

    review_id: str
    customer_id: str
    reason_group: str
    """The matter: one case of each is open for a customer at most."""
    state: CaseState
    version: int = Field(ge=1)
    """Grows with every step."""
    priority: Priority
    team: str
    level: int = Field(ge=1)
    language: str | None
    """What whoever takes it should speak."""
    assignee: str | None
    opened_at: datetime
    clock_from: datetime
    """When the time of the present level began: at the customer's first unanswered message."""
    due_at: datetime
    allowed_hours: float = Field(gt=0)
    """Business hours of the present level."""
    paused_at: datetime | None
    """Since when the clock stands still for the customer's answer."""
    warned: float = Field(ge=0, le=1)
    """Share of the time of which somebody was warned."""
    reopens: str | None
    """An earlier case about the same matter."""
    changed_at: datetime


class Opening(Noun):
    """How the work on a review begins."""

    case: Case
    reopens_since: datetime
    """A case about the same matter that ended after this goes on with the new one."""


class CaseStep(Noun):
    """One line of a case's history."""

    review_id: str
    version: int
    at: datetime
    actor: str
    step: Step
    detail: dict[str, Any]
