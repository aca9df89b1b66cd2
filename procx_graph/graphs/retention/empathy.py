"""Empathy agent: what do we say, in the customer's own language?"""

from langgraph.runtime import Runtime

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Action, Decision
from procx_graph.domain.message import Message
from procx_graph.domain.policy import Policy
from procx_graph.domain.review import HandoffPacket, Review
from procx_graph.domain.situation import Situation
from procx_graph.graphs.retention.refine import Wording, ask
from procx_graph.graphs.retention.reviewing import reviewed_message, settled_offer
from procx_graph.graphs.retention.state import (
    RetentionState,
    RunOptions,
    Update,
    moment,
    read,
    read_optional,
    update,
)
from procx_graph.llm import Model
from procx_graph.outreach.draft import checked, draft
from procx_graph.outreach.festivals import day_of
from procx_graph.prompts import load_prompt

REWRITES = 2
"""How often a refused text goes back to the model."""


class EmpathyAgent:
    """Write the message; after a review, use the text that the person settled on."""

    def __init__(self, base: CustomerBase, *, policy: Policy, model: Model | None = None) -> None:
        self.base, self.policy, self.model = base, policy, model

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `situation`, `decision` and, when there is one, the `review`; give the `message`.

        The message is `None` when nobody may be contacted.
        """
        situation = read(state, "situation", Situation)
        decision = read(state, "decision", Decision)
        customer = self.base.customer(state["customer_id"])
        review = read_optional(state, "review", Review)
        if decision.action is Action.NO_CONTACT:
            return update(message=None)
        if review is None:
            on = day_of(customer, moment(state))
            message = draft(situation, decision, customer, policy=self.policy, on=on)
            degraded: list[str] = []
            if self.model is not None and message is not None:
                message = await self._worded(
                    self.model, message, situation, decision, customer, degraded=degraded
                )
            return update(message=message, degraded=degraded)
        packet = read(state, "packet", HandoffPacket)
        return update(
            decision=decision.model_copy(update={"offer": settled_offer(decision, review)}),
            message=reviewed_message(
                situation, decision, customer, packet.draft, review, policy=self.policy
            ),
        )

    async def _worded(
        self,
        model: Model,
        template: Message,
        situation: Situation,
        decision: Decision,
        customer: Customer,
        *,
        degraded: list[str],
    ) -> Message:
        """Let the model word the message; what fails the checks twice over gives way to ours."""
        prompt, findings = load_prompt("retention/empathy"), template.findings
        for _ in range(1 + REWRITES):
            asked = prompt.render(draft=template, situation=situation, findings=findings)
            wording = await ask(model, asked, Wording, degraded=degraded)
            if wording is None:
                return template
            subject = wording.subject if template.subject is not None else None
            worded = template.model_copy(update={"body": wording.body, "subject": subject})
            message = checked(worded, situation, decision.offer, customer, policy=self.policy)
            if not message.blocked:
                return message
            findings = message.findings
        degraded.append(prompt.name)
        return template
