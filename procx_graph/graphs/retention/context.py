"""Context agent: what is going on with this customer?"""

import asyncio
from datetime import datetime

from langgraph.runtime import Runtime

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock, in_utc
from procx_graph.domain.customer import Customer
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.policy import Policy
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation
from procx_graph.errors import DataError, UnknownCustomer
from procx_graph.graphs.retention.appraisal import appraise, has_escalated_ticket
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.evidence import quote
from procx_graph.graphs.retention.refine import Notes, Reading, ask, graver, helping
from procx_graph.graphs.retention.state import (
    RetentionState,
    RunOptions,
    Update,
    read_input,
    update,
)
from procx_graph.llm import Model
from procx_graph.outreach.gate import Gate
from procx_graph.prompts import Prompts, load_prompt

LONGEST_EVENT = 1_000
"""Characters of an event's description that a run keeps."""


class ContextAgent:
    """Sum up the customer's situation from the tables.

    As the first node it also settles the run: its identity, moment, options, score and what the
    gate permits are written into the state, so that a resume finds them unchanged.
    """

    def __init__(
        self,
        cohort: Cohort,
        *,
        policy: Policy,
        gate: Gate,
        clock: Clock,
        model: Model | None = None,
        prompts: Prompts = load_prompt,
    ) -> None:
        self.cohort, self.policy, self.gate = cohort, policy, gate
        self.clock, self.model, self.prompts = clock, model, prompts

    @property
    def base(self) -> CustomerBase:
        """The customer tables."""
        return self.cohort.base

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `customer_id`, `event` and `score`; give the run's frame and its `situation`.

        Raises:
            UnknownCustomer: The base has no such customer.
            DataError: The event or the score given is none, or not of this customer and moment.
        """
        customer_id = state.get("customer_id")
        if not customer_id or customer_id not in self.base:
            raise UnknownCustomer(str(customer_id))
        options = runtime.context or RunOptions()
        now = in_utc(options.now or self.clock.now())
        given = read_input(state, "score", Score)
        if not self.cohort.scored:
            await asyncio.to_thread(lambda: self.cohort.scores)
        scores = self.cohort.scores
        if given is not None:
            self._check(given, customer_id)
        score, standing = given or scores.score(customer_id), scores.state_of(customer_id)
        record = self.base.record(customer_id)
        event = self._told(state, record.customer, now)
        situation = appraise(
            record,
            score=score,
            policy=self.policy,
            as_of=self.base.as_of,
            event=event,
            win_back=options.lane.wins_back(standing),
        )
        permit = self.gate.permit(
            record.customer,
            state=standing,
            escalated_ticket=has_escalated_ticket(record),
            now=now,
            lane=options.lane,
        )
        notes = Notes()
        model = helping(self.model, options, permit, situation)
        if model is not None:
            situation = await self._refined(situation, model, notes)
        settled = update(
            run_id=options.run_id or _own_run_id(customer_id, runtime),
            now=now.isoformat(),
            options=options,
            permit=permit,
            situation=situation,
        )
        settled |= notes.as_update()
        if event is not None:
            settled |= update(event=event)
        return settled if given else settled | update(score=score)

    def _check(self, score: Score, customer_id: str) -> None:
        """Refuse a score of somebody else, of another moment, or by another profile."""
        ours = (customer_id, self.base.as_of, self.cohort.scores.profile_hash)
        if (score.customer_id, in_utc(score.as_of), score.profile) != ours:
            raise DataError(
                f"score: of {score.customer_id} at {score.as_of:%Y-%m-%d %H:%M} by profile "
                f"{score.profile or 'unknown'}; the run is about {customer_id} at "
                f"{self.base.as_of:%Y-%m-%d %H:%M} by profile {ours[2]}"
            )

    def _told(self, state: RetentionState, customer: Customer, now: datetime) -> Event | None:
        """Give the run's event with names and addresses masked; it may not be yet to come."""
        event = read_input(state, "event", Event)
        if event is None:
            return None
        if event.occurred_at is not None and in_utc(event.occurred_at) > now:
            raise DataError(f"event: occurred_at {event.occurred_at} is after the run's {now}")
        if event.kind is EventKind.CONSENT:
            raise DataError(
                "event: a consent is obeyed where it is stored, never answered by a run"
            )
        words = quote(event.description, customer, limit=LONGEST_EVENT)
        return event.model_copy(update={"description": words})

    async def _refined(self, situation: Situation, model: Model, notes: Notes) -> Situation:
        """Let the model read the facts' free text.

        The summary is its own; of sentiment and urgency the graver counts.
        """
        prompt = self.prompts("retention/context").render(
            facts=situation.facts, situation=situation
        )
        reading = await ask(model, prompt, Reading, notes=notes)
        if reading is None:
            return situation
        return graver(situation, reading).model_copy(update={"summary": reading.summary})


def _own_run_id(customer_id: str, runtime: Runtime[RunOptions]) -> str:
    """Give a run without an identity one of its thread, so that each has a review of its own."""
    execution = runtime.execution_info
    thread = execution.thread_id if execution is not None else None
    return f"studio:{thread}:{customer_id}" if thread else f"studio:{customer_id}"
