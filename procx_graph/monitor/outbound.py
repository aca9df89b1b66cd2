"""The message that a run or an answer leads to, as it goes into the outbox."""

from datetime import datetime

from procx_graph.casework.opening import APPROVAL
from procx_graph.domain.decision import Decision
from procx_graph.domain.message import Message
from procx_graph.domain.outbound import Basis, OutboundMessage, OutboxState, message_id_of
from procx_graph.domain.review import Review, Verdict
from procx_graph.domain.situation import Situation
from procx_graph.graphs.retention.reviewing import settled_offer
from procx_graph.graphs.retention.state import read, read_optional
from procx_graph.monitor.run import Outcome
from procx_graph.report import CustomerResult, Status

_REFUSED = {
    Verdict.REJECT: "a person decided not to write",
    Verdict.DISMISS: "a person dropped the case",
}
NOBODY = "reviewer"
"""Who approved, where the reviewer gave no name."""


def drafted(outcome: Outcome, result: CustomerResult, *, at: datetime) -> OutboundMessage | None:
    """Give the message of a run that no person need look at, or that waits for their yes.

    Returns:
        `None` where the run wrote nothing that could be sent.
    """
    message = read_optional(outcome.values, "message", Message)
    waits = result.status is Status.ESCALATED and result.reason == APPROVAL
    if message is None or message.blocked or not (waits or result.status is Status.DRAFTED):
        return None
    decision = read(outcome.values, "decision", Decision)
    basis = Basis(
        situation=read(outcome.values, "situation", Situation),
        offer=decision.offer,
        lane=outcome.lane,
    )
    return _outbound(
        outcome,
        message,
        basis,
        at=at,
        state=OutboxState.DRAFTED if waits else OutboxState.APPROVED,
        approved_at=None if waits else at,
    )


def answered(
    outcome: Outcome,
    review: Review,
    message: Message | None,
    *,
    draft: Message | None,
    at: datetime,
) -> OutboundMessage | None:
    """Give the message that a person's answer leads to, or forbids.

    Args:
        outcome: The run, as it ended, or as it waits where it does not go on.
        review: The answer.
        message: The text that they settled on; `None` where they want none.
        draft: What they were shown.
        at: The present moment.

    Returns:
        `None` where there is no text at all.
    """
    stored = message or draft
    if stored is None:
        return None
    decision = read(outcome.values, "decision", Decision)
    basis = Basis(
        situation=read(outcome.values, "situation", Situation),
        offer=settled_offer(decision, review),
        lane=outcome.lane,
        answered=True,
    )
    refused = message is None
    return _outbound(
        outcome,
        stored,
        basis,
        at=at,
        state=OutboxState.SUPPRESSED if refused else OutboxState.APPROVED,
        reason=review.verdict.value if refused else None,
        detail=_REFUSED.get(review.verdict) if refused else None,
        approved_by=None if refused else review.reviewer or NOBODY,
        approved_at=None if refused else at,
    )


def unread(outbound: OutboundMessage) -> OutboundMessage:
    """Let a message wait for a yes that holds another text than its person approved.

    That is so when what they approved offered something that was refused afterwards.
    """
    return outbound.model_copy(
        update={
            "state": OutboxState.DRAFTED,
            "reason": "offer_refused",
            "detail": "the offer was refused meanwhile: the text without it waits for a yes in "
            "the outbox",
            "approved_by": None,
            "approved_at": None,
        }
    )


def _outbound(
    outcome: Outcome,
    message: Message,
    basis: Basis,
    *,
    at: datetime,
    state: OutboxState,
    approved_at: datetime | None,
    approved_by: str | None = None,
    reason: str | None = None,
    detail: str | None = None,
) -> OutboundMessage:
    return OutboundMessage(
        message_id=message_id_of(outcome.run_id),
        run_id=outcome.run_id,
        customer_id=outcome.customer_id,
        channel=message.channel,
        purpose=message.purpose,
        message=message,
        basis=basis,
        state=state,
        reason=reason,
        detail=detail,
        approved_by=approved_by,
        approved_at=approved_at,
        created_at=at,
        changed_at=at,
    )
