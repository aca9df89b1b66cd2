"""Why a case goes to a person: each threshold on both sides."""

from typing import Any

import pytest

from procx_graph.domain.decision import Reason, ReasonCode
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.health import Confidence
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import Sentiment
from procx_graph.graphs.retention.reasons import reasons_to_escalate
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import a_customer, a_score, a_situation

VIP = {"segment": "VIP"}
RICH = {"lifetime_value": 5000.01}
FURIOUS = {"sentiment": Sentiment.VERY_NEGATIVE, "urgency": 5}


def ask(
    *,
    customer: dict[str, Any] | None = None,
    score: dict[str, Any] | None = None,
    situation: dict[str, Any] | None = None,
    event: EventKind | None = None,
    unsupported: str | None = None,
) -> tuple[Reason, ...]:
    return reasons_to_escalate(
        a_customer(**customer or {}),
        a_situation(**situation or {}),
        a_score(**score or {}),
        policy=load_policy(),
        event=Event(kind=event) if event else None,
        unsupported=unsupported,
    )


def codes(**case: Any) -> list[ReasonCode]:
    return [reason.code for reason in ask(**case)]


def test_an_ordinary_case_needs_nobody() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("segment", "level", "top_share", "asked"),
    [
        ("VIP", RiskLevel.HIGH, 0.5, True),
        ("VIP", RiskLevel.CRITICAL, None, True),
        ("VIP", RiskLevel.MEDIUM, 0.5, False),
        ("VIP", RiskLevel.LOW, 0.05, True),
        ("VIP", RiskLevel.LOW, 0.0501, False),
        ("VIP", None, None, False),
        ("Loyal", RiskLevel.CRITICAL, 0.01, False),
        (None, RiskLevel.CRITICAL, 0.01, False),
    ],
)
def test_a_vip_at_risk_is_a_person_s(
    segment: str | None, level: RiskLevel | None, top_share: float | None, asked: bool
) -> None:
    found = codes(
        customer={"segment": segment}, score={"risk_level": level, "top_share": top_share}
    )

    assert found == ([ReasonCode.VIP_RISK] if asked else [])


@pytest.mark.parametrize(
    ("value", "level", "top_share", "asked"),
    [
        (5000.01, RiskLevel.CRITICAL, 0.5, True),
        (5000.0, RiskLevel.CRITICAL, 0.01, False),
        (5000.01, RiskLevel.HIGH, 0.5, False),
        (5000.01, RiskLevel.LOW, 0.01, True),
        (5000.01, RiskLevel.LOW, 0.0101, False),
        (5000.01, None, None, False),
        (None, RiskLevel.CRITICAL, 0.001, False),
    ],
)
def test_much_money_at_risk_is_a_person_s(
    value: float | None, level: RiskLevel | None, top_share: float | None, asked: bool
) -> None:
    found = codes(score={"lifetime_value": value, "risk_level": level, "top_share": top_share})

    assert found == ([ReasonCode.HIGH_VALUE] if asked else [])


@pytest.mark.parametrize(
    ("mean", "rated", "asked"),
    [(2.49, 2, True), (2.5, 2, False), (1.0, 1, False), (1.0, 3, True), (None, 0, False)],
)
def test_low_ratings_count_from_two_tickets(mean: float | None, rated: int, asked: bool) -> None:
    found = codes(situation={"mean_csat": mean, "rated_tickets": rated})

    assert found == ([ReasonCode.LOW_CSAT] if asked else [])


@pytest.mark.parametrize(
    ("segment", "event", "asked"),
    [
        ("VIP", EventKind.COMPLAINT, True),
        ("VIP", EventKind.ORDER_CANCELLED, True),
        ("VIP", EventKind.INQUIRY, False),
        ("VIP", None, False),
        ("Loyal", EventKind.COMPLAINT, False),
    ],
)
def test_a_vip_s_complaint_is_a_person_s(
    segment: str, event: EventKind | None, asked: bool
) -> None:
    found = codes(customer={"segment": segment}, event=event)

    assert found == ([ReasonCode.VIP_COMPLAINT] if asked else [])


@pytest.mark.parametrize(
    ("sentiment", "urgency", "asked"),
    [
        (Sentiment.VERY_NEGATIVE, 5, True),
        (Sentiment.VERY_NEGATIVE, 4, False),
        (Sentiment.NEGATIVE, 5, False),
    ],
)
def test_fury_that_cannot_wait_is_a_person_s(
    sentiment: Sentiment, urgency: int, asked: bool
) -> None:
    found = codes(situation={"sentiment": sentiment, "urgency": urgency})

    assert found == ([ReasonCode.HIGH_FRUSTRATION] if asked else [])


@pytest.mark.parametrize(("times", "asked"), [(2, False), (3, True), (9, True)])
def test_the_third_failure_of_a_kind_is_a_person_s(times: int, asked: bool) -> None:
    found = codes(situation={"repeated": times})

    assert found == ([ReasonCode.REPEATED_FAILURE] if asked else [])


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("fraud", ReasonCode.FRAUD_OR_SECURITY),
        ("Security", ReasonCode.FRAUD_OR_SECURITY),
        ("fraud_suspected", ReasonCode.FRAUD_OR_SECURITY),
        ("legal", ReasonCode.LEGAL_OR_REGULATOR),
        ("regulator", ReasonCode.LEGAL_OR_REGULATOR),
        ("data_protection", ReasonCode.LEGAL_OR_REGULATOR),
        ("delivery", None),
        ("", None),
        (None, None),
    ],
)
def test_some_topics_are_always_a_person_s(topic: str | None, code: ReasonCode | None) -> None:
    assert codes(situation={"topic": topic}) == ([code] if code else [])


@pytest.mark.parametrize(
    ("confidence", "asked"),
    [(Confidence.LOW, True), (Confidence.MEDIUM, False), (Confidence.HIGH, False)],
)
def test_a_score_of_low_confidence_is_never_acted_on_without_a_person(
    confidence: Confidence, asked: bool
) -> None:
    found = codes(score={"confidence": confidence})

    assert found == ([ReasonCode.LOW_CONFIDENCE] if asked else [])


def test_a_language_without_templates_is_a_person_s() -> None:
    (reason,) = ask(customer={"language": "fr"}, unsupported="fr")

    assert reason.code is ReasonCode.UNSUPPORTED_LANGUAGE
    assert "fr" in reason.text


def test_all_reasons_are_given_and_the_gravest_comes_first() -> None:
    found = codes(
        customer=VIP,
        score=RICH | {"risk_level": RiskLevel.CRITICAL, "confidence": Confidence.LOW},
        situation=FURIOUS | {"topic": "fraud", "repeated": 3, "mean_csat": 1.0, "rated_tickets": 2},
        event=EventKind.COMPLAINT,
        unsupported="fr",
    )

    assert found[0] is ReasonCode.FRAUD_OR_SECURITY
    assert set(found) == {
        ReasonCode.FRAUD_OR_SECURITY,
        ReasonCode.VIP_RISK,
        ReasonCode.HIGH_VALUE,
        ReasonCode.VIP_COMPLAINT,
        ReasonCode.HIGH_FRUSTRATION,
        ReasonCode.REPEATED_FAILURE,
        ReasonCode.LOW_CSAT,
        ReasonCode.LOW_CONFIDENCE,
        ReasonCode.UNSUPPORTED_LANGUAGE,
    }


def test_a_reason_cites_the_fact_it_rests_on() -> None:
    (reason,) = ask(situation={"repeated": 3})
    (without,) = ask(situation={"repeated": 3, "facts": ()})

    assert reason.facts == ("f1",)
    assert without.facts == ()


def test_feedback_whose_mood_nobody_told_must_be_read_by_a_person() -> None:
    assert codes(event=EventKind.FEEDBACK) == [ReasonCode.LOW_CONFIDENCE]
