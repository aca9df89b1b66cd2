"""Checks that read every outgoing text, whoever wrote it; `codes.CHECKS` names what they find."""

from procx_graph.domain.message import Finding, Message
from procx_graph.outreach.checks.addresses import check_addresses
from procx_graph.outreach.checks.chat import check_chat
from procx_graph.outreach.checks.confusables import check_confusables
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.figures import check_figures
from procx_graph.outreach.checks.identity import check_identity
from procx_graph.outreach.checks.internal import check_internal
from procx_graph.outreach.checks.length import WHATSAPP_LENGTH, check_length
from procx_graph.outreach.checks.markup import MARKUP, check_markup
from procx_graph.outreach.checks.offers import check_expiry, check_offers
from procx_graph.outreach.checks.opt_out import check_opt_out
from procx_graph.outreach.checks.personal import check_personal
from procx_graph.outreach.checks.placeholders import check_placeholders
from procx_graph.outreach.checks.promises import check_promises
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.checks.sameness import check_sameness
from procx_graph.outreach.checks.script import check_script
from procx_graph.outreach.checks.sender import check_sender
from procx_graph.outreach.checks.tone import check_apology, check_tone
from procx_graph.outreach.sms import SEGMENTS

__all__ = ["MessageFacts", "check_message"]


def check_message(
    message: Message,
    facts: MessageFacts,
    *,
    max_segments: int = SEGMENTS,
    whatsapp_length: int = WHATSAPP_LENGTH,
) -> tuple[Finding, ...]:
    """Read the subject and the body of a message.

    Args:
        message: As composed with `{first_name}`, or with the name filled in.
        facts: All that it may state.
        max_segments: How many segments a text message may take.
        whatsapp_length: How many characters a WhatsApp message may have.

    Returns:
        What is wrong with it, in the order of the text, the subject first; empty when nothing is.
    """
    findings = [
        *check_length(message, facts, max_segments=max_segments, whatsapp_length=whatsapp_length),
        *check_opt_out(message),
        *check_sameness(message, facts),
    ]
    for field, text in (("subject", message.subject), ("body", message.body)):
        if text and text.strip():
            findings += _check_text(Reading.of(text, field), message, facts)
    return tuple(sorted(findings, key=lambda f: (f.field != "subject", f.start, f.end, f.code)))


def _check_text(reading: Reading, message: Message, facts: MessageFacts) -> list[Finding]:
    language = message.language
    told = reading.blank(facts.data_in(reading.text))
    personal, seen = check_personal(told, facts.customer_id)
    addresses, figures = check_addresses(seen, facts.domains)
    findings = [
        *check_script(figures, language),
        *check_confusables(told),
        *check_identity(figures, language),
        *check_internal(told, language),
        *check_markup(told),
        *check_placeholders(told.without(MARKUP), language),
        *personal,
        *addresses,
        *check_figures(figures, facts, language),
        *check_promises(told, language),
        *check_offers(told, facts, language),
        *check_tone(told, facts, language),
    ]
    if reading.field == "body":
        findings += check_sender(reading, facts, language)
        findings += check_apology(told, message, facts)
        if not any(finding.code == "unknown_percent" for finding in findings):
            findings += check_expiry(told, facts, language)
        findings += check_chat(reading, message)
    return findings
