"""Context agent: what is going on with this customer?"""

import asyncio

from langgraph.runtime import Runtime

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock
from procx_graph.domain.event import Event
from procx_graph.domain.policy import Policy
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation
from procx_graph.errors import UnknownCustomer
from procx_graph.graphs.retention.appraisal import appraise
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.refine import Reading, ask
from procx_graph.graphs.retention.state import (
    RetentionState,
    RunOptions,
    Update,
    read_input,
    update,
)
from procx_graph.llm import Model
from procx_graph.prompts import load_prompt


class ContextAgent:
    """Sum up the customer's situation from the tables.

    As the first node it also settles the run: its identity, moment, options and score are
    written into the state, so that a resume finds them unchanged.
    """

    def __init__(
        self, cohort: Cohort, *, policy: Policy, clock: Clock, model: Model | None = None
    ) -> None:
        self.cohort, self.policy, self.clock, self.model = cohort, policy, clock, model

    @property
    def base(self) -> CustomerBase:
        """The customer tables."""
        return self.cohort.base

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `customer_id`, `event` and `score`; give the run's frame and its `situation`.

        Raises:
            UnknownCustomer: The base has no such customer.
            DataError: The event or the score given is none.
        """
        customer_id = state.get("customer_id")
        if not customer_id or customer_id not in self.base:
            raise UnknownCustomer(str(customer_id))
        options = runtime.context or RunOptions()
        event = read_input(state, "event", Event)
        given = read_input(state, "score", Score)
        score = given if given else await asyncio.to_thread(self._score, customer_id)
        situation = appraise(
            self.base.record(customer_id),
            score=score,
            policy=self.policy,
            as_of=self.base.as_of,
            event=event,
        )
        degraded: list[str] = []
        if self.model is not None:
            situation = await _refined(situation, self.model, degraded)
        settled = update(
            run_id=options.run_id or _own_run_id(customer_id, runtime),
            now=(options.now or self.clock.now()).isoformat(),
            options=options,
            situation=situation,
            degraded=degraded,
        )
        return settled if given else settled | update(score=score)

    def _score(self, customer_id: str) -> Score:
        return self.cohort.scores.score(customer_id)


async def _refined(situation: Situation, model: Model, degraded: list[str]) -> Situation:
    """Let the model read the facts' free text; sentiment, urgency and summary are its own."""
    prompt = load_prompt("retention/context").render(facts=situation.facts, situation=situation)
    reading = await ask(model, prompt, Reading, degraded=degraded)
    return situation if reading is None else situation.model_copy(update=dict(reading))


def _own_run_id(customer_id: str, runtime: Runtime[RunOptions]) -> str:
    """Give a run without an identity one of its thread, so that each has a review of its own."""
    execution = runtime.execution_info
    thread = execution.thread_id if execution is not None else None
    return f"studio:{thread}:{customer_id}" if thread else f"studio:{customer_id}"
