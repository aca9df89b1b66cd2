"""A case that waits for a person, and the person's answer."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from procx_graph.domain.case import Opening
from procx_graph.domain.decision import Offer, Priority, Reason
from procx_graph.domain.health import Driver
from procx_graph.domain.message import Channel, Message
from procx_graph.domain.model import Noun
from procx_graph.domain.pattern import Trend
from procx_graph.domain.situation import Fact


class ReviewKind(StrEnum):
    """What waits."""

    ESCALATION = "escalation"
    """The graph waits in its interrupt for a decision."""
    MESSAGE = "message"
    """A finished draft waits for a yes."""


class Verdict(StrEnum):
    """What a person may answer."""

    APPROVE = "approve"
    """Use the draft as it is."""
    EDIT = "edit"
    """Use this text instead."""
    RESPOND = "respond"
    """Write the draft again with this guidance."""
    REJECT = "reject"
    """Do not contact the customer."""
    DISMISS = "dismiss"
    """Drop the case: not ours, already handled, a false alarm."""


_DIALECT: Mapping[str, Verdict] = {
    **{verdict.value: verdict for verdict in Verdict},
    "accept": Verdict.APPROVE,
    "approved": Verdict.APPROVE,
    "yes": Verdict.APPROVE,
    "ok": Verdict.APPROVE,
    "no": Verdict.REJECT,
    "rejected": Verdict.REJECT,
    "response": Verdict.RESPOND,
    "ignore": Verdict.DISMISS,
    "dismissed": Verdict.DISMISS,
}


class Review(Noun):
    """A person's answer to a case.

    Reads every dialect that the known interfaces speak: a boolean, a word, free text (guidance),
    `{"type": ...}`, `{"decisions": [...]}` of LangChain, and the list of Agent Inbox.
    """

    verdict: Verdict
    body: str | None = Field(default=None, max_length=20_000)
    """The text to use; only with `edit`, and required there."""
    subject: str | None = Field(default=None, max_length=200)
    """The subject to use; only with `edit`; `None` keeps the draft's."""
    note: str | None = Field(default=None, max_length=4000)
    """Guidance with `respond` (required there), otherwise the reason."""
    reviewer: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_any_dialect(cls, answer: Any) -> Any:
        return answer if isinstance(answer, cls) else _normalise(answer)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.verdict is Verdict.EDIT and not (self.body and self.body.strip()):
            raise ValueError("an edit needs the new text in `body`")
        if self.verdict is Verdict.RESPOND and not (self.note and self.note.strip()):
            raise ValueError("respond needs guidance in `note`")
        if self.verdict is not Verdict.EDIT and (self.body or self.subject):
            raise ValueError(f"{self.verdict.value} takes no text; use edit to change the draft")
        return self


def _normalise(answer: Any) -> dict[str, Any]:
    """Translate an answer of any known dialect into the fields of `Review`."""
    if isinstance(answer, Mapping) and "decisions" in answer:
        answer = answer["decisions"]
    if isinstance(answer, list):
        if len(answer) != 1:
            raise ValueError(f"one answer is expected, not {len(answer)}")
        answer = answer[0]
    if isinstance(answer, bool | str):
        return _from_word(answer)
    if not isinstance(answer, Mapping):
        raise ValueError("not an answer: say approve, edit, respond, reject or dismiss")
    if "verdict" in answer:
        return dict(answer)
    return _from_typed(answer)


def _from_word(answer: bool | str) -> dict[str, Any]:
    """Read a yes or no, one of the known words, or anything else as guidance."""
    if isinstance(answer, bool):
        return {"verdict": Verdict.APPROVE if answer else Verdict.REJECT}
    word = _DIALECT.get(answer.strip().lower())
    return {"verdict": Verdict.RESPOND, "note": answer} if word is None else {"verdict": word}


def _from_typed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Translate `{"type": ..., ...}` of LangChain and of Agent Inbox."""
    verdict = _DIALECT.get(str(answer.get("type", "")).lower())
    if verdict is None:
        raise ValueError("not an answer: `type` must be approve, edit, respond, reject or dismiss")
    given = answer.get("edited_action") or answer.get("args")
    args: Any = given
    if isinstance(given, Mapping) and isinstance(given.get("args"), Mapping):
        args = given["args"]
    own = {key: answer[key] for key in ("body", "subject", "note", "reviewer") if answer.get(key)}
    fields: dict[str, Any] = {"verdict": verdict, **own}
    note = answer.get("message") or (args if isinstance(args, str) else None)
    if note:
        fields["note"] = note
    if verdict is Verdict.EDIT and isinstance(args, Mapping):
        fields |= {key: args[key] for key in ("body", "subject") if args.get(key)}
    return fields


class HandoffPacket(Noun):
    """What a person needs to grasp a case in half a minute. Names and addresses stay out."""

    packet_id: str
    version: int = 1
    customer_id: str
    language: str | None
    """The customer's language; `None` when unknown."""
    time_zone: str | None
    state: str
    channel: Channel | None = None
    """By which they would be written to; `None` where none reaches them."""
    consent: bool | None
    """Consent to marketing; `None` is unknown and counts as no."""
    priority: Priority
    reasons: tuple[Reason, ...]
    wants: str
    """What the customer wants, as far as the data tells."""
    facts: tuple[Fact, ...]
    tried: tuple[str, ...]
    """What was done before, and how it ended."""
    open_questions: tuple[str, ...]
    recommended: str
    steps: tuple[str, ...]
    offer: Offer | None
    """Proposed, and approved only if it says so."""
    offered_before: tuple[str, ...] = ()
    """What they were offered or promised before, and how that stands; the newest first."""
    draft: Message | None
    """In the customer's language; `None` when we have no templates for it."""
    gloss: str | None
    """The draft in English, `None` when the draft is English."""
    health: float
    churn_risk: float | None
    risk_level: str | None
    revenue_at_risk: float | None
    drivers: tuple[Driver, ...]
    sentiment: str
    trend: str = Trend.UNKNOWN
    """Where the customer is heading."""
    team: str
    level: int = 1
    """Of the team."""
    waits_since: datetime | None = None
    """When the customer's first message that nobody answered came in, or the case was made."""
    sla_due: datetime
    """When the team must have answered, in its business hours from `waits_since` on."""
    run_id: str


class ReviewCase(Noun):
    """A case in the ledger: what waits, since when, and how it ended."""

    review_id: str
    run_id: str
    customer_id: str
    kind: ReviewKind
    opened_at: datetime
    packet: HandoffPacket | None = None
    """Of an escalation."""
    draft: Message | None = None
    """Of a message."""
    work: Opening | None = None
    """How the work on it begins, where it is kept."""
    answer: Review | None = None
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return self.answer is None
