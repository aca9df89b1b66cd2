"""Escalation agent: put the case before a person, and wait."""

import re
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock
from procx_graph.domain.decision import Decision
from procx_graph.domain.pattern import Pattern
from procx_graph.domain.policy import Policy
from procx_graph.domain.review import HandoffPacket, Review, ReviewCase, ReviewKind, Verdict
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation
from procx_graph.errors import ReviewError
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.packet import build_packet
from procx_graph.graphs.retention.reviewing import accepted
from procx_graph.graphs.retention.state import (
    RetentionState,
    RunOptions,
    Update,
    moment,
    read,
    update,
)
from procx_graph.store import Ledger

ACTION = "send_message"
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#!|~]")


class EscalationAgent:
    """Hand the case over in one interrupt, with nothing done before it.

    The node starts again from its first line on resume: the packet is made anew from the state
    and comes out the same.
    """

    def __init__(self, cohort: Cohort, *, policy: Policy, ledger: Ledger, clock: Clock) -> None:
        self.cohort, self.policy, self.ledger, self.clock = cohort, policy, ledger, clock

    @property
    def base(self) -> CustomerBase:
        """The customer tables."""
        return self.cohort.base

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read everything; give the `packet` and, once answered, the `review`.

        In a dry run nobody is asked: the packet is the result.

        Raises:
            ReviewError: The answer cannot be followed; the case keeps waiting.
        """
        now, record = moment(state), self.base.record(state["customer_id"])
        packet = build_packet(
            record,
            read(state, "situation", Situation),
            read(state, "pattern", Pattern),
            read(state, "decision", Decision),
            read(state, "score", Score),
            cohort=self.cohort,
            policy=self.policy,
            run_id=state["run_id"],
            now=now,
            dealings=self.ledger.dealings(state["customer_id"]),
        )
        if read(state, "options", RunOptions).dry_run:
            return update(packet=packet, message=None)
        answer = interrupt(payload(packet), response_schema=Review)
        packet = self._as_shown(packet)
        review = accepted(Review.model_validate(answer), record.customer)
        case = ReviewCase(
            review_id=packet.packet_id,
            run_id=state["run_id"],
            customer_id=packet.customer_id,
            kind=ReviewKind.ESCALATION,
            opened_at=now,
            packet=packet,
        )
        self.ledger.settle(case, review, at=self.clock.now())
        return update(packet=packet, review=review)

    def _as_shown(self, packet: HandoffPacket) -> HandoffPacket:
        """Give the packet that the person saw: the data may have changed since.

        Where nobody opened the case in the ledger, as in Studio, there is only the new one.
        """
        try:
            return self.ledger.case(packet.packet_id).packet or packet
        except ReviewError:
            return packet


async def after_review(state: RetentionState) -> Literal["reviewed", "ended"]:
    """Go on to the message when a person approved, edited or guided it; otherwise end."""
    verdict = (state.get("review") or {}).get("verdict")
    going = verdict in {Verdict.APPROVE, Verdict.EDIT, Verdict.RESPOND}
    return "reviewed" if going else "ended"


def payload(packet: HandoffPacket) -> dict[str, Any]:
    """Give the packet in the shapes that agent-chat-ui, Agent Inbox and Studio each can show.

    The current shape is LangChain's HITLRequest; `arguments` and the keys from `action_request`
    on repeat it for older interfaces.
    """
    draft = packet.draft
    args = {
        "subject": draft.subject if draft else None,
        "body": draft.body if draft else "",
        "language": draft.language.value if draft else packet.language,
        "channel": draft.channel.value if draft else None,
    }
    description = describe(packet)
    return {
        "action_requests": [
            {"name": ACTION, "args": args, "arguments": args, "description": description}
        ],
        "review_configs": [
            {
                "action_name": ACTION,
                "allowed_decisions": ["approve", "edit", "reject", "respond"],
            }
        ],
        "action_request": {"action": ACTION, "args": args},
        "config": {
            "allow_accept": True,
            "allow_edit": True,
            "allow_respond": True,
            "allow_ignore": True,
        },
        "description": description,
        "packet": packet.model_dump(mode="json"),
    }


def describe(packet: HandoffPacket) -> str:
    """Tell the case in Markdown."""
    risk = "unknown" if packet.churn_risk is None else f"{packet.churn_risk:.0%}"
    lines = [
        f"**{packet.priority.value}** · {_plain(packet.team)} · "
        f"due {packet.sla_due:%Y-%m-%d %H:%M} UTC",
        "",
        *(f"- {reason.code.value}: {_plain(reason.text)}" for reason in packet.reasons),
        "",
        f"Customer {_plain(packet.customer_id)} wants {packet.wants}. "
        f"Health {packet.health:.0f}, churn risk {risk}, {packet.sentiment.replace('_', ' ')}.",
        "",
        *(f"- {fact.id}: {_plain(fact.text)}" for fact in packet.facts[:6]),
        "",
        _plain(packet.recommended),
    ]
    if packet.offered_before:
        lines += ["", *(f"- offered before: {_plain(told)}" for told in packet.offered_before)]
    if packet.gloss:
        told = _plain(packet.gloss).splitlines()
        lines += ["", "In English:", "", *(f"> {line}" for line in told)]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Give outside text in which Markdown means nothing: no link, no picture, no heading."""
    return _MARKDOWN.sub(r"\\\g<0>", text)
