"""What a run offered, as the ledger keeps it."""

from datetime import datetime

from procx_graph.base import CustomerBase
from procx_graph.domain.dealings import OfferMade, OfferStatus
from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.review import Review, Verdict
from procx_graph.graphs.retention.reviewing import settled_offer
from procx_graph.graphs.retention.state import read_optional
from procx_graph.monitor.run import Outcome
from procx_graph.outreach.budget import scan_of, worth_of
from procx_graph.report import CustomerResult, Status

_USES_TEXT = frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.RESPOND})


def offer_made(
    outcome: Outcome, result: CustomerResult, base: CustomerBase, *, at: datetime
) -> OfferMade | None:
    """Give what a run offered, `None` when it was nothing."""
    offer = _offer(outcome)
    if offer is None or result.status in {Status.SKIPPED, Status.FAILED}:
        return None
    waits = result.status is Status.ESCALATED
    status = OfferStatus.PROPOSED if waits and not offer.applied else _standing(offer)
    return _made(outcome, offer, status, base, at)


def offer_answered(
    outcome: Outcome, result: CustomerResult, review: Review, base: CustomerBase, *, at: datetime
) -> OfferMade | None:
    """Give how far the offer of a run is that a person answered, `None` when it made none.

    Args:
        outcome: As it waited.
        result: What the answer led to.
        review: The answer.
        base: The customers.
        at: When it was answered.
    """
    before = _offer(outcome)
    if before is None:
        return None
    left = result.decision.offer if result.decision is not None else None
    if left is not None and review.verdict in _USES_TEXT:
        decision = read_optional(outcome.values, "decision", Decision)
        assert decision is not None
        left = left if left.approved else settled_offer(decision, review)
    else:
        left = None
    if left is None:
        return _made(outcome, before, OfferStatus.REFUSED, base, at)
    return _made(outcome, left, _standing(left), base, at)


def _offer(outcome: Outcome) -> Offer | None:
    decision = read_optional(outcome.values, "decision", Decision)
    return None if decision is None else decision.offer


def _standing(offer: Offer) -> OfferStatus:
    return OfferStatus.APPLIED if offer.applied else OfferStatus.PENDING


def _made(
    outcome: Outcome, offer: Offer, status: OfferStatus, base: CustomerBase, at: datetime
) -> OfferMade:
    known = outcome.customer_id in base
    worth = worth_of(offer.percent_off, base.customer(outcome.customer_id)) if known else None
    return OfferMade(
        run_id=outcome.run_id,
        scan_id=scan_of(outcome.run_id, outcome.customer_id),
        customer_id=outcome.customer_id,
        offer_id=offer.id,
        percent_off=offer.percent_off,
        worth=worth,
        expires=offer.expires,
        status=status,
        reference=offer.reference,
        made_at=at,
    )
