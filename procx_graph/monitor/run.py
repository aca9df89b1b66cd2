"""One customer's run through the graph, and what came out of it as a result."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import NAMESPACE_OID, uuid5

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from procx_graph.base import CustomerBase
from procx_graph.domain.decision import Action, Decision
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Message
from procx_graph.domain.model_use import ModelUse, Prices, Usage
from procx_graph.domain.pattern import Pattern
from procx_graph.domain.review import HandoffPacket, Review, Verdict
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation
from procx_graph.graphs.retention.state import RunOptions, read_optional
from procx_graph.outreach.names import fill_name
from procx_graph.report import CustomerResult, DecisionView, MessageView, ReviewView, Status

_ANSWERED = {
    Verdict.APPROVE: "a person approved the draft",
    Verdict.EDIT: "a person wrote the text",
    Verdict.RESPOND: "written again with a person's guidance",
    Verdict.REJECT: "a person decided not to write",
    Verdict.DISMISS: "a person dropped the case",
}


_ADDED = ("degraded", "asked")
"""Keys of the state that grow."""


class Graph(Protocol):
    """What the monitor needs of a compiled graph, local or remote."""

    @property
    def astream(self) -> Callable[..., AsyncIterator[Any]]:
        """Stream a run."""
        ...

    @property
    def aget_state(self) -> Callable[..., Awaitable[Any]]:
        """Give the state that a thread is in."""
        ...


@dataclass
class Outcome:
    """The state a run left behind, put together from the agents' updates."""

    run_id: str
    customer_id: str
    score: Score
    values: dict[str, Any] = field(default_factory=dict)
    interrupted: bool = False
    lane: Lane = Lane.RETENTION
    dry_run: bool = False
    remote: bool = False
    callbacks: list[Any] = field(default_factory=list)
    """LangChain callbacks of the one who traces the run, while it goes."""

    @property
    def thread_id(self) -> str:
        """The run id, as a UUID on servers; a dry run's thread is apart from the real run's."""
        name = f"{self.run_id}:dry" if self.dry_run else self.run_id
        return thread_of(name, remote=self.remote)

    def keep(self, values: Mapping[str, Any]) -> None:
        """Put an agent's update into the values, as the graph does: what adds up is added."""
        added = {key: [*self.values.get(key, ()), *values[key]] for key in _ADDED if key in values}
        self.values.update(values)
        self.values.update(added)

    @property
    def config(self) -> RunnableConfig:
        """What the graph is called with."""
        return {
            "configurable": {"thread_id": self.thread_id},
            "recursion_limit": 25,
            **({"callbacks": self.callbacks} if self.callbacks else {}),
            "metadata": {"run_id": self.run_id, "customer_id": self.customer_id},
        }


def thread_of(run_id: str, *, remote: bool) -> str:
    """Give the thread of a run: its id, as a UUID on servers."""
    return str(uuid5(NAMESPACE_OID, run_id)) if remote else run_id


async def advance(
    graph: Graph, outcome: Outcome, work: Mapping[str, Any] | Command[Any], options: RunOptions
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Start or resume a run, keep what it leaves in `outcome`, and give each agent's update."""
    outcome.interrupted = False
    async for part in graph.astream(
        work,
        outcome.config,
        context=options,
        stream_mode=["updates"],
        version="v2",
        durability="exit",
    ):
        for agent, values in part["data"].items():
            if agent == "__interrupt__":
                outcome.interrupted = True
                pause = values[0]
                packet = (pause["value"] if isinstance(pause, dict) else pause.value)["packet"]
                outcome.values["packet"] = packet
                yield "escalation", {"packet": packet}
            else:
                outcome.keep(values or {})
                yield agent, values or {}


def result_of(outcome: Outcome, base: CustomerBase, prices: Prices | None = None) -> CustomerResult:
    """Read the outcome: drafted, escalated, skipped by the gate, or closed by a person."""
    values = outcome.values
    decision = read_optional(values, "decision", Decision)
    situation = read_optional(values, "situation", Situation)
    packet = read_optional(values, "packet", HandoffPacket)
    message = read_optional(values, "message", Message)
    review = read_optional(values, "review", Review)
    status, reason, detail = _ending(decision, situation, message, review)
    if packet is not None and status is Status.ESCALATED:
        shown = packet.draft
        view: ReviewView | None = ReviewView(
            review_id=packet.packet_id if outcome.interrupted else None,
            team=packet.team,
            sla_due=packet.sla_due,
            packet=packet,
        )
    else:
        shown, view = message, None
    return result_from_score(
        outcome.score,
        run_id=outcome.run_id,
        status=status,
        reason=reason,
        detail=detail,
        situation=situation,
        pattern=read_optional(values, "pattern", Pattern),
        decision=view_of(decision),
        message=filled(shown, base.customer(outcome.customer_id).first_name),
        review=view,
        degraded=bool(values.get("degraded")),
        usage=usage_of(outcome, prices),
    )


def usage_of(outcome: Outcome, prices: Prices | None) -> Usage | None:
    """Give what a run took of models; `None` when it asked none."""
    asked = outcome.values.get("asked")
    if not asked:
        return None
    return Usage.of((ModelUse.model_validate(one) for one in asked), prices)


def _ending(
    decision: Decision | None,
    situation: Situation | None,
    message: Message | None,
    review: Review | None,
) -> tuple[Status, str, str]:
    if decision is None or situation is None:
        return Status.FAILED, "incomplete_run", "the graph ended without a decision"
    if review is not None:
        return Status.CLOSED, review.verdict.value, _ANSWERED[review.verdict]
    if decision.action is Action.NO_CONTACT:
        return Status.SKIPPED, decision.refused or "no_contact", decision.why
    if decision.escalate:
        first = decision.reasons[0]
        return Status.ESCALATED, first.code.value, first.text
    if message is not None and message.blocked:
        codes = ", ".join(sorted({finding.code for finding in message.findings}))
        return Status.ESCALATED, "compliance_block", f"the checks found {codes}"
    return Status.DRAFTED, situation.kind.value, decision.why


def closed(result: CustomerResult, review: Review, message: MessageView | None) -> CustomerResult:
    """Give the result of a draft that waited, once a person answered."""
    return result.model_copy(
        update={
            "status": Status.CLOSED,
            "reason": review.verdict.value,
            "detail": _ANSWERED[review.verdict],
            "message": message,
            "review": None,
        }
    )


def result_from_score(score: Score, **fields: Any) -> CustomerResult:
    """Give a result with the scores filled in and what is not named left out."""
    empty: dict[str, Any] = dict.fromkeys(("situation", "pattern", "decision", "message", "review"))
    return CustomerResult(
        customer_id=score.customer_id,
        health=score.health,
        churn_risk=score.churn_risk,
        risk_method=score.risk_method,
        risk_level=score.risk_level,
        revenue_at_risk=score.revenue_at_risk,
        lifetime_value=score.lifetime_value,
        state=score.state,
        drivers=score.drivers,
        **{**empty, "degraded": False, **fields},
    )


def view_of(decision: Decision | None) -> DecisionView | None:
    """Give the decision as the report shows it."""
    if decision is None:
        return None
    return DecisionView(**{name: getattr(decision, name) for name in DecisionView.model_fields})


def filled(message: Message | None, first_name: str | None) -> MessageView | None:
    """Give the message as it would be sent."""
    if message is None:
        return None
    language = message.language
    return MessageView(
        language=language,
        channel=message.channel,
        subject=fill_name(message.subject, first_name, language=language)
        if message.subject
        else None,
        body=fill_name(message.body, first_name, language=language),
        tone=message.tone,
        findings=message.findings,
    )
