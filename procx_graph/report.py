"""What a scan found and did: the result other programs read."""

import html
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.decision import Action, Offer, Priority, Reason
from procx_graph.domain.health import Driver, against
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Finding, Language, Tone
from procx_graph.domain.model import Noun
from procx_graph.domain.model_use import Usage
from procx_graph.domain.pattern import Pattern
from procx_graph.domain.review import HandoffPacket
from procx_graph.domain.risk import RiskLevel, RiskMethod
from procx_graph.domain.situation import Situation

if TYPE_CHECKING:
    import pandas as pd


class Status(StrEnum):
    """How a customer's run ended. Nothing is called sent that was not."""

    DRAFTED = "drafted"
    """A message is written and may be sent."""
    ESCALATED = "escalated"
    """A person must look first."""
    SKIPPED = "skipped"
    """The gate forbids contact."""
    FAILED = "failed"
    """The run broke; the others did not."""
    CLOSED = "closed"
    """A person answered; the message, if any, is what they settled on."""


class Document(Noun):
    """A profile or policy by name and hash."""

    name: str
    hash: str


class Counts(Noun):
    """How many customers, by what happened to them."""

    scored: int
    """Customers in the base: every one is scored."""
    eligible: int
    """Customers of the lane above the floors and in the segments asked for."""
    processed: int
    """Run through the graph."""
    drafted: int
    escalated: int
    skipped: int
    """Refused by the gate before or in their run."""
    failed: int
    closed: int = 0


class DecisionView(Noun):
    """The decision as other programs read it."""

    action: Action
    priority: Priority
    channel: Channel | None
    offer: Offer | None
    escalate: bool
    reasons: tuple[Reason, ...]


class MessageView(Noun):
    """The message as it would be sent, with the first name filled in."""

    language: Language
    channel: Channel
    subject: str | None
    body: str
    tone: Tone
    findings: tuple[Finding, ...]


class ReviewView(Noun):
    """The case that waits."""

    review_id: str | None
    """`None` in a dry run, which opens no case."""
    team: str
    sla_due: datetime
    packet: HandoffPacket | None
    """`None` for a message that only waits for a yes."""


class CustomerResult(Noun):
    """One customer's result."""

    customer_id: str
    run_id: str
    status: Status
    reason: str
    """A code: why it was skipped, escalated or failed; else the situation."""
    detail: str
    """The same in words."""
    health: float
    churn_risk: float | None
    risk_method: RiskMethod
    risk_level: RiskLevel | None
    revenue_at_risk: float | None
    lifetime_value: float | None = None
    """What the score took for it, in the base's currency; `None` when unknown."""
    state: CustomerState
    drivers: tuple[Driver, ...]
    situation: Situation | None
    pattern: Pattern | None
    decision: DecisionView | None
    message: MessageView | None
    review: ReviewView | None
    degraded: bool
    """Whether a model failed and the rules stood in."""
    usage: Usage | None = None
    """What models took; `None` when none was asked."""


class ScanReport(Noun):
    """The report of one scan.

    `results` holds the selected customers and those whom the gate refused on the way, in the order
    of the lane; `others` counts everybody else by why they were not looked at.
    """

    scan_id: str
    lane: Lane = Lane.RETENTION
    """Whom the scan was for."""
    as_of: datetime
    profile: Document
    policy: Document
    counts: Counts
    others: dict[str, int] = Field(default_factory=dict)
    results: tuple[CustomerResult, ...]
    usage: Usage | None = None
    """What models took in all; `None` when none was asked."""
    notes: tuple[str, ...] = ()
    """What a reader should know of how it went, in words."""

    @property
    def waiting(self) -> Sequence[CustomerResult]:
        """Results that wait for a person, by rank."""
        return [r for r in self.results if r.review is not None and r.status is Status.ESCALATED]

    @property
    def remarks(self) -> Sequence[str]:
        """What models took, in words, and what a reader should know of how it went."""
        if self.usage is None:
            return self.notes
        tokens, cost = self.usage.tokens, ""
        if self.usage.cost is not None:
            cost = f", {self.usage.cost:.4f} {self.usage.currency}"
            if helped := sum(result.usage is not None for result in self.results):
                cost += f" ({self.usage.cost / helped:.4f} a customer)"
        cached = f" ({tokens.cached:,} of them cached)" if tokens.cached else ""
        told = [
            f"Models: {_questions(self.usage.asked)}, {tokens.prompt:,} tokens read{cached}, "
            f"{tokens.completion:,} written{cost}"
        ]
        if self.usage.failed:
            failed = _questions(self.usage.failed)
            often = max(self.usage.failures.items(), key=lambda one: one[1], default=None)
            why = f" ({often[1]:,} × {often[0]})" if often is not None else ""
            told.append(f"{failed} had no usable answer, and rules stood in{why}")
        return (*told, *self.notes)

    def replace(self, result: CustomerResult) -> Self:
        """Give the report with one result exchanged, e.g. after its review, counted anew."""
        results = tuple(result if r.run_id == result.run_id else r for r in self.results)
        counts = self.counts.model_copy(update=count(results))
        return self.model_copy(update={"results": results, "counts": counts})

    def to_json(self, *, indent: int | None = 2) -> str:
        """Give the report as JSON, the same bytes for the same report."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=indent)

    def to_frame(self) -> "pd.DataFrame":
        """Give one row per result: scores, decision, message text, review id."""
        import pandas as pd

        return pd.DataFrame([_row(result) for result in self.results], columns=_COLUMNS)

    def _repr_html_(self) -> str:
        """Show the report in a notebook; every text is escaped."""
        counts = ", ".join(f"{value} {key}" for key, value in self.counts.model_dump().items())
        shown = _SHOWN[self.lane]
        head = "".join(f"<th>{html.escape(column)}</th>" for column in shown)
        body = "".join(
            f"<tr>{''.join(_cell(_row(result)[column]) for column in shown)}</tr>"
            for result in self.results
        )
        return (
            f"<p><b>Scan {html.escape(self.scan_id)}</b>, {self.lane.value} lane, "
            f"as of {self.as_of:%Y-%m-%d %H:%M} UTC: {html.escape(counts)}</p>"
            f"{''.join(f'<p>{html.escape(note)}</p>' for note in self.remarks)}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _questions(number: int) -> str:
    return f"{number:,} question{'s' if number != 1 else ''}"


def count(results: Sequence[CustomerResult]) -> dict[str, int]:
    """Count results by status."""
    found = Counter(result.status for result in results)
    return {status.value: found[status] for status in Status}


def json_schema() -> dict[str, Any]:
    """Give the JSON schema of `ScanReport.to_json`, as shipped in scan_report.schema.json."""
    return ScanReport.model_json_schema(mode="serialization")


_COLUMNS = [
    "customer_id", "status", "reason", "state", "health", "churn_risk", "risk_level",
    "revenue_at_risk", "lifetime_value", "situation", "action", "priority", "channel", "offer",
    "language", "subject", "message", "review_id", "team", "sla_due", "tokens", "cost", "why",
]  # fmt: skip
_VALUE = {Lane.RETENTION: "revenue_at_risk", Lane.WINBACK: "lifetime_value"}
"""The money that a lane is about."""
_SHOWN = {
    lane: [
        "customer_id", "status", "reason", "health", "churn_risk", value, "situation",
        "action", "language", "message", "team", "why",
    ]
    for lane, value in _VALUE.items()
}  # fmt: skip


def _row(result: CustomerResult) -> dict[str, Any]:
    decision, message, review = result.decision, result.message, result.review
    return {
        "customer_id": result.customer_id,
        "status": result.status.value,
        "reason": result.reason,
        "state": result.state.value,
        "health": result.health,
        "churn_risk": result.churn_risk,
        "risk_level": result.risk_level.value if result.risk_level else None,
        "revenue_at_risk": result.revenue_at_risk,
        "lifetime_value": result.lifetime_value,
        "situation": result.situation.kind.value if result.situation else None,
        "action": decision.action.value if decision else None,
        "priority": decision.priority.value if decision else None,
        "channel": decision.channel.value if decision and decision.channel else None,
        "offer": decision.offer.percent_off if decision and decision.offer else None,
        "language": message.language.value if message else None,
        "subject": message.subject if message else None,
        "message": message.body if message else None,
        "review_id": review.review_id if review else None,
        "team": review.team if review else None,
        "sla_due": review.sla_due if review else None,
        "tokens": result.usage.tokens.total if result.usage else None,
        "cost": result.usage.cost if result.usage else None,
        "why": "; ".join(driver.text for driver in against(result.drivers)[:3]),
    }


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, float):
        return f'<td style="text-align:right">{value:,.2f}</td>'
    return f'<td style="text-align:left;white-space:pre-line">{html.escape(str(value))}</td>'
