"""Cases: what may follow what, and what is one matter."""

import pytest
from pydantic import ValidationError

from procx_graph.domain.case import CaseState
from procx_graph.domain.case_rules import Calendar, CaseRules
from procx_graph.domain.decision import ReasonCode
from procx_graph.outreach.policies import load_policy


@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("open", "assigned"),
        ("open", "in_progress"),
        ("assigned", "in_progress"),
        ("in_progress", "waiting_customer"),
        ("waiting_customer", "in_progress"),
        ("in_progress", "resolved"),
        ("reopened", "assigned"),
        ("resolved", "closed"),
        ("assigned", "open"),
        ("open", "cancelled"),
    ],
)
def test_work_goes_on(state: str, then: str) -> None:
    assert CaseState(state).may_become(CaseState(then))


@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("closed", "open"),
        ("cancelled", "in_progress"),
        ("resolved", "in_progress"),
        ("open", "closed"),
        ("open", "waiting_customer"),
    ],
)
def test_work_does_not_go_back_or_jump(state: str, then: str) -> None:
    assert not CaseState(state).may_become(CaseState(then))


def test_every_state_is_over_or_may_still_end() -> None:
    for state in CaseState:
        assert state.over or state.may_become(CaseState.RESOLVED)


def test_reasons_of_one_group_are_one_matter() -> None:
    rules = load_policy().cases

    assert rules.group_of(ReasonCode.VIP_RISK) == rules.group_of(ReasonCode.HIGH_VALUE) == "value"
    assert rules.group_of(ReasonCode.OFFER_APPROVAL) == "offer_approval"


@pytest.mark.parametrize(
    "wrong",
    [
        {"warn_at": [0.8, 0.5]},
        {"warn_at": [1.5]},
        {"groups": {"a": ["vip_risk"], "b": ["vip_risk"]}},
        {"draft_days": 0},
        {"calendar": {"time_zone": "Mars/Base"}},
        {"calendar": {"days": [8]}},
        {"calendar": {"days": []}},
        {"calendar": {"opens": "18:00", "closes": "09:00"}},
    ],
)
def test_rules_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CaseRules.model_validate(wrong)


def test_a_team_may_have_hours_of_its_own() -> None:
    rules = CaseRules(calendars={"Night": Calendar(days=(7,))})

    assert rules.calendar_of("Night").days == (7,)
    assert rules.calendar_of("Day") == rules.calendar
