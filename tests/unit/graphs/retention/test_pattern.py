"""The pattern: trend, explanation, and whose history is read."""

from typing import Any

import pytest
from langgraph.runtime import Runtime

from procx_graph.domain.health import Driver, DriverUnit, Factor, Measure
from procx_graph.domain.pattern import Pattern, Trend
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.pattern import PatternAgent
from procx_graph.graphs.retention.state import RunOptions, read, update
from procx_graph.scoring.profiles import load_profile
from tests.unit.builders import a_base, a_score, a_situation, days_ago

ORDERS = [
    {
        "order_id": f"O{day}",
        "customer_id": "C1",
        "order_date": days_ago(day),
        "total_amount": 90.0,
    }
    for day in (10, 40, 70)
]
TICKETS = [
    {
        "ticket_id": f"{summary}{number}",
        "customer_id": "C1",
        "created_at": days_ago(20 + number),
        "category": category,
        "status": status,
        "csat_score": csat,
        "final_message_summary": summary,
    }
    for category, summary, csat, status, times in [
        ("payment", "sent a new link", 5, "closed", 4),
        ("payment", "asked for patience", 1, "Resolved", 5),
        ("payment", "seen only twice", 5, "closed", 2),
        ("payment", "not ended", 5, "open", 6),
        ("delivery", "sent a replacement", 4, "closed", 3),
    ]
    for number in range(len(summary), len(summary) + times)
]


async def recognise(situation: Situation | None = None, **score: Any) -> Pattern:
    cohort = Cohort(
        a_base(orders=ORDERS, support_tickets=TICKETS), profile=load_profile("default-v1")
    )
    state = update(situation=situation or a_situation(), score=a_score(**score))
    given = await PatternAgent(cohort)(
        {"customer_id": "C1", **state},  # type: ignore[typeddict-item] # a state's own update
        Runtime(context=RunOptions()),
    )
    return read(given, "pattern", Pattern)


@pytest.mark.parametrize(
    ("spending", "trend"),
    [
        (0.2, Trend.FALLING),
        (0.6, Trend.STEADY),
        (0.9, Trend.RISING),
        (None, Trend.UNKNOWN),
    ],
)
async def test_the_trend_is_read_from_the_score(spending: float | None, trend: Trend) -> None:
    pattern = await recognise(sub_scores={Factor.SPENDING_TREND: spending})

    assert pattern.trend is trend


async def test_there_is_one_churn_risk_and_the_pattern_only_explains_it() -> None:
    risk, health = (
        Driver(of=of, factor="x", contribution=1, unit=DriverUnit.POINTS, text=of.value)
        for of in (Measure.RISK, Measure.HEALTH)
    )
    pattern = await recognise(churn_risk=0.37, drivers=(risk, health))

    assert pattern.churn_risk == 0.37
    assert pattern.explanation == ("risk",)
    assert (await recognise(churn_risk=None)).churn_risk is None


async def test_what_customers_rated_best_comes_first_and_rare_or_open_tickets_say_nothing() -> None:
    pattern = await recognise(a_situation(topic="payment"))

    assert [r.resolution for r in pattern.resolutions] == ["sent a new link", "asked for patience"]
    assert [r.tickets for r in pattern.resolutions] == [4, 5]


async def test_a_failed_payment_reads_payment_tickets_whatever_the_bank_said() -> None:
    failed = a_situation(SituationKind.PAYMENT_FAILED, topic="insufficient_funds")

    assert (await recognise(failed)).resolutions[0].resolution == "sent a new link"


@pytest.mark.parametrize("topic", [None, "", "astrology"])
async def test_an_unknown_topic_has_no_history(topic: str | None) -> None:
    assert (await recognise(a_situation(topic=topic))).resolutions == ()


async def test_a_customer_alone_in_a_base_is_like_nobody() -> None:
    pattern = await recognise()

    assert pattern.similar == ()
    assert pattern.similar_lost is None


async def test_a_failure_that_comes_back_is_named_so() -> None:
    again = await recognise(a_situation(SituationKind.COMPLAINT, repeated=3))
    once = await recognise(a_situation(SituationKind.COMPLAINT, repeated=1))

    assert "3 times" in again.name
    assert "times" not in once.name


@pytest.mark.parametrize("kind", SituationKind)
async def test_every_situation_has_a_name(kind: SituationKind) -> None:
    assert (await recognise(a_situation(kind))).name
