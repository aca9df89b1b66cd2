"""The review desk: opens a case for what must wait, and carries a person's answer through."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from langgraph.types import Command
from pydantic import ValidationError

from procx_graph.casework.clock import due_at
from procx_graph.casework.opening import APPROVAL, first_work
from procx_graph.domain.case import Opening
from procx_graph.domain.case_rules import CaseRules
from procx_graph.domain.clock import in_utc
from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.message import Message
from procx_graph.domain.policy import Approval, Team
from procx_graph.domain.review import HandoffPacket, Review, ReviewCase, ReviewKind, Verdict
from procx_graph.domain.situation import Situation
from procx_graph.errors import ReviewError
from procx_graph.graphs.retention.packet import review_id
from procx_graph.graphs.retention.reviewing import accepted, reviewed_message, settled_offer
from procx_graph.graphs.retention.state import RunOptions, read, read_optional
from procx_graph.graphs.retention.teams import own_teams
from procx_graph.monitor.observed import RESUME, observed_run, score_answer, tell_result
from procx_graph.monitor.offering import offer_answered
from procx_graph.monitor.outbound import answered, unread
from procx_graph.monitor.run import Outcome, advance, closed, filled, result_of
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.monitor.waiting import Waiting
from procx_graph.outreach.festivals import day_of
from procx_graph.report import CustomerResult, ReviewView, Status
from procx_graph.store import DurableLedger
from procx_graph.store.durable import require_own

_ALL_WAIT = "under this policy a person approves every message"
_USES_TEXT = frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.RESPOND})


class ReviewDesk:
    """Answers the runs that wait. Its methods run on the monitor's loop, one at a time."""

    def __init__(self, around: Surroundings, waiting: Waiting) -> None:
        self.around, self.waiting = around, waiting

    def prepare(
        self, outcome: Outcome, result: CustomerResult, *, at: datetime
    ) -> tuple[CustomerResult, ReviewCase | None]:
        """Give the case of a result that must wait for a person, and the result that names it."""
        if result.status is Status.DRAFTED and self.around.policy.approval is Approval.ALL:
            waits = {"status": Status.ESCALATED, "reason": APPROVAL, "detail": _ALL_WAIT}
            result = result.model_copy(update=waits)
        if result.status is not Status.ESCALATED:
            return result, None
        if outcome.interrupted:
            packet = read(outcome.values, "packet", HandoffPacket)
            return result, self._case(outcome, ReviewKind.ESCALATION, at=at, packet=packet)
        draft = read(outcome.values, "message", Message)
        case = self._case(outcome, ReviewKind.MESSAGE, at=at, draft=draft)
        view = view_of_draft(case, self._drafts_team(), self.around.policy.cases)
        return result.model_copy(update={"review": view}), case

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
        self._require_own(case, review)
        async with self.waiting.borrow(case) as held:
            outcome, result, ended = held.outcome, held.result, held.outcome
            message = agreed = None
            customer = self._customer(case, review)
            if customer is not None:
                review = accepted(review, customer)
            if held.lost and review.verdict in _USES_TEXT:
                raise ReviewError(
                    f"the checkpoint of the run of {case.review_id!r} is gone, so that nothing can "
                    "be written: reject or dismiss the case"
                )
            if customer is None or held.lost:
                result = closed(result, review, None)
            else:
                message = agreed = self._acceptable(outcome, case, review, customer)
                if case.kind is ReviewKind.MESSAGE:
                    result = closed(result, review, filled(message, customer.first_name))
                else:
                    ended = await self._resume(outcome, review)
                    result = result_of(ended, self.around.base, self.around.prices)
                    message = message and read_optional(ended.values, "message", Message)
            now = self.around.clock.now()
            outbound = answered(ended, review, message, draft=_draft_of(case), at=now)
            if outbound is not None and _is_another(agreed, message, review):
                outbound = unread(outbound)
                result = result.model_copy(update={"detail": outbound.detail})
            offer = offer_answered(outcome, result, review, self.around.base, at=now)
            await self.waiting.close(
                case, review, held, result, at=now, outbound=outbound, offer=offer
            )
            score_answer(self.around.tracer, case, review, message, draft=_draft_of(case), at=now)
            return result

    def _customer(self, case: ReviewCase, review: Review) -> Customer | None:
        """Give the customer; `None` when they are gone, and nothing is to be written to them.

        Raises:
            ReviewError: They are gone, and something is.
        """
        if case.customer_id in self.around.base:
            return self.around.base.customer(case.customer_id)
        if review.verdict in _USES_TEXT:
            raise ReviewError(
                f"the customer {case.customer_id!r} of {case.review_id!r} is no longer in the "
                "tables: reject or dismiss the case"
            )
        return None

    async def _resume(self, outcome: Outcome, review: Review) -> Outcome:
        """Wake the run with the answer; the options it was started with are in its state."""
        going = replace(outcome, values=dict(outcome.values))
        command: Command[Any] = Command(resume=review.model_dump(mode="json"))
        scan_id = outcome.run_id.removesuffix(f":{outcome.customer_id}")
        with observed_run(self.around, going, scan_id=scan_id, name=RESUME) as trace:
            async for _ in advance(self.around.graph, going, command, RunOptions()):
                pass
            if going.interrupted or "review" not in going.values:
                raise ReviewError(f"the run {going.run_id} did not take the answer")
            tell_result(trace, result_of(going, self.around.base))
        return going

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
        decision = read(outcome.values, "decision", Decision)
        self._require_fresh(case, settled_offer(decision, review), review)
        message = reviewed_message(
            read(outcome.values, "situation", Situation),
            decision,
            customer,
            _draft_of(case),
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
        if not permit.allows(message.purpose, message.channel):
            why = f"{permit.code}, {permit.text}" if permit.code else "not by this channel"
            what = f"{message.purpose.value} by {message.channel.value}"
            raise ReviewError(f"the gate does not permit {what}: {why}")
        if message.blocked:
            found = "; ".join(sorted({f"{f.code} ({f.hint})" for f in message.findings}))
            raise ReviewError(f"the checks refuse this text: {found}")
        return message

    def _require_own(self, case: ReviewCase, review: Review) -> None:
        """Refuse an answer to a case that somebody else took.

        Raises:
            ReviewError: It is another person's.
        """
        ledger = self.around.store
        work = ledger.work_on(case.review_id) if isinstance(ledger, DurableLedger) else None
        if work is not None:
            require_own(work, review)

    def _require_fresh(self, case: ReviewCase, offer: Offer | None, review: Review) -> None:
        """Refuse what was right when it was written and is not any more.

        Raises:
            ReviewError: The draft is too old, or its offer has expired.
        """
        now, most = in_utc(self.around.clock.now()), self.around.policy.cases.draft_days
        if review.verdict is Verdict.APPROVE and now - case.opened_at > timedelta(days=most):
            raise ReviewError(
                f"the draft of {case.review_id!r} is more than {most} days old: respond to have it "
                "written again, or edit it"
            )
        if offer is not None and offer.expires is not None and offer.expires <= now:
            raise ReviewError(
                f"the offer of {case.review_id!r} expired on {offer.expires:%Y-%m-%d}: respond "
                "with 'no offer', or dismiss the case"
            )

    def _drafts_team(self) -> Team:
        """Give who takes a draft that waits: the default team."""
        teams = self.around.policy.teams
        team = next(team for team in teams.matrix if team.name == teams.default)
        return own_teams(self.around.base).get(team.name, team)

    def _case(
        self,
        outcome: Outcome,
        kind: ReviewKind,
        *,
        at: datetime,
        packet: HandoffPacket | None = None,
        draft: Message | None = None,
    ) -> ReviewCase:
        named = review_id(outcome.run_id, kind)
        return ReviewCase(
            review_id=named,
            run_id=outcome.run_id,
            customer_id=outcome.customer_id,
            kind=kind,
            opened_at=at,
            packet=packet,
            draft=draft,
            work=self._work(named, outcome, at=at, packet=packet),
        )

    def _work(
        self, named: str, outcome: Outcome, *, at: datetime, packet: HandoffPacket | None
    ) -> Opening:
        decision, rules = read(outcome.values, "decision", Decision), self.around.policy.cases
        team, group, since = self._drafts_team(), APPROVAL, at
        if packet is not None:
            team = Team(name=packet.team, level=packet.level, sla_hours=self._hours_of(packet.team))
            group, since = rules.group_of(packet.reasons[0].code), packet.waits_since or at
        return first_work(
            named, outcome.customer_id, group=group, team=team, priority=decision.priority,
            language=decision.language or self.around.base.customer(outcome.customer_id).language,
            since=since, rules=rules, now=at,
        )  # fmt: skip

    def _hours_of(self, name: str) -> float:
        """Give the hours that a team has, as the base's own matrix or the policy says."""
        teams = {team.name: team for team in self.around.policy.teams.matrix}
        return (teams | own_teams(self.around.base))[name].sla_hours


def view_of_draft(case: ReviewCase, team: Team, rules: CaseRules) -> ReviewView:
    """Show a draft that waits."""
    due = due_at(case.opened_at, team, rules)
    return ReviewView(review_id=case.review_id, team=team.name, sla_due=due, packet=None)


def _is_another(agreed: Message | None, message: Message | None, review: Review) -> bool:
    """Whether the text is another one than the person approved or wrote.

    Guidance leaves the words to us.
    """
    if agreed is None or message is None or review.verdict is Verdict.RESPOND:
        return False
    return (agreed.subject, agreed.body) != (message.subject, message.body)


def _draft_of(case: ReviewCase) -> Message | None:
    """Give the text that the person was shown."""
    return case.packet.draft if case.packet else case.draft


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
