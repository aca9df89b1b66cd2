"""The review desk: opens a case for what must wait, and carries a person's answer through."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from langgraph.types import Command
from pydantic import ValidationError

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision
from procx_graph.domain.message import Message
from procx_graph.domain.review import HandoffPacket, Review, ReviewCase, ReviewKind, Verdict
from procx_graph.domain.situation import Situation
from procx_graph.errors import ReviewError
from procx_graph.graphs.retention.packet import review_id
from procx_graph.graphs.retention.reviewing import accepted, reviewed_message
from procx_graph.graphs.retention.state import RunOptions, read
from procx_graph.graphs.retention.teams import own_teams
from procx_graph.monitor.run import Outcome, advance, closed, filled, result_of
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.monitor.waiting import Waiting
from procx_graph.outreach.festivals import day_of
from procx_graph.report import CustomerResult, ReviewView, Status

_USES_TEXT = frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.RESPOND})


class ReviewDesk:
    """Answers the runs that wait. Its methods run on the monitor's loop, one at a time."""

    def __init__(self, around: Surroundings, waiting: Waiting) -> None:
        self.around, self.waiting = around, waiting

    def prepare(
        self, outcome: Outcome, result: CustomerResult, *, at: datetime
    ) -> tuple[CustomerResult, ReviewCase | None]:
        """Give the case of a result that must wait for a person, and the result that names it."""
        if result.status is not Status.ESCALATED:
            return result, None
        if outcome.interrupted:
            packet = read(outcome.values, "packet", HandoffPacket)
            return result, self._case(outcome, ReviewKind.ESCALATION, at=at, packet=packet)
        draft = read(outcome.values, "message", Message)
        case = self._case(outcome, ReviewKind.MESSAGE, at=at, draft=draft)
        return result.model_copy(update={"review": self._view(case)}), case

    async def resolve(self, case_id: str, answer: Any) -> CustomerResult:
        """Check an answer, carry it through, and give the closed result.

        Raises:
            ReviewError: Unknown, already answered, not an answer, or a text that the checks
                refuse; nothing is changed then.
        """
        if not isinstance(case_id, str):
            raise ReviewError(f"a review id is text, not {type(case_id).__name__}")
        case, review = self.around.store.case(case_id), parse_review(answer)
        if not case.open:
            raise ReviewError(f"review {case_id!r} is already answered")
        async with self.waiting.borrow(case) as held:
            outcome, result = held.outcome, held.result
            customer = self.around.base.customer(outcome.customer_id)
            review = accepted(review, customer)
            message = self._acceptable(outcome, case, review, customer)
            if case.kind is ReviewKind.MESSAGE:
                result = closed(result, review, filled(message, customer.first_name))
            else:
                result = await self._resume(outcome, review)
            await self.waiting.close(case, review, held, result, at=self.around.clock.now())
            return result

    async def _resume(self, outcome: Outcome, review: Review) -> CustomerResult:
        """Wake the run with the answer; the options it was started with are in its state."""
        going = replace(outcome, values=dict(outcome.values))
        command: Command[Any] = Command(resume=review.model_dump(mode="json"))
        async for _ in advance(self.around.graph, going, command, RunOptions()):
            pass
        if going.interrupted or "review" not in going.values:
            raise ReviewError(f"the run {going.run_id} did not take the answer")
        return result_of(going, self.around.base)

    def _acceptable(
        self, outcome: Outcome, case: ReviewCase, review: Review, customer: Customer
    ) -> Message | None:
        """Give the message the answer leads to.

        Raises:
            ReviewError: The gate no longer permits it, there is no draft, or the checks refuse
                the text.
        """
        if review.verdict not in _USES_TEXT:
            return None
        stored = case.packet.draft if case.packet else case.draft
        message = reviewed_message(
            read(outcome.values, "situation", Situation),
            read(outcome.values, "decision", Decision),
            customer,
            stored,
            review,
            policy=self.around.policy,
            on=day_of(customer, self.around.clock.now()),
        )
        if message is None:
            raise ReviewError(
                f"review {case.review_id!r} has no draft to {review.verdict.value}: respond with a "
                f"language, e.g. 'in English', or dismiss the case"
            )
        permit = self.around.gate.permit(
            customer,
            state=self.around.scores.state_of(customer.customer_id),
            escalated_ticket=False,
            now=self.around.clock.now(),
            lane=outcome.lane,
            answering=True,
        )
        if not permit.allows(message.purpose):
            raise ReviewError(f"the gate no longer permits it: {permit.code}, {permit.text}")
        if message.blocked:
            found = "; ".join(sorted({f"{f.code} ({f.hint})" for f in message.findings}))
            raise ReviewError(f"the checks refuse this text: {found}")
        return message

    def _view(self, case: ReviewCase) -> ReviewView:
        """Show a draft that waits: the default team takes it."""
        teams = self.around.policy.teams
        team = next(team for team in teams.matrix if team.name == teams.default)
        team = own_teams(self.around.base).get(team.name, team)
        due = case.opened_at + timedelta(hours=team.sla_hours)
        return ReviewView(review_id=case.review_id, team=team.name, sla_due=due, packet=None)

    def _case(
        self,
        outcome: Outcome,
        kind: ReviewKind,
        *,
        at: datetime,
        packet: HandoffPacket | None = None,
        draft: Message | None = None,
    ) -> ReviewCase:
        return ReviewCase(
            review_id=review_id(outcome.run_id, kind),
            run_id=outcome.run_id,
            customer_id=outcome.customer_id,
            kind=kind,
            opened_at=at,
            packet=packet,
            draft=draft,
        )


def parse_review(answer: Any) -> Review:
    """Read an answer in any dialect.

    Raises:
        ReviewError: It is none.
    """
    if isinstance(answer, Review):
        return answer
    try:
        return Review.model_validate(answer)
    except ValidationError as error:
        raise ReviewError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
