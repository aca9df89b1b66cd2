"""The rules of the context agent: from evidence to the customer's situation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from procx_graph.domain.clock import in_utc
from procx_graph.domain.customer import Customer
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.health import Factor, against
from procx_graph.domain.policy import Policy
from procx_graph.domain.record import CustomerRecord, Row
from procx_graph.domain.risk import RiskLevel, Score
from procx_graph.domain.situation import Fact, Sentiment, Situation, SituationKind
from procx_graph.graphs.retention.evidence import (
    Sighting,
    is_escalated,
    is_open,
    plural,
    quote,
    sightings,
    within,
)

KIND_OF_EVENT = {
    EventKind.COMPLAINT: SituationKind.COMPLAINT,
    EventKind.INQUIRY: SituationKind.INQUIRY,
    EventKind.ORDER_DELAYED: SituationKind.ORDER_DELAYED,
    EventKind.ORDER_CANCELLED: SituationKind.ORDER_CANCELLED,
    EventKind.PAYMENT_FAILED: SituationKind.PAYMENT_FAILED,
    EventKind.CONSENT: SituationKind.CHECK_IN,
    EventKind.RESOLUTION: SituationKind.CHECK_IN,
}
_ORDER = list(SituationKind)
_FEELING = {
    Sentiment.VERY_POSITIVE: 1.0,
    Sentiment.POSITIVE: 0.5,
    Sentiment.NEUTRAL: 0.0,
    Sentiment.NEGATIVE: -0.5,
    Sentiment.VERY_NEGATIVE: -1.0,
}
_LOSING = 0.5
"""A spending-trend sub-score below this is a real decline (.6 is 19 % below the own average)."""


def appraise(
    record: CustomerRecord,
    *,
    score: Score,
    policy: Policy,
    as_of: datetime,
    event: Event | None = None,
    win_back: bool = False,
) -> Situation:
    """Say what is going on with a customer, from structured data alone.

    An event of this run leads; otherwise the most concrete sighting does, the newest first.

    Args:
        record: The customer's rows.
        score: The run's score; its drivers become facts.
        policy: Windows, thresholds, and what each situation means.
        as_of: The moment to look from; naive is UTC.
        event: What was reported, if anything; one that happened longer ago than the evidence
            window is a fact and no reason.
        win_back: Whether this is a dormant customer in the win-back lane: then nothing but an
            event or a bad experience comes before winning them back.
    """
    at = as_of.replace(tzinfo=None)
    rules = policy.evidence
    news = event if event is not None and _is_news(event, at, rules.adverse_days) else None
    found = sightings(record, rules, at, days=rules.history_days)
    seen = sorted(
        (s for s in found if not s.kind.dated or (at - s.at).days < rules.adverse_days),
        key=lambda s: (_ORDER.index(s.kind), at - s.at),
    )
    lead = _lead(seen, score, news, at)
    if win_back and news is None and not lead.kind.adverse:
        lead = _win_back(seen, lead)
    tickets = [
        row
        for row in record.support_tickets or ()
        if within(row, "created_at", rules.history_days, at)
    ]
    rated = [row["csat_score"] for row in tickets if row.get("csat_score") is not None]
    same = sum(s.kind is lead.kind for s in found) + (news is not None)
    repeated = same if lead.kind.adverse else 0
    older = [s for s in found if s.kind is lead.kind and lead.kind.adverse and s not in seen]
    facts = _facts([*seen, *older], score, event, record.customer)
    return Situation(
        kind=lead.kind,
        sentiment=_sentiment(lead, tickets, rated, record, policy, news),
        urgency=_urgency(lead, score, policy, repeated),
        summary=_summary(record, score, facts),
        facts=facts,
        open_tickets=sum(map(is_open, record.support_tickets or ())),
        mean_csat=sum(rated) / len(rated) if rated else None,
        rated_tickets=len(rated),
        repeated=repeated,
        from_event=news is not None,
        order_id=lead.order_id,
        topic=lead.topic,
        days=lead.days,
        amount=lead.amount,
    )


def has_escalated_ticket(record: CustomerRecord) -> bool:
    """Whether a person already works on a ticket of this customer, however old."""
    return any(map(is_escalated, record.support_tickets or ()))


def kind_of(event: Event) -> SituationKind:
    """Give the situation an event makes; feedback without a known mood is only a reason to look."""
    if event.kind is not EventKind.FEEDBACK:
        return KIND_OF_EVENT[event.kind]
    if event.sentiment is None or event.sentiment is Sentiment.NEUTRAL:
        return SituationKind.CHECK_IN
    good = _FEELING[event.sentiment] > 0
    return SituationKind.PRAISE if good else SituationKind.POOR_RATING


def _is_news(event: Event, at: datetime, days: int) -> bool:
    """Whether an event happened within so many days before as_of, or since."""
    if event.occurred_at is None:
        return True
    return (at - in_utc(event.occurred_at).replace(tzinfo=None)).days < days


def _lead(seen: Sequence[Sighting], score: Score, event: Event | None, at: datetime) -> Sighting:
    """Give what the run is about."""
    if event is not None:
        kind = kind_of(event)
        same = next((s for s in seen if s.kind is kind), None)
        return Sighting(
            kind,
            event.description,
            "event",
            at,
            order_id=event.order_id or (same.order_id if same else None),
            topic=same.topic if same else None,
        )
    if seen and seen[0].kind is not SituationKind.PRAISE:
        return seen[0]
    spending = score.sub_scores.get(Factor.SPENDING_TREND)
    if spending is not None and spending < _LOSING:
        return Sighting(SituationKind.SPENDING_LESS, "", "scores", at)
    if seen:
        return seen[0]
    return Sighting(SituationKind.CHECK_IN, "", "scores", at)


def _win_back(seen: Sequence[Sighting], lead: Sighting) -> Sighting:
    """Make the silence the reason, or whatever else led where their rhythm is as slow."""
    quiet = next((s for s in seen if s.kind is SituationKind.GONE_QUIET), lead)
    return replace(quiet, kind=SituationKind.WIN_BACK)


def _facts(
    seen: Sequence[Sighting], score: Score, event: Event | None, customer: Customer
) -> tuple[Fact, ...]:
    """Number the event, the sightings, and the score's reasons as citable facts."""
    told: list[tuple[str, str, datetime | None]] = []
    if event is not None:
        words = quote(event.description, customer, limit=400)
        said = f': "{words}"' if words else ""
        kind = event.kind.value.replace("_", " ")
        told.append((f"reported {kind}{said}", "event", event.occurred_at))
    told.extend((s.text, s.source, s.at) for s in seen)
    texts = dict.fromkeys(driver.text for driver in against(score.drivers))
    told.extend((text, "scores", None) for text in texts)
    return tuple(
        Fact(id=f"f{number}", text=text, source=source, at=at)
        for number, (text, source, at) in enumerate(told, 1)
    )


def _sentiment(
    lead: Sighting,
    tickets: Sequence[Row],
    rated: Sequence[float],
    record: CustomerRecord,
    policy: Policy,
    event: Event | None,
) -> Sentiment:
    """Say how the customer feels, on a scale of -1 to 1, rounded to the nearest mood.

    An event tells it, or what its situation means. Otherwise tickets, ratings and surveys are
    averaged with what the situation means; they can darken a bad experience, never brighten it.
    """
    base = _FEELING[policy.situations[lead.kind].sentiment]
    if event is not None and event.sentiment is not None:
        return event.sentiment
    if event is not None and not lead.kind.adverse:
        return policy.situations[lead.kind].sentiment
    signals = [base]
    told = [row["sentiment_score"] for row in tickets if row.get("sentiment_score") is not None]
    if told:
        signals.append(sum(told) / len(told))
    if rated:
        signals.append((sum(rated) / len(rated) - 3) / 2)
    nps = next(
        (r["nps_score"] for r in record.nps_survey or () if r.get("nps_score") is not None), None
    )
    if nps is not None:
        signals.append(nps / 5 - 1)
    mean = sum(signals) / len(signals)
    mood = min(base, mean) if lead.kind.adverse else mean
    return min(_FEELING, key=lambda sentiment: abs(_FEELING[sentiment] - mood))


def _urgency(lead: Sighting, score: Score, policy: Policy, repeated: int) -> int:
    """Start from the situation's urgency; a critical risk and repetition each add one."""
    urgency = policy.situations[lead.kind].urgency
    urgency += score.risk_level is RiskLevel.CRITICAL
    urgency += repeated >= policy.escalation.repeated
    return min(5, urgency)


def _summary(record: CustomerRecord, score: Score, facts: Sequence[Fact]) -> str:
    """Tell a colleague who this is and what the evidence is, without a name."""
    customer = record.customer
    who = f"{customer.segment} customer" if customer.segment else "Customer"
    if score.lifetime_value is not None:
        who += f" worth {score.lifetime_value:,.0f}"
    if customer.signup_date is not None:
        days = (score.as_of.replace(tzinfo=None) - customer.signup_date.replace(tzinfo=None)).days
        who += f", with us for {plural(max(0, days) // 30, 'month')}"
    health = f"health {score.health:.0f} of 100 ({_class(score.health)})"
    evidence = "; ".join(fact.text for fact in facts[:4]) or "nothing in particular"
    return f"{who}; {health}. Evidence: {evidence}."


def _class(health: float) -> str:
    return "healthy" if health >= 70 else "at risk" if health >= 40 else "critical"
