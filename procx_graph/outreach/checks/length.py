"""Does the text fit the channel that carries it?"""

from procx_graph.domain.message import Channel, Finding, Message, Severity
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.languages import SUBJECT_LENGTH
from procx_graph.outreach.names import fill_name
from procx_graph.outreach.sms import segments

EMAIL_LENGTH = 5_000
"""Most characters of an e-mail; a text message is measured in segments."""

WHATSAPP_LENGTH = 1_024
"""Most characters of a WhatsApp message unless the caller says otherwise."""

TYPICAL_NAME = "Raghavendra"
"""Stands for a name that is not known yet."""


def check_length(
    message: Message, facts: MessageFacts, *, max_segments: int, whatsapp_length: int
) -> list[Finding]:
    """Measure the text as it will be sent, with the customer's name or a typical one."""
    subject = message.subject or ""
    body = fill_name(message.body, facts.first_name or TYPICAL_NAME, language=message.language)
    longest = whatsapp_length if message.channel is Channel.WHATSAPP else EMAIL_LENGTH
    findings = []
    if not any(char.isalpha() for char in _own_words(message.body, facts)):
        findings.append(_finding("empty_body", "write something"))
    if message.channel is Channel.SMS:
        count = segments(body)
        if count > max_segments:
            hint = f"takes {count} segments, at most {max_segments} are allowed: make it shorter"
            findings.append(_finding("too_long", hint))
    elif len(body) > longest:
        hint = f"has {len(body)} characters, at most {longest} are allowed"
        findings.append(_finding("too_long", hint))
    if len(subject.splitlines()) > 1 or subject.strip("\r\n") != subject:
        findings.append(_finding("subject_newline", "keep it on one line", field="subject"))
    if len(subject) > SUBJECT_LENGTH:
        hint = f"has {len(subject)} characters; after {SUBJECT_LENGTH} readers may not see it"
        findings.append(_finding("subject_too_long", hint, Severity.WARN, "subject"))
    if message.channel is Channel.EMAIL and not subject.strip():
        findings.append(_finding("missing_subject", "add a subject", Severity.WARN, "subject"))
    return findings


def _finding(
    code: str, hint: str, severity: Severity = Severity.BLOCK, field: str = "body"
) -> Finding:
    return Finding(code=code, severity=severity, start=0, end=0, field=field, hint=hint)


def _own_words(text: str, facts: MessageFacts) -> str:
    """Give the text without what is data."""
    pieces, done = [], 0
    for start, end in facts.data_in(text):
        pieces.append(text[done:start])
        done = end
    return "".join([*pieces, text[done:]])
