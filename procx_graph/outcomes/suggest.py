"""What a person might change in the policy where a trigger is too often wrong."""

from collections.abc import Iterable, Mapping

from procx_graph.domain.decision import ReasonCode
from procx_graph.domain.situation import SituationKind
from procx_graph.outcomes.figures import TriggerFigures, TriggerKind

ENOUGH = 30
"""Judged runs from which a trigger may be called imprecise."""
WANTED = 0.8
"""Share of runs that should prove right: at most a fifth of alerts may be useless.

Source: facts on messages, section 16, guides on alerts.
"""
_SITUATIONS: Mapping[str, str] = {
    SituationKind.GONE_QUIET: "raise evidence.quiet_factor or evidence.quiet_days",
    SituationKind.ORDER_DELAYED: "raise evidence.late_days",
    SituationKind.COMPLAINT: "lower evidence.angry_sentiment",
    SituationKind.POOR_RATING: "lower evidence.bad_csat or evidence.detractor",
    SituationKind.PAYMENT_FAILED: "lower evidence.adverse_days",
    SituationKind.ORDER_CANCELLED: "lower evidence.adverse_days",
}
_REASONS: Mapping[str, str] = {
    ReasonCode.VIP_RISK: "raise escalation.vip_level or lower escalation.vip_top_share",
    ReasonCode.HIGH_VALUE: "raise escalation.high_value or lower escalation.high_value_top_share",
    ReasonCode.LOW_CSAT: "lower escalation.low_csat or raise escalation.low_csat_tickets",
    ReasonCode.VIP_COMPLAINT: "take kinds out of escalation.vip_events",
    ReasonCode.OFFER_APPROVAL: "raise offers.automatic_limit",
    ReasonCode.REPEATED_FAILURE: "raise escalation.repeated",
    ReasonCode.HIGH_FRUSTRATION: "raise escalation.frustration_urgency",
    ReasonCode.FRAUD_OR_SECURITY: "take topics out of escalation.fraud_topics",
    ReasonCode.LEGAL_OR_REGULATOR: "take topics out of escalation.legal_topics",
}
_ELSE = "select customers from a higher risk on, with --min-risk"


def suggestions(triggers: Iterable[TriggerFigures]) -> tuple[str, ...]:
    """Give a sentence for every trigger that is surely too often wrong; nothing is changed.

    Surely means that even the upper end of the interval is below what is wanted.
    """
    return tuple(_suggestion(one) for one in triggers if _too_often_wrong(one))


def _too_often_wrong(trigger: TriggerFigures) -> bool:
    high = trigger.precision.high
    return trigger.precision.of >= ENOUGH and high is not None and high < WANTED


def _suggestion(trigger: TriggerFigures) -> str:
    right = trigger.precision
    assert right.share is not None
    assert right.low is not None
    assert right.high is not None
    table = _SITUATIONS if trigger.kind is TriggerKind.SITUATION else _REASONS
    setting = table.get(trigger.name)
    change = _ELSE if setting is None else f"{setting} in the policy"
    early = trigger.premature > trigger.false_alarms
    wrong = "mostly too early" if early else "mostly for nothing"
    return (
        f"{trigger.kind.value} {trigger.name}: right in {right.count:,} of {right.of:,} judged "
        f"runs ({right.share:.0%}, 95 % interval {right.low:.0%} to {right.high:.0%}), {wrong}. "
        f"One could {change}."
    )
