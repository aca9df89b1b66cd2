"""What to do about a customer: the decision agent's result."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.message import Channel, Purpose, Tone
from procx_graph.domain.model import Noun
from procx_graph.domain.share import Share


class Action(StrEnum):
    """What is done, in the words of the playbooks."""

    APOLOGISE_AND_FIX = "apologise_and_fix"
    HELP_WITH_PAYMENT = "help_with_payment"
    UPDATE_ON_ORDER = "update_on_order"
    WIN_BACK_ORDER = "win_back_order"
    FOLLOW_UP_TICKET = "follow_up_ticket"
    ASK_WHAT_WENT_WRONG = "ask_what_went_wrong"
    ANSWER_QUESTION = "answer_question"
    THANK = "thank"
    RE_ENGAGE = "re_engage"
    CHECK_IN = "check_in"
    NO_CONTACT = "no_contact"
    """The gate forbids it: nobody is written to."""


class Priority(StrEnum):
    """How soon."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ReasonCode(StrEnum):
    """Why a case goes to a person."""

    VIP_RISK = "vip_risk"
    HIGH_VALUE = "high_value"
    LOW_CSAT = "low_csat"
    VIP_COMPLAINT = "vip_complaint"
    OFFER_APPROVAL = "offer_approval"
    LOW_CONFIDENCE = "low_confidence"
    CUSTOMER_ASKED = "customer_asked"
    """The customer's own words ask for a person; only a model reads that."""
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    REPEATED_FAILURE = "repeated_failure"
    HIGH_FRUSTRATION = "high_frustration"
    FRAUD_OR_SECURITY = "fraud_or_security"
    LEGAL_OR_REGULATOR = "legal_or_regulator"
    COMPLIANCE_BLOCK = "compliance_block"
    """No text passed the checks."""


class Reason(Noun):
    """One reason to escalate, with its evidence."""

    code: ReasonCode
    text: str
    """One line in plain English."""
    facts: tuple[str, ...] = ()
    """Ids of facts in the situation."""


class Offer(Noun):
    """Something given to keep a customer, out of the policy's list."""

    id: str
    percent_off: Share = Field(gt=0, le=1)
    """Share of the price: 0.10 is ten percent."""
    valid_days: int = Field(ge=1)
    expires: datetime | None = None
    approved: bool = False
    """Whether it may be promised: within the automatic limit, or a person said yes."""
    applied: bool = False
    """Whether the business's own system confirmed that the customer has it."""
    reference: str | None = None
    """That system's own id of it."""


class Decision(Noun):
    """What to do, how, and whether a person must say so first."""

    action: Action
    priority: Priority
    channel: Channel | None
    """`None` when nobody is contacted or no channel reaches the customer."""
    language: str | None
    """The language to write in, `None` when there are no templates for the customer's."""
    tone: Tone
    purpose: Purpose
    offer: Offer | None = None
    escalate: bool = False
    reasons: tuple[Reason, ...] = ()
    """Why a person must look; empty unless `escalate`."""
    refused: str | None = None
    """The gate's code when nobody may be contacted, e.g. `no_consent`."""
    steps: tuple[str, ...] = ()
    """What to do, in order, for a colleague."""
    why: str = ""
    """One line: the playbook and what chose it."""
