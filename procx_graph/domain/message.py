"""A message to a customer, and what the checks found in it."""

from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun


class Language(StrEnum):
    """Languages complete in templates, lexicons and greetings."""

    ENGLISH = "en"
    HINDI = "hi"
    TAMIL = "ta"
    TELUGU = "te"
    BENGALI = "bn"


class Tone(StrEnum):
    """How a message speaks."""

    WARM = "warm"
    FORMAL = "formal"
    APOLOGETIC = "apologetic"


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class Purpose(StrEnum):
    """What a message is for, in the sense of consent."""

    SERVICE = "service"
    """Answers a concrete adverse event, with no offer and no promotion."""
    TRANSACTIONAL = "transactional"
    """Answers about an order or a payment under way, with no offer and no promotion."""
    MARKETING = "marketing"
    """Everything else that is proactive."""


class Severity(StrEnum):
    """What a finding does to a message."""

    BLOCK = "block"
    WARN = "warn"


class Finding(Noun):
    """Something a check saw in a text."""

    code: str
    severity: Severity
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    """Half-open span of characters in the field; 0, 0 means the whole."""
    field: str = "body"
    """`body` or `subject`."""
    hint: str
    """What to do about it."""


class Message(Noun):
    """A text in the customer's language. `{first_name}` stands for the name until it is shown."""

    language: Language
    channel: Channel
    tone: Tone
    purpose: Purpose
    subject: str | None
    """`None` where the channel has no subject."""
    body: str
    findings: tuple[Finding, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a check forbids sending this text."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)
