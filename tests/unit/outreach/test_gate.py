"""The gate: who may be contacted, and for what."""

from datetime import timedelta
from typing import Any

import pytest

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.review import Review, Verdict
from procx_graph.outreach.gate import Gate
from procx_graph.store import MemoryLedger
from tests.unit.builders import NOW, a_case, a_customer, a_policy

SERVICE = frozenset({Purpose.SERVICE, Purpose.TRANSACTIONAL})
NOBODY: frozenset[Purpose] = frozenset()


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def ask(
    ledger: MemoryLedger,
    *,
    state: CustomerState = CustomerState.ACTIVE,
    lane: Lane = Lane.RETENTION,
    escalated_ticket: bool = False,
    policy: dict[str, Any] | None = None,
    **customer: Any,
) -> Permit:
    gate = Gate(a_policy(**policy or {}), ledger)
    who = a_customer(**customer)
    return gate.permit(who, state=state, escalated_ticket=escalated_ticket, now=NOW, lane=lane)


@pytest.mark.parametrize("state", [CustomerState.ACTIVE, CustomerState.NEW])
def test_whoever_agreed_may_be_contacted_for_anything(
    ledger: MemoryLedger, state: CustomerState
) -> None:
    permit = ask(ledger, state=state)

    assert permit.purposes == set(Purpose)
    assert permit.code is None


@pytest.mark.parametrize("consent", [False, None])
def test_unknown_consent_is_no_consent_and_leaves_service_only(
    ledger: MemoryLedger, consent: bool | None
) -> None:
    permit = ask(ledger, opt_in_marketing=consent)

    assert (permit.purposes, permit.code) == (SERVICE, "no_consent")


def test_a_refusal_says_whether_consent_was_refused_or_is_unknown(ledger: MemoryLedger) -> None:
    refused = ask(ledger, opt_in_marketing=False).text
    unknown = ask(ledger, opt_in_marketing=None).text

    assert "opted out" in refused
    assert "unknown" in unknown


def test_a_dormant_customer_gets_service_only_even_with_consent(ledger: MemoryLedger) -> None:
    permit = ask(ledger, state=CustomerState.DORMANT, opt_in_marketing=True)

    assert (permit.purposes, permit.code) == (SERVICE, "dormant")


def test_a_dormant_customer_who_agreed_may_be_won_back(ledger: MemoryLedger) -> None:
    permit = ask(ledger, state=CustomerState.DORMANT, lane=Lane.WINBACK)

    assert permit.purposes == set(Purpose)
    assert permit.code is None


@pytest.mark.parametrize("consent", [False, None])
def test_a_dormant_customer_who_did_not_agree_gets_service_only_in_every_lane(
    ledger: MemoryLedger, consent: bool | None
) -> None:
    codes = {
        lane: ask(ledger, state=CustomerState.DORMANT, lane=lane, opt_in_marketing=consent)
        for lane in Lane
    }

    assert {permit.purposes for permit in codes.values()} == {SERVICE}
    assert codes[Lane.RETENTION].code == "dormant"
    assert codes[Lane.WINBACK].code == "no_consent"


def test_the_win_back_lane_opens_no_other_door(ledger: MemoryLedger) -> None:
    ledger.record_contact("C1", at=NOW)
    won: dict[str, Any] = {"state": CustomerState.DORMANT, "lane": Lane.WINBACK}

    refused = [
        ask(ledger, **won),
        ask(MemoryLedger(), **won, escalated_ticket=True),
        ask(MemoryLedger(), **won, has_email=False, has_phone=False),
        ask(MemoryLedger(), state=CustomerState.CHURNED, lane=Lane.WINBACK),
    ]

    assert [permit.code for permit in refused] == [
        "cooldown", "open_case", "no_channel", "churned",
    ]  # fmt: skip
    assert {permit.purposes for permit in refused} == {NOBODY}


@pytest.mark.parametrize("state", [s for s in CustomerState if s is not CustomerState.DORMANT])
@pytest.mark.parametrize("consent", [True, False, None])
def test_for_all_but_the_dormant_the_lane_changes_nothing(
    ledger: MemoryLedger, state: CustomerState, consent: bool | None
) -> None:
    permits = [ask(ledger, state=state, lane=lane, opt_in_marketing=consent) for lane in Lane]

    assert permits[0] == permits[1]


def test_whoever_has_left_is_let_alone(ledger: MemoryLedger) -> None:
    permit = ask(ledger, state=CustomerState.CHURNED)

    assert (permit.purposes, permit.code) == (NOBODY, "churned")


def test_nobody_is_written_to_without_an_address(ledger: MemoryLedger) -> None:
    permit = ask(ledger, has_email=False, has_phone=False)

    assert (permit.purposes, permit.code) == (NOBODY, "no_channel")


def test_an_address_that_no_channel_of_the_policy_uses_is_none(ledger: MemoryLedger) -> None:
    permit = ask(ledger, policy={"channels": ["sms"]}, has_email=True, has_phone=False)

    assert (permit.purposes, permit.code) == (NOBODY, "no_channel")


@pytest.mark.parametrize(("email", "phone"), [(True, False), (False, True)])
def test_one_address_is_enough(ledger: MemoryLedger, email: bool, phone: bool) -> None:
    assert ask(ledger, has_email=email, has_phone=phone).purposes == set(Purpose)


def test_an_escalated_ticket_belongs_to_a_person(ledger: MemoryLedger) -> None:
    permit = ask(ledger, escalated_ticket=True)

    assert (permit.purposes, permit.code) == (NOBODY, "open_case")


def test_a_review_that_waits_belongs_to_a_person_until_it_is_answered(
    ledger: MemoryLedger,
) -> None:
    ledger.open(a_case())
    waiting = ask(ledger)
    ledger.settle(a_case(), Review(verdict=Verdict.REJECT), at=NOW)

    assert (waiting.purposes, waiting.code) == (NOBODY, "open_case")
    assert ask(ledger, policy={"contact": {"resolved_days": 0}}).code is None


def test_another_customer_s_review_is_no_obstacle(ledger: MemoryLedger) -> None:
    ledger.open(a_case(customer_id="C2"))
    ledger.record_contact("C2", at=NOW)

    assert ask(ledger).code is None


@pytest.mark.parametrize(
    ("ago", "code"),
    [
        (timedelta(0), "cooldown"),
        (timedelta(days=6, hours=23, minutes=59), "cooldown"),
        (timedelta(days=7), None),
        (timedelta(days=30), None),
    ],
)
def test_after_a_contact_seven_days_must_pass(
    ledger: MemoryLedger, ago: timedelta, code: str | None
) -> None:
    ledger.record_contact("C1", at=NOW - ago)
    permit = ask(ledger)

    assert permit.code == code
    assert permit.purposes == (NOBODY if code else set(Purpose))


def test_a_policy_without_cooldown_lets_a_second_message_follow(ledger: MemoryLedger) -> None:
    ledger.record_contact("C1", at=NOW)

    no_caps = {"cooldown_days": 0, "contact": {"overall": {}, "channels": {}}}

    assert ask(ledger, policy=no_caps).code is None


def test_the_strictest_reason_is_the_one_that_is_told(ledger: MemoryLedger) -> None:
    everything: dict[str, Any] = {"opt_in_marketing": None, "has_email": False, "has_phone": False}
    ledger.record_contact("C1", at=NOW)
    reached = everything | {"has_email": True}

    codes = [
        ask(ledger, state=CustomerState.CHURNED, escalated_ticket=True, **everything).code,
        ask(ledger, state=CustomerState.CHURNED, **everything).code,
        ask(ledger, state=CustomerState.DORMANT, **everything).code,
        ask(ledger, state=CustomerState.DORMANT, **reached).code,
        ask(MemoryLedger(), state=CustomerState.DORMANT, **reached).code,
        ask(MemoryLedger(), **reached).code,
    ]

    assert codes == ["open_case", "churned", "no_channel", "cooldown", "dormant", "no_consent"]


@pytest.mark.parametrize("state", CustomerState)
@pytest.mark.parametrize("consent", [False, None])
@pytest.mark.parametrize("escalated_ticket", [False, True])
@pytest.mark.parametrize("lane", Lane)
def test_nobody_without_consent_is_ever_permitted_marketing(
    ledger: MemoryLedger,
    state: CustomerState,
    consent: bool | None,
    escalated_ticket: bool,
    lane: Lane,
) -> None:
    permit = ask(
        ledger,
        state=state,
        lane=lane,
        escalated_ticket=escalated_ticket,
        opt_in_marketing=consent,
    )

    assert not permit.allows(Purpose.MARKETING)
    assert permit.code
    assert permit.text
