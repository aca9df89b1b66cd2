"""What a run left behind, read as a result."""

from typing import Any

import pytest

from procx_graph import CustomerBase
from procx_graph.domain.decision import Action, Offer, Reason, ReasonCode
from procx_graph.domain.message import Finding, Severity
from procx_graph.domain.model import Noun
from procx_graph.domain.review import Review, Verdict
from procx_graph.monitor.run import Outcome, filled, result_of
from procx_graph.report import Status
from tests.unit.builders import a_base, a_decision, a_message, a_score, a_situation

BLOCKED = Finding(code="internal_word", severity=Severity.BLOCK, start=0, end=1, hint="leave it")
WARNED = Finding(code="missing_subject", severity=Severity.WARN, start=0, end=0, hint="add one")


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    return a_base({"customer_id": "C1", "first_name": "Asha", "email": "asha@mail.example"})


def outcome(**nouns: Noun) -> Outcome:
    values = {"situation": a_situation(), "decision": a_decision()} | nouns
    dumped: dict[str, Any] = {name: noun.model_dump(mode="json") for name, noun in values.items()}
    return Outcome("scan:C1", "C1", a_score(), dumped)


def test_a_written_message_is_drafted_with_the_name_filled_in(base: CustomerBase) -> None:
    result = result_of(outcome(message=a_message()), base)

    assert (result.status, result.reason) == (Status.DRAFTED, "order_delayed")
    assert result.message is not None
    assert result.message.body.startswith("Dear Asha,")


def test_a_message_that_a_check_blocks_waits_for_a_person(base: CustomerBase) -> None:
    result = result_of(outcome(message=a_message(findings=(BLOCKED, WARNED))), base)

    assert (result.status, result.reason) == (Status.ESCALATED, "compliance_block")
    assert "internal_word" in result.detail


def test_a_warning_blocks_nothing(base: CustomerBase) -> None:
    result = result_of(outcome(message=a_message(findings=(WARNED,))), base)

    assert result.status is Status.DRAFTED


def test_a_refusal_of_the_gate_is_skipped_with_its_code(base: CustomerBase) -> None:
    refused = a_decision(action=Action.NO_CONTACT, refused="no_consent", why="opted out")

    result = result_of(outcome(decision=refused), base)

    assert (result.status, result.reason) == (Status.SKIPPED, "no_consent")
    assert result.detail == "opted out"
    assert result.message is None


def test_an_escalation_is_told_by_its_gravest_reason(base: CustomerBase) -> None:
    reasons = (
        Reason(code=ReasonCode.VIP_RISK, text="VIP at high risk"),
        Reason(code=ReasonCode.LOW_CSAT, text="mean CSAT 1.5"),
    )

    result = result_of(outcome(decision=a_decision(escalate=True, reasons=reasons)), base)

    assert (result.status, result.reason) == (Status.ESCALATED, "vip_risk")


def test_an_answered_run_is_closed(base: CustomerBase) -> None:
    result = result_of(outcome(message=a_message(), review=Review(verdict=Verdict.APPROVE)), base)

    assert (result.status, result.review) == (Status.CLOSED, None)


def test_a_graph_that_gave_no_decision_has_failed(base: CustomerBase) -> None:
    result = result_of(Outcome("scan:C1", "C1", a_score()), base)

    assert (result.status, result.reason) == (Status.FAILED, "incomplete_run")


def test_a_model_that_failed_is_told(base: CustomerBase) -> None:
    run = outcome(message=a_message())
    run.values["degraded"] = ["decision"]

    assert result_of(run, base).degraded


def test_the_decision_is_shown_with_its_offer(base: CustomerBase) -> None:
    offer = Offer(id="come-back-10", percent_off=0.1, valid_days=30, approved=True)

    result = result_of(outcome(decision=a_decision(offer=offer), message=a_message()), base)

    assert result.decision is not None
    assert result.decision.offer == offer


@pytest.mark.parametrize("name", [None, "nan", "<script>alert(1)</script>", "{body}"])
def test_a_name_that_is_none_is_left_out_of_the_message(name: str | None) -> None:
    view = filled(a_message(), name)

    assert view is not None
    assert "{" not in view.body
    assert "<" not in view.body
