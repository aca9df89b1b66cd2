"""Cases in the store: one row each, every step written down, nobody overwrites another's step."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from procx_graph.domain.case import Case, CaseState, CaseStep, Opening, Step
from procx_graph.errors import ReviewError
from procx_graph.store import audit
from procx_graph.store.once import add_new
from procx_graph.store.schema import case_history, cases

SYSTEM = "procx"
"""Who is named where no person did it."""

_BY_PEOPLE = frozenset(Step) - {
    Step.OPENED, Step.REOPENED, Step.MERGED, Step.ASSIGNED, Step.WARNED, Step.RAISED, Step.OVERDUE
}  # fmt: skip
"""Steps that only people take: they are audited whatever somebody calls themselves."""

_OVER = [state.value for state in CaseState if state.over]


def open_case(connection: Connection, opening: Opening, *, actor: str = SYSTEM) -> Case:
    """Add a case, unless one about the same matter is open already; give the one that is open.

    Args:
        connection: A writing one.
        opening: How it begins.
        actor: Who opens it.
    """
    case = opening.case
    last = last_ended(connection, case.customer_id, case.reason_group)
    if last is not None and last.changed_at >= opening.reopens_since:
        reopened = {"state": CaseState.REOPENED, "reopens": last.review_id}
        case = case.model_copy(update=reopened)
    while add_new(connection, cases, case.model_dump(mode="python") | _words(case)) != 1:
        same = find(connection, case.review_id) or _about_the_same(connection, case)
        if same is not None:
            return same
        # somebody ended it between the two looks: now there is room
    step = Step.OPENED if case.reopens is None else Step.REOPENED
    detail = {"team": case.team, "due_at": case.due_at.isoformat()}
    if case.reopens is not None:
        detail["reopens"] = case.reopens
    _write_down(connection, case, step, actor, detail)
    return case


def note(
    connection: Connection, case: Case, step: Step, *, actor: str, at: datetime, **detail: Any
) -> None:
    """Write down what happened to a case without changing it."""
    _write_down(connection, case.model_copy(update={"changed_at": at}), step, actor, detail)


def change(
    connection: Connection,
    case: Case,
    step: Step,
    *,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    **values: Any,
) -> Case:
    """Take a step with a case, and give it as it is then.

    Args:
        connection: A writing one.
        case: As it was read; if somebody took a step since, nothing is changed.
        step: What is done.
        actor: Who does it.
        at: The present moment.
        detail: What the history says beside that; JSON-able, ids only.
        **values: Fields of `Case` that change.

    Raises:
        ReviewError: Somebody took a step since, or the case may not go on to that state.
    """
    state = values.get("state", case.state)
    if state is not case.state and not case.state.may_become(state):
        raise ReviewError(
            f"case {case.review_id!r} is {case.state.value} and cannot become {state.value}"
        )
    changed = case.model_copy(update={**values, "version": case.version + 1, "changed_at": at})
    row = changed.model_dump(mode="python") | _words(changed)
    unchanged = and_(cases.c.review_id == case.review_id, cases.c.version == case.version)
    if connection.execute(update(cases).where(unchanged).values(**row)).rowcount != 1:
        latest = history(connection, case.review_id)[-1:]
        who = f" by {latest[0].actor}" if latest else ""
        raise ReviewError(f"case {case.review_id!r} was changed meanwhile{who}: look at it again")
    _write_down(connection, changed, step, actor, detail or {})
    return changed


def find(connection: Connection, review_id: str) -> Case | None:
    """Give a case, `None` when there is none of this id."""
    row = connection.execute(select(cases).where(cases.c.review_id == review_id)).first()
    return None if row is None else _case(row)


def get(connection: Connection, review_id: str) -> Case:
    """Give a case.

    Raises:
        ReviewError: There is none of this id.
    """
    case = find(connection, review_id)
    if case is None:
        raise ReviewError(f"no review {review_id!r} is known here")
    return case


def open_cases(connection: Connection, customer_id: str | None = None) -> list[Case]:
    """Give the cases that are not over, of everybody or of one customer, by when they are due."""
    query = select(cases).where(cases.c.state.not_in(_OVER))
    if customer_id is not None:
        query = query.where(cases.c.customer_id == customer_id)
    return [
        _case(row) for row in connection.execute(query.order_by(cases.c.due_at, cases.c.review_id))
    ]


def all_cases(connection: Connection, *, limit: int) -> list[Case]:
    """Give the cases changed last, the newest first."""
    query = select(cases).order_by(cases.c.changed_at.desc(), cases.c.review_id).limit(limit)
    return [_case(row) for row in connection.execute(query)]


def last_ended(connection: Connection, customer_id: str, group: str) -> Case | None:
    """Give the last case about a matter that is over, `None` when there was none."""
    query = (
        select(cases)
        .where(
            cases.c.customer_id == customer_id,
            cases.c.reason_group == group,
            cases.c.state.in_([CaseState.RESOLVED.value, CaseState.CLOSED.value]),
        )
        .order_by(cases.c.changed_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else _case(row)


def loads(connection: Connection) -> dict[str, int]:
    """Give how many cases that are not over each person has."""
    query = (
        select(cases.c.assignee, func.count())
        .where(cases.c.state.not_in(_OVER), cases.c.assignee.is_not(None))
        .group_by(cases.c.assignee)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def history(connection: Connection, review_id: str) -> list[CaseStep]:
    """Give every step of a case, the first first."""
    columns = [case_history.c[name] for name in CaseStep.model_fields]
    query = select(*columns).where(case_history.c.review_id == review_id)
    return [
        CaseStep.model_validate(row._asdict() | {"detail": json.loads(row.detail)})
        for row in connection.execute(query.order_by(case_history.c.id))
    ]


def _about_the_same(connection: Connection, case: Case) -> Case | None:
    same = and_(
        cases.c.customer_id == case.customer_id,
        cases.c.reason_group == case.reason_group,
        cases.c.state.not_in(_OVER),
    )
    row = connection.execute(select(cases).where(same)).first()
    return None if row is None else _case(row)


def _write_down(
    connection: Connection, case: Case, step: Step, actor: str, detail: Mapping[str, Any]
) -> None:
    told = json.dumps(detail, sort_keys=True, ensure_ascii=False)
    row = {
        "review_id": case.review_id,
        "version": case.version,
        "at": case.changed_at,
        "actor": actor,
        "step": step.value,
        "detail": told,
    }
    connection.execute(insert(case_history), row)
    if actor != SYSTEM or step in _BY_PEOPLE:
        audit.note(
            connection,
            at=case.changed_at,
            actor=actor,
            action=f"case {step.value}",
            subject=case.review_id,
            detail=detail,
        )


def _words(case: Case) -> dict[str, str]:
    return {"state": case.state.value, "priority": case.priority.value}


def _case(row: Row[Any]) -> Case:
    return Case.model_validate(row._asdict())
