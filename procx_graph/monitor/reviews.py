"""The inbox: what waits for people, whose it is, and their answers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from procx_graph.casework.assignment import Agent, agents_of, choose_agent
from procx_graph.casework.clock import Lateness, due_warning, lateness, next_team, raised, resumed
from procx_graph.domain.case import Case, CaseState, CaseStep, Step
from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.domain.outcome import OutcomeKind
from procx_graph.domain.policy import Team
from procx_graph.domain.review import ReviewCase, Verdict
from procx_graph.errors import ConfigError, ReviewError
from procx_graph.graphs.retention.teams import own_teams
from procx_graph.outcomes import record_outcome
from procx_graph.report import CustomerResult
from procx_graph.store import DurableLedger, cases

if TYPE_CHECKING:
    from procx_graph.monitor.monitor import Monitor


class InboxItem(Noun):
    """One case in the list."""

    case: Case
    lateness: Lateness
    reason: str
    """Why it waits: the gravest reason's code, or that a draft waits for a yes."""


class CaseFile(Noun):
    """Everything that is known of one case."""

    case: Case
    lateness: Lateness
    review: ReviewCase
    history: tuple[CaseStep, ...]


class Reviews:
    """Works on the cases of a store. Every step is checked, dated, written down, and done once.

    A step that somebody else was quicker with is refused and changes nothing. With `version` a step
    is taken only if the case is as it was read.

    ```python
    reviews = Reviews(Monitor(base, store=store))
    for item in reviews.waiting(team="CX Tier 2"):
        print(item.case.review_id, item.lateness)
    reviews.take("rev_0123456789abcdef", "asha")
    reviews.approve("rev_0123456789abcdef", "asha")
    ```

    Args:
        monitor: Of the base and the policy that the cases are of; answers go through its graph.

    Raises:
        ConfigError: The monitor has no store.
    """

    def __init__(self, monitor: "Monitor") -> None:
        if not isinstance(monitor.store, DurableLedger):
            raise ConfigError("an inbox needs the monitor's store: Monitor(base, store=store)")
        self.monitor, self.store = monitor, monitor.store.store
        self.policy, self.rules = monitor.policy, monitor.policy.cases
        self._ledger = monitor.store

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        return in_utc(self.monitor.clock.now())

    def waiting(
        self,
        *,
        team: str | None = None,
        assignee: str | None = None,
        lateness: Lateness | str | None = None,
    ) -> list[InboxItem]:
        """Give the cases that are not over, by when they are due.

        Args:
            team: Only of this team, in whatever case it is written.
            assignee: Only of this person; "" for those that nobody has.
            lateness: Only those that stand so.

        Raises:
            ConfigError: There is no such `lateness`.
            StoreError: The store cannot be read.
        """
        if lateness not in {None, *Lateness}:
            raise ConfigError(f"lateness is one of {', '.join(Lateness)}, not {lateness!r}")
        with self.store.reading() as connection:
            found = cases.open_cases(connection)
        reviews = {case.review_id: case for case in self._ledger.waiting()}
        items = [
            self._item(case, reviews[case.review_id])
            for case in found
            if case.review_id in reviews
            and (team is None or case.team.casefold() == team.casefold())
            and (assignee is None or (case.assignee or "") == assignee)
        ]
        return [one for one in items if lateness is None or one.lateness == lateness]

    def show(self, review_id: str) -> CaseFile:
        """Give everything about a case, also one that is over.

        Raises:
            ReviewError: There is none of this id.
        """
        review = self._ledger.case(review_id)
        with self.store.reading() as connection:
            case = cases.get(connection, review_id)
            history = tuple(cases.history(connection, review_id))
        return CaseFile(case=case, lateness=self._lateness(case), review=review, history=history)

    def assign(
        self, review_id: str, to: str | None = None, *, by: str, version: int | None = None
    ) -> Case:
        """Give a case to somebody.

        Args:
            review_id: Of the case.
            to: The person; when not given, whoever of its team suits best, see `choose_agent`.
            by: Who decides so.
            version: As the case was read.

        Raises:
            ReviewError: Unknown, over, changed meanwhile, or its team has nobody.
        """

        def step(connection: Connection, case: Case) -> Case:
            who = _name(to) if to is not None else self._best(connection, case)
            return self._change(
                connection, case, Step.ASSIGNED, by, {"to": who},
                state=CaseState.ASSIGNED, assignee=who, **self._going_on(case),
            )  # fmt: skip

        return self._step(review_id, step, version)

    def distribute(self, *, by: str) -> list[Case]:
        """Assign every case that nobody has, and leave those whose team has nobody.

        Raises:
            ReviewError: A case was changed meanwhile; those before it are assigned.
        """
        given = []
        for item in self.waiting(assignee=""):
            try:
                given.append(self.assign(item.case.review_id, by=by, version=item.case.version))
            except _NobodyError:
                continue
        return given

    def take(self, review_id: str, who: str, *, version: int | None = None) -> Case:
        """Begin to work on a case that nobody has, or that one has oneself.

        Raises:
            ReviewError: Unknown, over, changed meanwhile, or somebody else's.
        """

        def step(connection: Connection, case: Case) -> Case:
            if case.assignee not in (None, who):
                raise ReviewError(
                    f"case {review_id!r} was taken by {case.assignee}: "
                    "have it assigned to you first"
                )
            return self._change(
                connection, case, Step.STARTED, who, {},
                state=CaseState.IN_PROGRESS, assignee=who, **self._going_on(case),
            )  # fmt: skip

        return self._step(review_id, step, version)

    def release(self, review_id: str, who: str, *, version: int | None = None) -> Case:
        """Give a case back, so that others can take it.

        Raises:
            ReviewError: Unknown, over, changed meanwhile, or somebody else's.
        """

        def step(connection: Connection, case: Case) -> Case:
            _require_mine(case, who)
            return self._change(
                connection, case, Step.RELEASED, who, {},
                state=CaseState.OPEN, assignee=None, **self._going_on(case),
            )  # fmt: skip

        return self._step(review_id, step, version)

    def wait(self, review_id: str, who: str, *, version: int | None = None) -> Case:
        """Note that the customer was asked: the clock stands still until `go_on`.

        A case that waits for the customer already stays as it is.

        Raises:
            ReviewError: Unknown, over, changed meanwhile, nobody's, or somebody else's.
        """

        def step(connection: Connection, case: Case) -> Case:
            _require_mine(case, who)
            if case.state is CaseState.WAITING_CUSTOMER:
                return case
            return self._change(
                connection, case, Step.WAITING, who, {},
                state=CaseState.WAITING_CUSTOMER, paused_at=case.paused_at or self.now,
            )  # fmt: skip

        return self._step(review_id, step, version)

    def go_on(self, review_id: str, who: str, *, version: int | None = None) -> Case:
        """Note that the customer answered: the clock runs again.

        Raises:
            ReviewError: Unknown, over, changed meanwhile, or somebody else's.
        """

        def step(connection: Connection, case: Case) -> Case:
            _require_mine(case, who)
            if case.state is not CaseState.WAITING_CUSTOMER:
                return case
            return self._change(
                connection, case, Step.RESUMED, who, {},
                state=CaseState.IN_PROGRESS, **self._going_on(case),
            )  # fmt: skip

        return self._step(review_id, step, version)

    def close(self, review_id: str, who: str, *, version: int | None = None) -> Case:
        """Note that nothing is left to do about a case that was answered.

        Raises:
            ReviewError: Unknown, not answered yet, or changed meanwhile.
        """

        def step(connection: Connection, case: Case) -> Case:
            return self._change(connection, case, Step.CLOSED, who, {}, state=CaseState.CLOSED)

        return self._step(review_id, step, version)

    def approve(self, review_id: str, who: str, *, note: str | None = None) -> CustomerResult:
        """Use the draft as it is.

        Raises:
            ReviewError: Unknown, answered, somebody else's, or the draft may no longer be used.
        """
        return self._answer(review_id, who, Verdict.APPROVE, note=note)

    def edit(
        self,
        review_id: str,
        who: str,
        body: str,
        *,
        subject: str | None = None,
        note: str | None = None,
    ) -> CustomerResult:
        """Use another text, once gate and checks let it pass.

        Raises:
            ReviewError: Unknown, answered, somebody else's, or the text is refused.
        """
        return self._answer(review_id, who, Verdict.EDIT, body=body, subject=subject, note=note)

    def respond(self, review_id: str, who: str, guidance: str) -> CustomerResult:
        """Have the draft written again as said.

        Raises:
            ReviewError: Unknown, answered, somebody else's, or nobody can follow that.
        """
        return self._answer(review_id, who, Verdict.RESPOND, note=guidance)

    def reject(self, review_id: str, who: str, *, why: str | None = None) -> CustomerResult:
        """Write nothing to the customer.

        Raises:
            ReviewError: Unknown, answered, or somebody else's.
        """
        return self._answer(review_id, who, Verdict.REJECT, note=why)

    def dismiss(
        self, review_id: str, who: str, *, why: str | None = None, false_alarm: bool = False
    ) -> CustomerResult:
        """Drop the case: not ours, handled already, or a false alarm.

        Args:
            review_id: Of the case.
            who: Who says so.
            why: The reason, for the record.
            false_alarm: There was nothing to act on; `procx report` counts it against the trigger.

        Raises:
            ReviewError: Unknown, answered, or somebody else's.
        """
        closed = self._answer(review_id, who, Verdict.DISMISS, note=why)
        if false_alarm:
            record_outcome(
                self.store, closed.customer_id, OutcomeKind.FALSE_ALARM, at=self.now,
                run_id=closed.run_id, source=f"review {review_id}", note=why,
                clock=self.monitor.clock, tracer=self.monitor.tracer,
            )  # fmt: skip
        return closed

    def tick(self) -> list[CaseStep]:
        """Look at the clocks: warn of cases that run late, and move overdue ones a level up.

        Each warning is given once, whoever looks. A case without a higher level stays where it is
        and is named once. Call it every few minutes; `procx watch` does.

        Returns:
            The steps taken now.
        """
        with self.store.reading() as connection:
            found = cases.open_cases(connection)
        taken = []
        for case in found:
            try:
                with self.store.writing() as connection:
                    steps = self._looked_at(connection, case)
            except ReviewError:
                # somebody is working on it this moment: the next tick looks again
                continue
            taken += steps
        return taken

    def _looked_at(self, connection: Connection, case: Case) -> list[CaseStep]:
        """Warn or raise a case where it is time; give the steps, in their order."""
        now = self.now
        if case.paused_at is None and now >= case.due_at:
            number = self._overdue(connection, case, now)
        else:
            share = due_warning(case, self.rules, now)
            if share is None:
                return []
            detail = {"share": share, "due_at": case.due_at.isoformat()}
            self._change(connection, case, Step.WARNED, cases.SYSTEM, detail, warned=share)
            number = 1
        return cases.history(connection, case.review_id)[-number:] if number else []

    def _overdue(self, connection: Connection, case: Case, now: datetime) -> int:
        """Move an overdue case up and find it an owner; give how many steps that took."""
        team = next_team(case, tuple(self._teams().values()), self.policy.teams.default)
        if team is None:
            if case.warned == 1:
                return 0
            self._change(connection, case, Step.OVERDUE, cases.SYSTEM, {}, warned=1.0)
            return 1
        detail = {"from": case.team, "to": team.name, "level": team.level}
        higher = self._change(
            connection, case, Step.RAISED, cases.SYSTEM, detail,
            state=CaseState.OPEN if not _nobodys(case) else case.state,
            **raised(team, self.rules, now),
        )  # fmt: skip
        owner = choose_agent(higher, self._agents(), cases.loads(connection))
        if owner is not None:
            self._change(
                connection, higher, Step.ASSIGNED, cases.SYSTEM, {"to": owner.agent_id},
                state=CaseState.ASSIGNED, assignee=owner.agent_id,
            )  # fmt: skip
        return 1 if owner is None else 2

    def _answer(self, review_id: str, who: str, verdict: Verdict, **told: Any) -> CustomerResult:
        said = {key: value for key, value in told.items() if value is not None}
        answer = {"verdict": verdict.value, "reviewer": _name(who), **said}
        return self.monitor.resolve(review_id, answer)

    def _step(
        self,
        review_id: str,
        step: Callable[[Connection, Case], Case],
        version: int | None,
    ) -> Case:
        with self.store.writing(durable=True) as connection:
            case = cases.get(connection, review_id)
            if version is not None and case.version != version:
                raise ReviewError(
                    f"case {review_id!r} was changed meanwhile (version {case.version}, not "
                    f"{version}): look at it again"
                )
            return step(connection, case)

    def _change(
        self,
        connection: Connection,
        case: Case,
        step: Step,
        actor: str,
        detail: dict[str, Any],
        **values: Any,
    ) -> Case:
        return cases.change(
            connection, case, step, actor=_name(actor), at=self.now, detail=detail, **values
        )

    def _going_on(self, case: Case) -> dict[str, datetime | None]:
        return resumed(case, self.rules, self.now)

    def _best(self, connection: Connection, case: Case) -> str:
        chosen = choose_agent(case, self._agents(), cases.loads(connection))
        if chosen is None:
            raise _NobodyError(
                f"nobody of {case.team} is in agent_profiles: say who takes {case.review_id!r}"
            )
        return chosen.agent_id

    def _item(self, case: Case, review: ReviewCase) -> InboxItem:
        reason = review.packet.reasons[0].code.value if review.packet else "draft_waits"
        return InboxItem(case=case, lateness=self._lateness(case), reason=reason)

    def _lateness(self, case: Case) -> Lateness:
        return lateness(case, self.rules, self.now)

    def _agents(self) -> Sequence[Agent]:
        return agents_of(self.monitor.base)

    def _teams(self) -> dict[str, Team]:
        teams = {team.name: team for team in self.policy.teams.matrix}
        return teams | own_teams(self.monitor.base)


class _NobodyError(ReviewError):
    """A team has nobody to take a case."""


def _nobodys(case: Case) -> bool:
    return case.state in {CaseState.OPEN, CaseState.REOPENED}


def _require_mine(case: Case, who: str) -> None:
    """Refuse a step with a case that one does not have.

    Raises:
        ReviewError: It is nobody's or somebody else's.
    """
    if case.assignee != who:
        if case.assignee is None:
            raise ReviewError(f"case {case.review_id!r} is nobody's: take it first")
        raise ReviewError(
            f"case {case.review_id!r} was taken by {case.assignee}: have it assigned to you first"
        )


def _name(who: str) -> str:
    """Give the name of whoever takes a step.

    Raises:
        ReviewError: It is empty or no text.
    """
    if not isinstance(who, str) or not who.strip():
        raise ReviewError("say who does this: a name that is not empty")
    return who.strip()
