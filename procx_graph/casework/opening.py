"""How the work on a review begins."""

from datetime import datetime, timedelta

from procx_graph.casework.clock import due_at
from procx_graph.domain.case import Case, CaseState, Opening
from procx_graph.domain.case_rules import CaseRules
from procx_graph.domain.decision import Priority
from procx_graph.domain.policy import Team

APPROVAL = "approval"
"""The matter of a draft that only waits for a yes."""


def first_work(
    review_id: str,
    customer_id: str,
    *,
    group: str,
    team: Team,
    priority: Priority,
    language: str | None,
    since: datetime,
    rules: CaseRules,
    now: datetime,
) -> Opening:
    """Give the case of a review that is opened now.

    Args:
        review_id: Of the review.
        customer_id: Whom it is about.
        group: The matter.
        team: Who takes it.
        priority: How soon.
        language: What the customer speaks, ISO 639-1.
        since: When the customer's first unanswered message came in.
        rules: Business hours.
        now: The present moment.
    """
    case = Case(
        review_id=review_id,
        customer_id=customer_id,
        reason_group=group,
        state=CaseState.OPEN,
        version=1,
        priority=priority,
        team=team.name,
        level=team.level,
        language=language,
        assignee=None,
        opened_at=now,
        clock_from=since,
        due_at=due_at(since, team, rules),
        allowed_hours=team.sla_hours,
        paused_at=None,
        warned=0.0,
        reopens=None,
        changed_at=now,
    )
    return Opening(case=case, reopens_since=now - timedelta(days=rules.reopen_days))
