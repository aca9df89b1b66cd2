"""Small builders of the nouns that the tests talk about; each takes what makes its case special."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import Customer, CustomerState
from procx_graph.domain.decision import Action, Decision, Priority, Reason, ReasonCode
from procx_graph.domain.health import Confidence
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.policy import Policy
from procx_graph.domain.record import CustomerRecord
from procx_graph.domain.review import ReviewCase, ReviewKind
from procx_graph.domain.risk import RiskLevel, RiskMethod, Score
from procx_graph.domain.situation import Fact, Sentiment, Situation, SituationKind
from procx_graph.outreach.policies import load_policy

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)
AS_OF = NOW.replace(tzinfo=None)
"""The moment of every record here, naive UTC as in the tables."""


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def a_policy(**changes: Any) -> Policy:
    """The default policy, with sections replaced or, given as a mapping, changed in places."""
    document = load_policy().model_dump(mode="json")
    for key, change in changes.items():
        document[key] = document[key] | change if isinstance(change, dict) else change
    return Policy.model_validate(document)


def a_customer(**changes: Any) -> Customer:
    row: dict[str, Any] = {
        "customer_id": "C1",
        "first_name": "Meenakshi",
        "last_name": "Subramanian",
        "segment": "Regular",
        "lifetime_value": 800.0,
        "language": "en",
        "currency": "INR",
        "time_zone": "Asia/Kolkata",
        "signup_date": days_ago(400),
        "opt_in_marketing": True,
        "has_email": True,
        "has_phone": True,
    }
    return Customer.model_validate(row | changes)


def a_score(**changes: Any) -> Score:
    values: dict[str, Any] = {
        "customer_id": "C1",
        "as_of": NOW,
        "state": CustomerState.ACTIVE,
        "health": 55.0,
        "coverage": 0.9,
        "confidence": Confidence.HIGH,
        "churn_risk": 0.4,
        "risk_method": RiskMethod.MBG,
        "horizon_days": 90,
        "risk_level": RiskLevel.LOW,
        "value_at_stake": 200.0,
        "lifetime_value": 800.0,
        "revenue_at_risk": 80.0,
        "rank": 50,
        "top_share": 0.5,
    }
    return Score.model_validate(values | changes)


def a_situation(kind: SituationKind = SituationKind.ORDER_DELAYED, **changes: Any) -> Situation:
    values: dict[str, Any] = {
        "kind": kind,
        "sentiment": Sentiment.NEUTRAL,
        "urgency": 3,
        "summary": "Regular customer; something happened.",
        "facts": (Fact(id="f1", text="order O1 is 5 days late", source="orders:O1"),),
    }
    return Situation.model_validate(values | changes)


def a_decision(**changes: Any) -> Decision:
    values: dict[str, Any] = {
        "action": Action.UPDATE_ON_ORDER,
        "priority": Priority.MEDIUM,
        "channel": Channel.EMAIL,
        "language": "en",
        "tone": Tone.WARM,
        "purpose": Purpose.SERVICE,
    }
    return Decision.model_validate(values | changes)


def a_reason(code: ReasonCode = ReasonCode.VIP_RISK) -> Reason:
    return Reason(code=code, text="a person must look")


def a_message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "language": Language.ENGLISH,
        "channel": Channel.EMAIL,
        "tone": Tone.WARM,
        "purpose": Purpose.SERVICE,
        "subject": "Your order",
        "body": "Dear {first_name},\n\nwe are looking into it.",
    }
    return Message.model_validate(values | changes)


def a_case(review_id: str = "rev_1", **changes: Any) -> ReviewCase:
    values: dict[str, Any] = {
        "review_id": review_id,
        "run_id": "scan:C1",
        "customer_id": "C1",
        "kind": ReviewKind.ESCALATION,
        "opened_at": NOW,
    }
    return ReviewCase.model_validate(values | changes)


def a_record(customer: Customer | None = None, **tables: Any) -> CustomerRecord:
    """A record with the given tables, as the base gives them: newest first."""
    return CustomerRecord(customer or a_customer(), **tables)


def a_ticket(days: float = 3, **changes: Any) -> dict[str, Any]:
    return {
        "ticket_id": "T1",
        "order_id": None,
        "created_at": days_ago(days),
        "category": "delivery",
        "priority": "medium",
        "status": "open",
        "sentiment_score": None,
        "initial_message": None,
        "final_message_summary": None,
        "csat_score": None,
    } | changes


def a_payment(days: float = 3, **changes: Any) -> dict[str, Any]:
    return {
        "payment_id": "P1",
        "order_id": "O1",
        "payment_date": days_ago(days),
        "amount": 1234.5,
        "status": "failed",
        "failure_reason": None,
    } | changes


def an_order(days: float = 3, **changes: Any) -> dict[str, Any]:
    return {
        "order_id": "O1",
        "order_date": days_ago(days),
        "order_status": "delivered",
        "payment_status": "paid",
        "total_amount": 100.0,
        "estimated_delivery_date": None,
        "actual_delivery_date": None,
        "delivery_delay_days": None,
    } | changes


def told(kind: str, days: float = 3, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": "E1",
        "event_type": kind,
        "event_time": days_ago(days),
        "description": "What happened.",
        "order_id": None,
        "resolved_at": None,
    } | changes


def a_survey(score: int, days: float = 3, **changes: Any) -> dict[str, Any]:
    return {
        "survey_id": "S1",
        "date": days_ago(days),
        "nps_score": score,
        "feedback_text": None,
    } | changes


def a_base(*customers: dict[str, Any], **tables: list[dict[str, Any]]) -> CustomerBase:
    """A base of these customers at AS_OF; one who agreed to marketing when none is given."""
    people = customers or (
        {"customer_id": "C1", "email": "c1@mail.example", "opt_in_marketing": True},
    )
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return CustomerBase.from_frames({"customers": pd.DataFrame(people)} | frames, as_of=AS_OF)
