"""Empathy agent: what do we say, in the customer's own language?"""

from langgraph.runtime import Runtime

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Action, Decision
from procx_graph.domain.message import Finding, Message, Purpose, Severity
from procx_graph.domain.policy import Approval, Policy
from procx_graph.domain.review import HandoffPacket, Review, Verdict
from procx_graph.domain.situation import Situation
from procx_graph.graphs.retention.refine import Notes, Wording, ask
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
from procx_graph.outreach.executor import OfferExecutor, PendingOffers, carried_out
from procx_graph.outreach.festivals import day_of
from procx_graph.outreach.unasked import unasked
from procx_graph.prompts import Prompts, load_prompt

REWRITES = 2
"""How often a refused text goes back to the model."""

_KEEPS_TEXT = frozenset({Verdict.APPROVE, Verdict.EDIT})
_PROMOTION = Finding(
    code="promotion",
    severity=Severity.BLOCK,
    start=0,
    end=0,
    hint="say it without advertising anything: the message is not marketing",
)
"""What is told a model that made marketing out of an answer."""


class EmpathyAgent:
    """Write the message; after a review, use the text that the person settled on."""

    def __init__(
        self,
        base: CustomerBase,
        *,
        policy: Policy,
        model: Model | None = None,
        executor: OfferExecutor | None = None,
        prompts: Prompts = load_prompt,
    ) -> None:
        self.base, self.policy = base, policy
        self.model, self.prompts = model, prompts
        self.executor = executor or PendingOffers()

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `situation`, `decision` and, when there is one, the `review`; give the `message`.

        The message is `None` when nobody may be contacted. When no person is still to be asked,
        the offer is carried out first, so that the text says what is true; then the `decision`
        tells how far it is.
        """
        situation = read(state, "situation", Situation)
        decision = read(state, "decision", Decision)
        customer = self.base.customer(state["customer_id"])
        review = read_optional(state, "review", Review)
        if decision.action is Action.NO_CONTACT:
            return update(message=None)
        notes = Notes()
        if review is None:
            if self.policy.approval is not Approval.ALL:
                decision = await self._carried_out(decision, state, notes)
            on = day_of(customer, moment(state))
            message = draft(situation, decision, customer, policy=self.policy, on=on)
            helps = self.model is not None and read(state, "options", RunOptions).models
            if helps and self.model is not None and message is not None:
                message = await self._worded(
                    self.model, message, situation, decision, customer, notes=notes
                )
            return update(decision=decision, message=message) | notes.as_update()
        packet = read(state, "packet", HandoffPacket)
        agreed = decision.model_copy(update={"offer": settled_offer(decision, review)})
        final = await self._carried_out(agreed, state, notes)
        stored = packet.draft
        if agreed.offer is not None and final.offer is None and review.verdict in _KEEPS_TEXT:
            # the text that the person agreed to promises what the customer cannot have
            message = draft(
                situation, final, customer, policy=self.policy,
                language=stored.language if stored else None, tone=stored.tone if stored else None,
                channel=stored.channel if stored else None,
            )  # fmt: skip
        else:
            message = reviewed_message(
                situation, final, customer, stored, review, policy=self.policy
            )
        return update(decision=final, message=message) | notes.as_update()

    async def _carried_out(
        self, decision: Decision, state: RetentionState, notes: Notes
    ) -> Decision:
        """Give the decision with its offer as it stands once the executor was asked."""
        offer = decision.offer
        if offer is None or not offer.approved or offer.applied:
            return decision
        if read(state, "options", RunOptions).dry_run:
            return decision
        settled, refused = await carried_out(
            self.executor, offer, customer_id=state["customer_id"], key=state["run_id"],
            degraded=notes.degraded,
        )  # fmt: skip
        why = decision.why if refused is None else f"{decision.why}; no offer: {refused}"
        return decision.model_copy(update={"offer": settled, "why": why})

    async def _worded(
        self,
        model: Model,
        template: Message,
        situation: Situation,
        decision: Decision,
        customer: Customer,
        *,
        notes: Notes,
    ) -> Message:
        """Let the model word the message; what fails the checks twice over gives way to ours."""
        prompt, findings = self.prompts("retention/empathy"), template.findings
        for _ in range(1 + REWRITES):
            asked = prompt.render(draft=template, situation=situation, findings=findings)
            wording = await ask(model, asked, Wording, notes=notes)
            if wording is None:
                return template
            subject = wording.subject if template.subject is not None else None
            worded = template.model_copy(update={"body": wording.body, "subject": subject})
            message = checked(worded, situation, decision.offer, customer, policy=self.policy)
            added = (*message.findings, *unasked(message, template))
            message = message.model_copy(update={"findings": added})
            advertises = message.purpose is Purpose.MARKETING is not template.purpose
            if not message.blocked and not advertises:
                return message
            findings = (*message.findings, _PROMOTION) if advertises else message.findings
        notes.degraded.append(prompt.name)
        return template
