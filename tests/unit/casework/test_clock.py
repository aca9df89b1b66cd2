"""How a case stands against its clock."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from procx_graph.casework.clock import (
    Lateness,
    due_warning,
    lateness,
    next_team,
    raised,
    resumed,
    share_used,
)
from procx_graph.casework.opening import first_work
from procx_graph.domain.case import Case
from procx_graph.domain.case_rules import Calendar, CaseRules
from procx_graph.domain.decision import Priority
from procx_graph.domain.policy import Team

NOON = datetime(2025, 6, 30, 12, tzinfo=UTC)
ALWAYS = CaseRules(calendar=Calendar(days=(1, 2, 3, 4, 5, 6, 7), opens=time(), closes=time()))
FIRST, SECOND = Team(name="First", level=1, sla_hours=10), Team(name="Second", level=2, sla_hours=4)
OTHER, THIRD = Team(name="Other", level=2, sla_hours=6), Team(name="Third", level=3, sla_hours=48)


def a_case(rules: CaseRules = ALWAYS, since: datetime = NOON, **changes: Any) -> Case:
    opening = first_work(
        "rev_1", "ana", group="value", team=FIRST, priority=Priority.HIGH, language="en",
        since=since, rules=rules, now=NOON,
    )  # fmt: skip
    return opening.case.model_copy(update=changes)


def later(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_the_clock_starts_at_the_first_message_that_nobody_answered() -> None:
    assert a_case(since=later(-3)).due_at == later(7)


@pytest.mark.parametrize(
    ("hours", "stands"),
    [
        (0, Lateness.IN_TIME),
        (4.9, Lateness.IN_TIME),
        (5, Lateness.SOON),
        (7.9, Lateness.SOON),
        (8, Lateness.URGENT),
        (9.9, Lateness.URGENT),
        (10, Lateness.OVERDUE),
        (99, Lateness.OVERDUE),
    ],
)
def test_a_case_stands_as_much_of_its_time_is_over(hours: float, stands: Lateness) -> None:
    assert lateness(a_case(), ALWAYS, later(hours)) is stands


def test_each_warning_is_due_once() -> None:
    case = a_case()

    assert due_warning(case, ALWAYS, later(4)) is None
    assert due_warning(case, ALWAYS, later(6)) == 0.5
    warned = case.model_copy(update={"warned": 0.5})
    assert due_warning(warned, ALWAYS, later(6)) is None
    assert due_warning(warned, ALWAYS, later(8.5)) == 0.8


def test_two_warnings_missed_are_one() -> None:
    assert due_warning(a_case(), ALWAYS, later(9)) == 0.8


def test_while_the_customer_is_to_answer_the_clock_stands_still() -> None:
    waiting = a_case(paused_at=later(4))

    assert lateness(waiting, ALWAYS, later(50)) is Lateness.PAUSED
    assert due_warning(waiting, ALWAYS, later(50)) is None
    assert share_used(waiting, ALWAYS, later(50)) == pytest.approx(0.4)


def test_what_was_left_is_left_again_once_the_customer_answered() -> None:
    waiting = a_case(paused_at=later(4))

    changes = resumed(waiting, ALWAYS, later(50))

    assert changes == {"paused_at": None, "due_at": later(56)}
    assert resumed(a_case(), ALWAYS, later(1)) == {}


def test_a_weekend_uses_nothing_up() -> None:
    office = CaseRules()
    friday = datetime(2025, 7, 4, 17, tzinfo=UTC)
    case = a_case(office, since=friday)

    assert share_used(case, office, friday + timedelta(days=2)) == pytest.approx(0.1)


def test_an_overdue_case_goes_to_the_next_level_that_there_is() -> None:
    teams = [THIRD, OTHER, SECOND, FIRST]

    assert next_team(a_case(), teams, default="Second") == SECOND
    assert next_team(a_case(), teams, default="First") == OTHER
    assert next_team(a_case(level=2), teams, default="First") == THIRD
    assert next_team(a_case(level=3), teams, default="First") is None


def test_a_level_higher_its_time_begins_anew() -> None:
    case = a_case(assignee="asha", warned=0.8)

    higher = case.model_copy(update=raised(SECOND, ALWAYS, later(10)))

    assert (higher.team, higher.level, higher.assignee) == ("Second", 2, None)
    assert (higher.due_at, higher.allowed_hours, higher.warned) == (later(14), 4, 0)
