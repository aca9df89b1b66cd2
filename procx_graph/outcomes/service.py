"""How fast people were: deadlines by team, and how long things waited."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from procx_graph.domain.review import ReviewKind
from procx_graph.outcomes.figures import Share, TeamFigures, WaitFigures
from procx_graph.store.period import Case, Wait

NO_TEAM = "(no team)"
_CASES = {ReviewKind.ESCALATION: "escalated cases", ReviewKind.MESSAGE: "drafts in review"}
_MESSAGES = "messages to approve"


def team_figures(cases: Iterable[Case], *, now: datetime) -> tuple[TeamFigures, ...]:
    """Give how teams kept their deadlines, by name; cases without a deadline are not among them.

    Args:
        cases: All of them.
        now: What is open and due before this is overdue.
    """
    by_team: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.due_at is not None:
            by_team[case.team or NO_TEAM].append(case)
    return tuple(_team(team, by_team[team], now) for team in sorted(by_team))


def wait_figures(cases: Iterable[Case], approvals: Sequence[Wait]) -> tuple[WaitFigures, ...]:
    """Give how long cases and messages waited for a person, where any did."""
    waits: defaultdict[str, list[Wait]] = defaultdict(list)
    for case in cases:
        waits[_CASES[ReviewKind(case.kind)]].append(Wait(case.opened_at, case.answered_at))
    waits[_MESSAGES].extend(approvals)
    names = (*_CASES.values(), _MESSAGES)
    return tuple(_wait(name, waits[name]) for name in names if waits[name])


def _team(team: str, cases: Sequence[Case], now: datetime) -> TeamFigures:
    late = [case for case in cases if _breached(case, now)]
    answered = [case for case in cases if case.answered_at is not None]
    judged = [case for case in cases if case.answered_at is not None or _breached(case, now)]
    median, p90 = _hours(Wait(case.opened_at, case.answered_at) for case in answered)
    return TeamFigures(
        team=team,
        cases=len(cases),
        open=len(cases) - len(answered),
        in_time=Share.made(len(judged) - len(late), len(judged)),
        breaches=len(late),
        median_hours=median,
        p90_hours=p90,
    )


def _breached(case: Case, now: datetime) -> bool:
    return case.breached or (case.due_at is not None and (case.answered_at or now) > case.due_at)


def _wait(what: str, waits: Sequence[Wait]) -> WaitFigures:
    median, p90 = _hours(waits)
    answered = sum(wait.until is not None for wait in waits)
    return WaitFigures(
        what=what,
        answered=answered,
        open=len(waits) - answered,
        median_hours=median,
        p90_hours=p90,
    )


def _hours(waits: Iterable[Wait]) -> tuple[float | None, float | None]:
    """Give the median and the 90th percentile of what is over, in hours, to the second."""
    lengths = [
        (wait.until - wait.since).total_seconds() / 3_600
        for wait in waits
        if wait.until is not None
    ]
    if not lengths:
        return None, None
    median, p90 = np.percentile(lengths, [50, 90])
    return round(float(median), 4), round(float(p90), 4)
