"""How a case stands against its clock: in time, warned, or overdue."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from procx_graph.casework.working_time import add_working, working_between
from procx_graph.domain.case import Case
from procx_graph.domain.case_rules import CaseRules
from procx_graph.domain.policy import Team


class Lateness(StrEnum):
    """How a case stands, in the colours of a list."""

    PAUSED = "paused"
    """The customer is to answer."""
    IN_TIME = "in_time"
    SOON = "soon"
    """Half of the time is over, or whatever the first warning is."""
    URGENT = "urgent"
    """The last warning is over."""
    OVERDUE = "overdue"


def due_at(since: datetime, team: Team, rules: CaseRules) -> datetime:
    """Give when a team must have answered what waits since a moment."""
    span = timedelta(hours=team.sla_hours)
    return add_working(since, span, rules.calendar_of(team.name))


def share_used(case: Case, rules: CaseRules, now: datetime) -> float:
    """Give the share of its time that a case has used: 1 and more is overdue."""
    calendar = rules.calendar_of(case.team)
    until = case.paused_at or now
    left = working_between(until, case.due_at, calendar) / timedelta(hours=case.allowed_hours)
    over = working_between(case.due_at, until, calendar) / timedelta(hours=case.allowed_hours)
    return 1 - left + over


def lateness(case: Case, rules: CaseRules, now: datetime) -> Lateness:
    """Say how a case stands at a moment."""
    if case.paused_at is not None:
        return Lateness.PAUSED
    if now >= case.due_at:
        return Lateness.OVERDUE
    passed = [at for at in rules.warn_at if share_used(case, rules, now) >= at]
    if not passed:
        return Lateness.IN_TIME
    return Lateness.URGENT if len(passed) == len(rules.warn_at) > 1 else Lateness.SOON


def due_warning(case: Case, rules: CaseRules, now: datetime) -> float | None:
    """Give the share of which somebody must be warned now; `None` when there is nothing new."""
    if case.paused_at is not None:
        return None
    used = share_used(case, rules, now)
    passed = [at for at in rules.warn_at if at <= used and at > case.warned]
    return max(passed, default=None)


def resumed(case: Case, rules: CaseRules, now: datetime) -> dict[str, datetime | None]:
    """Give what changes when the customer answered: what was left of the time is left again."""
    if case.paused_at is None:
        return {}
    calendar = rules.calendar_of(case.team)
    left = working_between(case.paused_at, case.due_at, calendar)
    return {"paused_at": None, "due_at": add_working(now, left, calendar)}


def next_team(case: Case, teams: Sequence[Team], default: str) -> Team | None:
    """Give who takes a case whose time is over: of the next level that has a team.

    Args:
        case: Its level counts.
        teams: All there are.
        default: Goes first among teams of one level.
    """
    higher = [team for team in teams if team.level > case.level]
    if not higher:
        return None
    level = min(team.level for team in higher)
    return next(
        iter(sorted((t for t in higher if t.level == level), key=lambda t: t.name != default))
    )


def raised(team: Team, rules: CaseRules, now: datetime) -> dict[str, object]:
    """Give what changes when another team takes a case over: its own time begins."""
    return {
        "team": team.name,
        "level": team.level,
        "assignee": None,
        "clock_from": now,
        "due_at": due_at(now, team, rules),
        "allowed_hours": team.sla_hours,
        "paused_at": None,
        "warned": 0.0,
    }
