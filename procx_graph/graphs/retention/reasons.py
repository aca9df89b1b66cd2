"""The rules that send a case to a person, each with its evidence."""

from collections.abc import Iterator

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Reason, ReasonCode
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.health import Confidence
from procx_graph.domain.policy import Policy
from procx_graph.domain.risk import RiskLevel, Score
from procx_graph.domain.situation import Fact, Sentiment, Situation


def reasons_to_escalate(
    customer: Customer,
    situation: Situation,
    score: Score,
    *,
    policy: Policy,
    event: Event | None,
    unsupported: str | None,
) -> tuple[Reason, ...]:
    """Give every reason why a person must look, the gravest first.

    Args:
        customer: The segment.
        situation: Sentiment, urgency, topic, ratings.
        score: Risk level, rank, lifetime value, confidence.
        policy: The thresholds.
        event: What was just reported, if anything.
        unsupported: The language to write in, if we have no templates in it.
    """
    found = [
        *_about_trust(situation, policy),
        *_about_value(customer, score, policy),
        *_about_feeling(customer, situation, policy, event),
    ]
    if score.confidence is Confidence.LOW:
        found.append(_reason(ReasonCode.LOW_CONFIDENCE, "too little is known for an automatic act"))
    elif event is not None and event.kind is EventKind.FEEDBACK and event.sentiment is None:
        text = "feedback whose mood is not told: somebody must read it"
        found.append(_reason(ReasonCode.LOW_CONFIDENCE, text, _lead(situation)))
    if unsupported is not None:
        found.append(_reason(ReasonCode.UNSUPPORTED_LANGUAGE, f"no templates in {unsupported!r}"))
    return tuple(found)


def _reason(code: ReasonCode, text: str, facts: tuple[str, ...] = ()) -> Reason:
    return Reason(code=code, text=text, facts=facts)


def _about_trust(situation: Situation, policy: Policy) -> Iterator[Reason]:
    rules, topic = policy.escalation, (situation.topic or "").casefold()
    if topic in rules.fraud_topics:
        yield _reason(ReasonCode.FRAUD_OR_SECURITY, "it may be fraud or security", _lead(situation))
    if topic in rules.legal_topics:
        yield _reason(ReasonCode.LEGAL_OR_REGULATOR, "it is a legal matter", _lead(situation))


def _about_value(customer: Customer, score: Score, policy: Policy) -> Iterator[Reason]:
    rules, level = policy.escalation, score.risk_level
    top = score.top_share if score.top_share is not None else 1.0
    if policy.is_vip(customer.segment):
        at_level = level is not None and level.order >= rules.vip_level.order
        if at_level or top <= rules.vip_top_share:
            yield _reason(ReasonCode.VIP_RISK, f"{customer.segment} {_standing(level, top)}")
    value = score.lifetime_value
    if value is not None and value > rules.high_value:
        at_level = level is not None and level.order >= rules.high_value_level.order
        if at_level or top <= rules.high_value_top_share:
            yield _reason(
                ReasonCode.HIGH_VALUE, f"lifetime value {value:,.0f} {_standing(level, top)}"
            )


def _standing(level: RiskLevel | None, top: float) -> str:
    """Say what is pressing: the level where it is, and the place in the queue."""
    told = []
    if level is not None and level.order >= RiskLevel.HIGH.order:
        told.append(f"at {level.value} risk")
    if top < 1:
        told.append(f"in the top {top:.1%} of revenue at risk")
    return ", ".join(told) or "with an unknown risk"


def _about_feeling(
    customer: Customer, situation: Situation, policy: Policy, event: Event | None
) -> Iterator[Reason]:
    rules, csat = policy.escalation, situation.mean_csat
    if policy.is_vip(customer.segment) and event is not None and event.kind in rules.vip_events:
        kind = event.kind.value.replace("_", " ")
        yield _reason(ReasonCode.VIP_COMPLAINT, f"{customer.segment} with {kind}", _lead(situation))
    if (
        situation.sentiment is Sentiment.VERY_NEGATIVE
        and situation.urgency >= rules.frustration_urgency
    ):
        yield _reason(
            ReasonCode.HIGH_FRUSTRATION,
            f"very negative, urgency {situation.urgency} of 5",
            _lead(situation),
        )
    if situation.repeated >= rules.repeated:
        yield _reason(
            ReasonCode.REPEATED_FAILURE,
            f"{situation.kind.value.replace('_', ' ')} {situation.repeated} times in "
            f"{policy.evidence.history_days} days",
            _lead(situation),
        )
    enough = situation.rated_tickets >= rules.low_csat_tickets
    if csat is not None and enough and csat < rules.low_csat:
        yield _reason(
            ReasonCode.LOW_CSAT,
            f"mean CSAT {csat:.1f} over {situation.rated_tickets} rated tickets",
        )


def _lead(situation: Situation) -> tuple[str, ...]:
    """Give the id of the fact the situation is about."""
    facts: tuple[Fact, ...] = situation.facts
    return (facts[0].id,) if facts else ()
