"""Deadlines and waits."""

from datetime import datetime, timedelta

from procx_graph.outcomes.service import team_figures, wait_figures
from procx_graph.store.period import Case, Wait
from tests.unit.builders import NOW

DUE = timedelta(hours=8)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def a_case(
    opened: float, answered: float | None, team: str | None = "Payments", *, breached: bool = False
) -> Case:
    """Give a case opened and answered so many hours ago, which had eight."""
    at = None if answered is None else hours_ago(answered)
    return Case("escalation", team, hours_ago(opened), at, hours_ago(opened) + DUE, breached)


def test_answered_late_overdue_and_moved_on_are_breaches() -> None:
    cases = [
        a_case(20, 16),
        a_case(20, 10),
        a_case(20, None),
        a_case(3, None),
        a_case(20, 19, breached=True),
    ]

    (team,) = team_figures(cases, now=NOW)

    assert (team.team, team.cases, team.open, team.breaches) == ("Payments", 5, 2, 3)
    assert (team.in_time.count, team.in_time.of) == (1, 4)


def test_hours_are_those_of_the_answered() -> None:
    cases = [a_case(20, 20 - took) for took in range(1, 12)]

    (team,) = team_figures(cases, now=NOW)

    assert (team.median_hours, team.p90_hours) == (6.0, 10.0)


def test_teams_come_by_name_and_cases_of_nobody_are_shown() -> None:
    cases = [a_case(2, 1, "Tier 2"), a_case(2, 1, None), a_case(2, 1, "Payments")]

    assert [one.team for one in team_figures(cases, now=NOW)] == ["(no team)", "Payments", "Tier 2"]


def test_what_has_no_deadline_is_no_teams_but_waits() -> None:
    draft = Case("message", None, hours_ago(5), hours_ago(3), None, breached=False)

    assert team_figures([draft], now=NOW) == ()
    (wait,) = wait_figures([draft], [])
    assert (wait.what, wait.answered, wait.open, wait.median_hours) == (
        "drafts in review", 1, 0, 2.0,
    )  # fmt: skip


def test_messages_wait_for_their_approval() -> None:
    (wait,) = wait_figures([], [Wait(hours_ago(4), hours_ago(1)), Wait(hours_ago(2), None)])

    assert (wait.answered, wait.open, wait.median_hours, wait.p90_hours) == (1, 1, 3.0, 3.0)
