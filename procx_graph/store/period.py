"""What began within a span of time: runs and what became of them, offers, messages, cases."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, and_, func, or_, select

from procx_graph.domain.case import Step
from procx_graph.domain.outcome import OutcomeKind
from procx_graph.store.schema import (
    case_history,
    cases,
    offers,
    outbox,
    outcomes,
    review_cases,
    runs,
)

_ACTED = ("drafted", "escalated", "closed")
"""Statuses of runs that led to something."""
_RETAINED = tuple(kind.value for kind in OutcomeKind if kind.window is not None)
_MISSED = (Step.RAISED.value, Step.OVERDUE.value)
"""Steps of a case that say that its time was over."""


class DoneRun(NamedTuple):
    """A run that led to something."""

    run_id: str
    customer_id: str | None
    situation: str | None
    """Kind of the situation; `None` where its result does not say."""
    reasons: tuple[str, ...]
    """Codes of why a person had to look."""


class Word(NamedTuple):
    """An outcome."""

    run_id: str | None
    kind: str
    value: float | None


class MadeOffer(NamedTuple):
    """An offer as it stands."""

    run_id: str
    offer_id: str
    status: str
    worth: float | None


class SentOrNot(NamedTuple):
    """How many messages stand where, and why."""

    channel: str
    state: str
    reason: str | None
    messages: int


class Wait(NamedTuple):
    """From when until when something waited for a person; `None` while it does."""

    since: datetime
    until: datetime | None


class Case(NamedTuple):
    """How a case went against its clock."""

    kind: str
    team: str | None
    """Whose it was first."""
    opened_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    """`None` for what has no deadline."""
    breached: bool
    """Whether a step of it says that its time was over."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time, as a reader of the store.

    Whatever began in it is read, with all that became of it since.

    Attributes:
        connection: A reading one.
        since: The first moment; the beginning when not given.
        until: The last moment; without an end when not given.
    """

    connection: Connection
    since: datetime | None = field(default=None)
    until: datetime | None = field(default=None)

    def runs(self) -> Iterator[DoneRun]:
        """Give the runs that led to something."""
        columns = (runs.c.run_id, runs.c.customer_id, runs.c.result)
        query = select(*columns).where(*self._done()).order_by(runs.c.run_id)
        found = self.connection.execution_options(stream_results=True).execute(query)
        for part in found.partitions(1_000):
            for run_id, customer_id, result in part:
                yield DoneRun(run_id, customer_id, *_triggers(result))

    def words(self) -> Sequence[Word]:
        """Give the outcomes of these runs, the newest of each kind; whenever they were told."""
        within = select(runs.c.run_id).where(*self._done())
        return self._newest(outcomes.c.run_id.in_(within))

    def words_of_no_run(self) -> Sequence[Word]:
        """Give the outcomes that are about no run in particular, all but those of retention."""
        query = select(outcomes.c.run_id, outcomes.c.kind, outcomes.c.value).where(
            outcomes.c.run_id.is_(None),
            outcomes.c.kind.not_in(_RETAINED),
            *self._within(outcomes.c.at),
        )
        return [Word(*row) for row in self.connection.execute(query)]

    def offers(self) -> Sequence[MadeOffer]:
        """Give the offers."""
        columns = [offers.c[name] for name in MadeOffer._fields]
        query = select(*columns).where(*self._within(offers.c.made_at)).order_by(offers.c.run_id)
        return [MadeOffer(*row) for row in self.connection.execute(query)]

    def sent_runs(self) -> frozenset[str]:
        """Give the runs of this span whose message went out."""
        within = select(runs.c.run_id).where(*self._done())
        query = select(outbox.c.run_id).where(outbox.c.state == "sent", outbox.c.run_id.in_(within))
        return frozenset(self.connection.scalars(query))

    def messages(self) -> Sequence[SentOrNot]:
        """Count the messages by channel, state and reason."""
        by = (outbox.c.channel, outbox.c.state, outbox.c.reason)
        query = select(*by, func.count()).where(*self._within(outbox.c.created_at)).group_by(*by)
        found = [SentOrNot(*row) for row in self.connection.execute(query)]
        return sorted(found, key=lambda one: (one.channel, one.state, one.reason or ""))

    def approvals(self) -> Sequence[Wait]:
        """Give how long messages waited for a person's yes: those that got one, or may still."""
        asked = or_(outbox.c.approved_by.is_not(None), outbox.c.state == "drafted")
        query = select(outbox.c.created_at, outbox.c.approved_at).where(
            asked, *self._within(outbox.c.created_at)
        )
        return [Wait(*row) for row in self.connection.execute(query)]

    def cases(self) -> Sequence[Case]:
        """Give the cases, oldest first."""
        breached = select(case_history.c.review_id).where(case_history.c.step.in_(_MISSED))
        query = (
            select(
                review_cases.c.kind,
                review_cases.c.case,
                review_cases.c.opened_at,
                review_cases.c.answered_at,
                cases.c.team,
                cases.c.due_at,
                review_cases.c.review_id.in_(breached),
            )
            .join(cases, cases.c.review_id == review_cases.c.review_id, isouter=True)
            .where(*self._within(review_cases.c.opened_at))
            .order_by(review_cases.c.opened_at, review_cases.c.review_id)
        )
        found = self.connection.execution_options(stream_results=True).execute(query)
        return [_case(*row) for part in found.partitions(1_000) for row in part]

    def _done(self) -> list[ColumnElement[bool]]:
        ended = func.coalesce(runs.c.finished_at, runs.c.claimed_at, type_=runs.c.claimed_at.type)
        return [runs.c.status.in_(_ACTED), *self._within(ended)]

    def _newest(self, which: ColumnElement[bool]) -> Sequence[Word]:
        """Give the outcomes of runs, of each kind the newest: a word may be taken back."""
        columns = (outcomes.c.run_id, outcomes.c.kind, outcomes.c.value)
        order = (outcomes.c.at, outcomes.c.recorded_at, outcomes.c.outcome_id)
        query = select(*columns).where(which).order_by(*order)
        found = {(row.run_id, row.kind): Word(*row) for row in self.connection.execute(query)}
        return list(found.values())

    def _within(self, moment: Column[Any] | ColumnElement[Any]) -> list[ColumnElement[bool]]:
        bounds = []
        if self.since is not None:
            bounds.append(moment >= self.since)
        if self.until is not None:
            bounds.append(moment <= self.until)
        return [and_(*bounds)] if bounds else []


def _triggers(result: str | None) -> tuple[str | None, tuple[str, ...]]:
    told = json.loads(result) if result else {}
    situation, decision = told.get("situation") or {}, told.get("decision") or {}
    reasons = (reason["code"] for reason in decision.get("reasons") or ())
    return situation.get("kind"), tuple(dict.fromkeys(reasons))


def _case(
    kind: str,
    case: str,
    opened_at: datetime,
    answered_at: datetime | None,
    team: str | None,
    due_at: datetime | None,
    breached: bool,
) -> Case:
    packet = json.loads(case).get("packet") or {}
    promised = packet.get("sla_due")
    if due_at is None and promised is not None:
        due_at = datetime.fromisoformat(promised)
    return Case(kind, packet.get("team") or team, opened_at, answered_at, due_at, bool(breached))
