"""Decision agent: what do we do, and must a person say so first?"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Literal

from langgraph.runtime import Runtime

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Action, Decision, Priority
from procx_graph.domain.event import Event
from procx_graph.domain.message import Channel, Language, Purpose
from procx_graph.domain.pattern import Pattern
from procx_graph.domain.permit import Permit
from procx_graph.domain.policy import OfferRule, Policy
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.graphs.retention.choice import (
    Choice,
    allowed_actions,
    choice_among,
    concern_of,
    has_happened,
    with_reasons,
)
from procx_graph.graphs.retention.reasons import reasons_to_escalate
from procx_graph.graphs.retention.refine import Notes, ask, graver, helping
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
from procx_graph.outreach.budget import OfferBudget
from procx_graph.outreach.enforce import enforce
from procx_graph.prompts import Prompts, load_prompt

_PRIORITIES = list(Priority)


class DecisionAgent:
    """Choose an action from the playbooks and bring it within the policy."""

    def __init__(
        self,
        base: CustomerBase,
        *,
        policy: Policy,
        budget: OfferBudget,
        model: Model | None = None,
        prompts: Prompts = load_prompt,
    ) -> None:
        self.base, self.policy, self.budget = base, policy, budget
        self.model, self.prompts = model, prompts

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `situation`, `score`, `permit` and `event`; give the `decision`.

        With a model that finds the case graver than the rules did, also the `situation`.
        """
        situation, score = read(state, "situation", Situation), read(state, "score", Score)
        options, event = read(state, "options", RunOptions), read_optional(state, "event", Event)
        customer, permit = self.base.customer(state["customer_id"]), read(state, "permit", Permit)
        run_id, now = state["run_id"], moment(state)
        book = self.policy.playbook(situation.kind, customer.segment, score.state)
        allowed = [
            rule
            for rule in _fitting(customer, situation, score, self.policy)
            if self.budget.affords(rule.percent_off, customer, run_id=run_id, now=now)
        ]
        proposing = partial(
            propose, customer, score=score, policy=self.policy, options=options, event=event,
            allowed=allowed,
        )  # fmt: skip
        proposal, notes, read_before = proposing(situation), Notes(), situation
        model = helping(self.model, options, permit, situation)
        if model is not None:
            pattern = read(state, "pattern", Pattern)
            choice = await self._choice(model, proposal, situation, pattern, allowed, notes)
            if choice is not None:
                situation = graver(situation, choice)
                proposal = chosen(proposing(situation), choice, situation, allowed)
        keep_to = partial(
            enforce, proposal, policy=self.policy, permit=permit, situation=situation,
            segment=customer.segment, level=score.risk_level, now=now,
            channels=self.policy.channels_of(book),
        )  # fmt: skip
        decision = keep_to(offers=[rule.id for rule in allowed])
        offer = decision.offer
        if offer is not None and not self.budget.take(
            offer.percent_off, customer, run_id=run_id, now=now
        ):
            decision = keep_to(offers=())
        settled = update(decision=decision) | notes.as_update()
        return settled if situation is read_before else settled | update(situation=situation)

    async def _choice(
        self,
        model: Model,
        proposal: Decision,
        situation: Situation,
        pattern: Pattern,
        allowed: Sequence[OfferRule],
        notes: Notes,
    ) -> Choice | None:
        """Let the model read the customer's words and choose among what is allowed.

        Anything else than an allowed action and an allowed offer is no answer: it is repaired
        once, and then the rules stand.
        """
        offers = () if situation.open_tickets else tuple(allowed)
        actions = allowed_actions(proposal, situation)
        prompt = self.prompts("retention/decision").render(
            situation=situation, pattern=pattern, proposal=proposal, actions=actions, offers=offers
        )
        among = choice_among(actions, tuple(rule.id for rule in offers))
        return await ask(model, prompt, among, notes=notes)


def chosen(
    proposal: Decision, choice: Choice, situation: Situation, allowed: Sequence[OfferRule]
) -> Decision:
    """Give a proposal as a model chose it, inside what is allowed.

    Its priority may rise, and fall only where nothing has happened and nobody must look; what its
    reading finds grave goes to a person, whom no choice of the model takes it from.
    """
    reasons = with_reasons(proposal.reasons, concern_of(choice))
    escalate = bool(reasons)
    offer = next((rule.proposed() for rule in allowed if rule.id == choice.offer_id), None)
    priority, action = choice.priority, Action(choice.action)
    if escalate or has_happened(situation):
        priority = max(priority, proposal.priority, key=_PRIORITIES.index)
        action = proposal.action
    return proposal.model_copy(
        update={
            "action": action,
            "priority": priority,
            "offer": offer,
            "reasons": reasons,
            "escalate": escalate,
            "why": choice.why,
        }
    )


def propose(
    customer: Customer,
    situation: Situation,
    score: Score,
    *,
    policy: Policy,
    options: RunOptions,
    event: Event | None,
    allowed: Sequence[OfferRule] | None = None,
) -> Decision:
    """Propose what the playbook says; nothing here is allowed yet.

    The first of the offers is proposed. Without `allowed` all that fit are looked at.
    """
    book = policy.playbook(situation.kind, customer.segment, score.state)
    if allowed is None:
        allowed = _fitting(customer, situation, score, policy)
    own = (customer.language or policy.default_language).casefold()
    language = options.language or re.split("[-_]", own)[0]
    supported = language in list(Language)
    reasons = reasons_to_escalate(
        customer,
        situation,
        score,
        policy=policy,
        event=event,
        unsupported=None if supported else language,
    )
    return Decision(
        action=book.action,
        priority=_priority(customer, situation, score, policy),
        channel=_channel(customer, policy.channels_of(book), options.channel),
        language=language if supported else None,
        tone=book.tone,
        purpose=Purpose.MARKETING,
        offer=allowed[0].proposed() if allowed else None,
        escalate=bool(reasons),
        reasons=reasons,
        steps=book.steps,
        why=f"{situation.kind.value.replace('_', ' ')}, {customer.segment or 'unknown'} segment",
    )


async def route(state: RetentionState) -> Literal["auto", "human"]:
    """Send an escalated decision to a person, every other one on to the message.

    It is a coroutine because langgraph sends a plain function through a thread.
    """
    return "human" if state["decision"]["escalate"] else "auto"


def _fitting(
    customer: Customer, situation: Situation, score: Score, policy: Policy
) -> tuple[OfferRule, ...]:
    """Give what playbook and catalogue have for a customer, the preferred first."""
    book = policy.playbook(situation.kind, customer.segment, score.state)
    return policy.offers_for(
        situation.kind, segment=customer.segment, level=score.risk_level, book=book
    )


def _priority(customer: Customer, situation: Situation, score: Score, policy: Policy) -> Priority:
    """Take the higher of what urgency and risk level say; a VIP moves up one step.

    The level compares with active customers: of the dormant it says only that they are dormant.
    """
    rules = policy.priorities
    steps = [_PRIORITIES.index(rules.urgency.get(situation.urgency, Priority.LOW))]
    if score.risk_level is not None and situation.kind is not SituationKind.WIN_BACK:
        steps.append(_PRIORITIES.index(rules.level.get(score.risk_level, Priority.LOW)))
    step = max(steps) + (rules.vip_raises and policy.is_vip(customer.segment))
    return _PRIORITIES[min(step, len(_PRIORITIES) - 1)]


def _channel(
    customer: Customer, channels: Sequence[Channel], wanted: Channel | None
) -> Channel | None:
    """Give the wanted channel if it reaches the customer, else the first that does."""
    order = (wanted, *channels) if wanted is not None and wanted in channels else channels
    return next((channel for channel in order if customer.reached_by(channel)), None)
