"""The last word on a decision: whoever proposed it, what leaves here keeps the policy."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from procx_graph.domain.decision import Action, Decision, Offer, Reason, ReasonCode
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.policy import ALWAYS_A_PERSON, Approval, OfferRule, Policy
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import Situation
from procx_graph.outreach.purpose import purpose_of


def enforce(
    proposal: Decision,
    *,
    policy: Policy,
    permit: Permit,
    situation: Situation,
    segment: str | None,
    level: RiskLevel | None,
    now: datetime,
    offers: Collection[str] | None = None,
    channels: Sequence[Channel] | None = None,
) -> Decision:
    """Bring a proposed decision within policy and permit.

    Offers are taken from the catalogue by id, never from the proposal's own numbers; they are
    barred while a ticket is open, cut where consent is missing, and left to a person above the
    automatic limit. The purpose follows from what is left; where the channel may not be used for
    it, the first one that may takes its place. Where even that is not permitted, nobody is
    contacted.

    Args:
        proposal: Whatever rules, a model or a person would like to do.
        policy: The catalogue and the limits.
        permit: What the gate allows.
        situation: What it is about.
        segment: The customer's.
        level: The customer's churn risk level.
        now: The moment from which an offer is valid.
        offers: Ids of what may be offered here, by playbook and budgets; `None` is any that fits.
        channels: Those that the playbook may use, in order; `None` is the policy's.
    """
    rule = policy.offers.named(proposal.offer.id) if proposal.offer else None
    offer = None
    if rule and not situation.open_tickets and rule.fits(situation.kind, segment, level):
        offer = _dated(rule, policy, now)
    if offer and (
        not permit.allows(Purpose.MARKETING) or (offers is not None and offer.id not in offers)
    ):
        offer = None
    purpose = purpose_of("", offer=offer, situation=situation)
    if proposal.action is Action.NO_CONTACT:
        return _no_contact(proposal, purpose, code=proposal.refused, why=proposal.why)
    if not permit.allows(purpose):
        return _no_contact(proposal, purpose, code=permit.code, why=permit.text)
    order = policy.channels if channels is None else channels
    channel = proposal.channel
    if channel is not None and (channel not in order or not permit.allows(purpose, channel)):
        channel = permit.way(purpose, order)
    if channel is None:
        return _no_contact(
            proposal, purpose, code="no_channel", why="no channel of the policy reaches them"
        )
    reasons = tuple(r for r in proposal.reasons if r.code is not ReasonCode.OFFER_APPROVAL)
    if policy.approval is Approval.NONE:
        reasons = tuple(r for r in reasons if r.code in ALWAYS_A_PERSON)
    if offer and not offer.approved:
        reasons += (_approval(offer, policy),)
    return proposal.model_copy(
        update={
            "purpose": purpose,
            "channel": channel,
            "offer": offer,
            "reasons": reasons,
            "escalate": bool(reasons),
            "refused": None,
        }
    )


def _no_contact(proposal: Decision, purpose: Purpose, *, code: str | None, why: str) -> Decision:
    """Give the decision that writes to nobody."""
    return proposal.model_copy(
        update={
            "action": Action.NO_CONTACT,
            "channel": None,
            "purpose": purpose,
            "offer": None,
            "escalate": False,
            "reasons": (),
            "refused": code,
            "steps": (),
            "why": why,
        }
    )


def _dated(rule: OfferRule, policy: Policy, now: datetime) -> Offer:
    """Give the catalogue's offer with its expiry, approved if it is small enough."""
    return Offer(
        id=rule.id,
        percent_off=rule.percent_off,
        valid_days=rule.valid_days,
        expires=now + timedelta(days=rule.valid_days),
        approved=rule.percent_off <= policy.offers.automatic_limit,
    )


def _approval(offer: Offer, policy: Policy) -> Reason:
    """Say why a person must approve the offer."""
    limit = policy.offers.automatic_limit
    return Reason(
        code=ReasonCode.OFFER_APPROVAL,
        text=f"offer of {offer.percent_off:.0%} is above the automatic limit of {limit:.0%}",
    )
