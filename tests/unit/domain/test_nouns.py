"""What all nouns promise: frozen, strict, within their ranges, unknown is None."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from procx_graph.domain.clock import FixedClock, SystemClock, in_utc
from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision, Offer, Reason
from procx_graph.domain.event import Event
from procx_graph.domain.message import Channel, Finding, Message, Purpose, Severity
from procx_graph.domain.permit import Permit
from procx_graph.domain.review import ReviewCase
from procx_graph.domain.risk import RiskLevel, Score
from procx_graph.domain.situation import Fact, Situation, SituationKind
from tests.unit.builders import (
    AS_OF,
    NOW,
    a_case,
    a_customer,
    a_decision,
    a_message,
    a_score,
    a_situation,
)


@pytest.mark.parametrize(
    "noun",
    [a_decision(), a_message(), a_score(), a_situation(), a_case(), Permit()],
    ids=lambda noun: type(noun).__name__,
)
def test_a_noun_is_frozen_refuses_unknown_keys_and_survives_json(noun: BaseModel) -> None:
    name = next(iter(type(noun).model_fields))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(noun, name, None)
    with pytest.raises(ValidationError, match="surprise"):
        type(noun).model_validate({**noun.model_dump(), "surprise": 1})
    assert type(noun).model_validate_json(noun.model_dump_json()) == noun


@pytest.mark.parametrize(
    ("noun", "values"),
    [
        (Customer, {"customer_id": ""}),
        (Customer, {"customer_id": "C1", "lifetime_value": -1}),
        (Customer, {"customer_id": "C1", "lifetime_value": float("nan")}),
        (Event, {"kind": "birthday"}),
        (Event, {"kind": "complaint", "description": "x" * 4001}),
        (Offer, {"id": "o", "percent_off": 0, "valid_days": 1}),
        (Offer, {"id": "o", "percent_off": 15, "valid_days": 1}),
        (Offer, {"id": "o", "percent_off": 0.1, "valid_days": 0}),
        (Reason, {"code": "bad_mood", "text": "x"}),
        (Finding, {"code": "x", "severity": "block", "start": -1, "end": 0, "hint": ""}),
        (Fact, {"id": "f1", "text": "no source"}),
        (Score, a_score().model_dump() | {"health": 101}),
        (Score, a_score().model_dump() | {"churn_risk": -0.1}),
        (Situation, a_situation().model_dump() | {"urgency": 6}),
        (Situation, a_situation().model_dump() | {"mean_csat": 0.5}),
        (Decision, a_decision().model_dump() | {"channel": "pigeon"}),
        (Message, a_message().model_dump() | {"language": "fr"}),
        (ReviewCase, a_case().model_dump() | {"kind": "gossip"}),
    ],
)
def test_a_value_out_of_its_range_is_refused(noun: type[BaseModel], values: Any) -> None:
    with pytest.raises(ValidationError):
        noun.model_validate(values)


def test_a_customer_takes_what_it_knows_from_a_row_and_leaves_addresses_there() -> None:
    row = {"customer_id": "C1", "email": "asha@mail.example", "phone": "+919876543210", "x": 1}
    customer = Customer.model_validate(row)

    assert "asha@mail.example" not in repr(customer)
    assert "9876543210" not in customer.model_dump_json()


def test_what_is_not_known_of_a_customer_is_none() -> None:
    customer = Customer(customer_id="C1")

    assert customer.opt_in_marketing is None
    assert customer.segment is None
    assert customer.lifetime_value is None
    assert customer.language is None


@pytest.mark.parametrize(
    ("email", "phone", "channels"),
    [
        (True, True, {Channel.EMAIL, Channel.SMS, Channel.WHATSAPP}),
        (True, False, {Channel.EMAIL}),
        (False, True, {Channel.SMS, Channel.WHATSAPP}),
        (False, False, set()),
    ],
)
def test_an_address_opens_its_channels(email: bool, phone: bool, channels: set[Channel]) -> None:
    customer = a_customer(has_email=email, has_phone=phone)

    assert {channel for channel in Channel if customer.reached_by(channel)} == channels


def test_risk_levels_are_ordered_from_low_to_critical() -> None:
    assert sorted(RiskLevel, key=lambda level: level.order) == [
        RiskLevel.LOW,
        RiskLevel.MEDIUM,
        RiskLevel.HIGH,
        RiskLevel.CRITICAL,
    ]


def test_only_bad_experiences_are_adverse() -> None:
    assert {kind for kind in SituationKind if not kind.adverse} == {
        SituationKind.INQUIRY,
        SituationKind.PRAISE,
        SituationKind.GONE_QUIET,
        SituationKind.WIN_BACK,
        SituationKind.SPENDING_LESS,
        SituationKind.CHECK_IN,
    }


@pytest.mark.parametrize(
    ("severities", "blocked"),
    [
        ([], False),
        ([Severity.WARN], False),
        ([Severity.BLOCK], True),
        ([Severity.WARN, Severity.BLOCK], True),
    ],
)
def test_one_grave_finding_blocks_a_message(severities: list[Severity], blocked: bool) -> None:
    findings = tuple(Finding(code="x", severity=s, start=0, end=0, hint="") for s in severities)

    assert a_message(findings=findings).blocked is blocked


def test_a_permit_allows_everything_unless_it_says_otherwise() -> None:
    assert all(Permit().allows(purpose) for purpose in Purpose)
    assert not Permit(purposes=frozenset()).allows(Purpose.SERVICE)


@pytest.mark.parametrize(
    "told",
    [
        AS_OF,
        NOW,
        datetime(2025, 6, 30, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_a_moment_is_the_same_in_every_zone_and_naive_is_utc(told: datetime) -> None:
    assert in_utc(told) == NOW
    assert FixedClock(told).now() == NOW
    assert FixedClock(told).now().utcoffset() == timedelta(0)


def test_the_system_s_clock_goes_forward_in_utc() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()

    assert first <= second
    assert first.utcoffset() == timedelta(0)
