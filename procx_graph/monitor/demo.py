"""Five written scenarios, each for a real customer of the base."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.health import Confidence, Factor
from procx_graph.domain.message import Language
from procx_graph.domain.policy import is_among
from procx_graph.domain.record import CustomerRecord
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Sentiment, SituationKind
from procx_graph.errors import DataError
from procx_graph.graphs.retention.appraisal import appraise, has_escalated_ticket
from procx_graph.graphs.retention.reasons import reasons_to_escalate
from procx_graph.monitor.monitor import Monitor


def _most_at_stake(score: Score) -> tuple[Any, ...]:
    return (-(score.revenue_at_risk or 0.0), score.customer_id)


def _riskiest(score: Score) -> tuple[Any, ...]:
    return (-(score.churn_risk or 0.0), score.customer_id)


def _newest(score: Score) -> tuple[Any, ...]:
    tenure = score.sub_scores.get(Factor.TENURE)
    known = 1.0 if tenure is None else tenure
    return (score.state is not CustomerState.NEW, known, score.customer_id)


@dataclass(frozen=True)
class Scenario:
    """A situation to play through.

    Attributes:
        name: How it is called.
        segment: Segment of the customer.
        event: What they report.
        by: The order in which customers are tried.
    """

    name: str
    segment: str
    event: Event
    by: Callable[[Score], tuple[Any, ...]] = _most_at_stake


SCENARIOS = (
    Scenario(
        "vip_complaint",
        "VIP",
        Event(
            kind=EventKind.COMPLAINT,
            description="Extremely unhappy with delayed premium order. This is the third time!",
        ),
    ),
    Scenario(
        "loyal_order_delay",
        "Loyal",
        Event(
            kind=EventKind.ORDER_DELAYED,
            description="Order delayed by 5 days. Need it urgently for a gift.",
        ),
    ),
    Scenario(
        "new_customer_inquiry",
        "Occasional",
        Event(
            kind=EventKind.INQUIRY,
            description="First time buyer asking about shipping times and return policy.",
        ),
        by=_newest,
    ),
    Scenario(
        "high_value_at_risk",
        "VIP",
        Event(
            kind=EventKind.ORDER_CANCELLED,
            description="Cancelled order due to poor experience. "
            "Considering switching to competitor.",
        ),
        by=_riskiest,
    ),
    Scenario(
        "positive_feedback",
        "Loyal",
        Event(
            kind=EventKind.FEEDBACK,
            description="Absolutely loved the recent purchase! Best customer service ever.",
            sentiment=Sentiment.VERY_POSITIVE,
        ),
    ),
)


def pick_customer(monitor: Monitor, scenario: Scenario, taken: set[str]) -> str:
    """Give the customer to play the scenario with.

    They belong to the segment, consent to marketing, can be reached, read a language we write,
    are known well enough, and have no case with a person. Outside VIPs, nothing but the scenario
    itself should decide, so nobody is taken whom the data alone would send to a person.

    Raises:
        DataError: The base has nobody like that.
    """
    scores = monitor.scores.scores()
    ranked = sorted(scores.values(), key=scenario.by)
    for score in ranked:
        if score.customer_id not in taken and _fits(monitor, scenario, score):
            return score.customer_id
    raise DataError(
        f"no {scenario.segment} customer of this base suits the scenario {scenario.name}"
    )


def _fits(monitor: Monitor, scenario: Scenario, score: Score) -> bool:
    if score.state not in {CustomerState.ACTIVE, CustomerState.NEW}:
        return False
    if score.confidence is Confidence.LOW:
        return False
    record = monitor.base.record(score.customer_id)
    customer = record.customer
    if (
        not is_among(customer.segment, (scenario.segment,))
        or not customer.opt_in_marketing
        or not (customer.has_email or customer.has_phone)
        or customer.language not in list(Language)
        or has_escalated_ticket(record)
    ):
        return False
    if monitor.policy.is_vip(scenario.segment):
        return True
    situation = appraise(
        record,
        score=score,
        policy=monitor.policy,
        as_of=monitor.base.as_of,
        event=scenario.event,
    )
    if scenario.by is _newest and len(record.orders or ()) > 1:
        return False
    if situation.kind is SituationKind.PRAISE and _has_trouble(monitor, record, score):
        return False
    return not reasons_to_escalate(
        customer,
        situation,
        score,
        policy=monitor.policy,
        event=scenario.event,
        unsupported=None,
    )


def _has_trouble(monitor: Monitor, record: CustomerRecord, score: Score) -> bool:
    """Whether something bad happened to them lately, so that praise would sound odd."""
    own = appraise(record, score=score, policy=monitor.policy, as_of=monitor.base.as_of)
    return own.kind.adverse
