"""What the decision agent may choose from, and a model's choice among it."""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic import Field, create_model

from procx_graph.domain.decision import Action, Decision, Priority, Reason, ReasonCode
from procx_graph.domain.situation import Situation
from procx_graph.graphs.retention.refine import Note, Reads


class Concern(StrEnum):
    """What only who reads the customer's own words can see: a person must look."""

    NONE = "none"
    CUSTOMER_ASKED = "customer_asked"
    """They ask for a person."""
    FRAUD_OR_SECURITY = "fraud_or_security"
    LEGAL_OR_REGULATOR = "legal_or_regulator"
    UNSURE = "unsure"
    """What they want cannot be told."""


class Choice(Reads):
    """The decision prompt's answer: how the record reads, and a choice among what is allowed."""

    concern: Concern = Field(description="why a colleague must look, by the customer's own words")
    action: str = Field(description="one of the allowed actions")
    offer_id: str | None = Field(description="one of the allowed offers, or null")
    priority: Priority
    why: Note = Field(min_length=1, max_length=300, description="one sentence, without names")


_CONCERNS = {
    Concern.CUSTOMER_ASKED: (ReasonCode.CUSTOMER_ASKED, "the customer asks for a person"),
    Concern.FRAUD_OR_SECURITY: (
        ReasonCode.FRAUD_OR_SECURITY,
        "their words read like fraud or security",
    ),
    Concern.LEGAL_OR_REGULATOR: (
        ReasonCode.LEGAL_OR_REGULATOR,
        "their words read like a legal matter",
    ),
    Concern.UNSURE: (
        ReasonCode.LOW_CONFIDENCE,
        "what they want could not be told from their words",
    ),
}


def allowed_actions(proposal: Decision, situation: Situation) -> tuple[Action, ...]:
    """Give what may be done: the playbook's action, or nothing where nothing has happened.

    A bad experience is always answered, and whoever goes to a person goes there.
    """
    if has_happened(situation) or proposal.escalate:
        return (proposal.action,)
    return (proposal.action, Action.NO_CONTACT)


def has_happened(situation: Situation) -> bool:
    """Whether there is something to answer: an experience, an event of this run, an open ticket."""
    return situation.calls_for_service or situation.from_event or situation.open_tickets > 0


@lru_cache(maxsize=256)
def choice_among(actions: tuple[Action, ...], offers: tuple[str, ...]) -> type[Choice]:
    """Give the type of a choice that can name only these actions and offers."""
    action = Choice.model_fields["action"].description
    offer = Choice.model_fields["offer_id"].description
    named: Any = Literal[tuple(actions)]
    offered: Any = Literal[tuple(offers)] | None if offers else None
    made = create_model(
        "Choice",
        __base__=Choice,
        action=(named, Field(description=action)),
        offer_id=(offered, Field(description=offer)),
    )
    return cast("type[Choice]", made)


def concern_of(choice: Choice) -> tuple[Reason, ...]:
    """Give the reason to escalate that a model read in the customer's words, if any."""
    if choice.concern is Concern.NONE:
        return ()
    code, text = _CONCERNS[choice.concern]
    return (Reason(code=code, text=text),)


def with_reasons(reasons: Sequence[Reason], more: Sequence[Reason]) -> tuple[Reason, ...]:
    """Add reasons that are not there yet by code."""
    known = {reason.code for reason in reasons}
    return (*reasons, *(reason for reason in more if reason.code not in known))
