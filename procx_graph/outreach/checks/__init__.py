"""Checks that read every outgoing text, whoever wrote it.

The codes of a finding, all of which block unless marked:

```
script        wrong_script  hidden_character
internal      internal_word
placeholders  placeholder  missing_value
addresses     unknown_link  unknown_email  unknown_phone
figures       unknown_date  unknown_amount  wrong_currency  unknown_percent  unknown_duration
              unknown_id  unknown_number
length        empty_body  too_long  subject_newline  subject_too_long (warns)
              missing_subject (warns)
opt_out       missing_opt_out
```
"""

from procx_graph.domain.message import Finding, Message
from procx_graph.outreach.checks.addresses import ADDRESSES, check_addresses
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.figures import check_figures
from procx_graph.outreach.checks.internal import check_internal
from procx_graph.outreach.checks.length import check_length
from procx_graph.outreach.checks.opt_out import check_opt_out
from procx_graph.outreach.checks.placeholders import check_placeholders
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.checks.script import check_script
from procx_graph.outreach.sms import SEGMENTS

__all__ = ["MessageFacts", "check_message"]


def check_message(
    message: Message, facts: MessageFacts, *, max_segments: int = SEGMENTS
) -> tuple[Finding, ...]:
    """Read the subject and the body of a message.

    Args:
        message: As composed with `{first_name}`, or with the name filled in.
        facts: All that it may state.
        max_segments: How many segments a text message may take.

    Returns:
        What is wrong with it, in the order of the text, the subject first; empty when nothing is.
    """
    findings = check_length(message, facts, max_segments=max_segments) + check_opt_out(message)
    for field, text in (("subject", message.subject), ("body", message.body)):
        if text and text.strip():
            findings += _check_text(Reading.of(text, field), message, facts)
    return tuple(sorted(findings, key=lambda f: (f.field != "subject", f.start, f.end, f.code)))


def _check_text(reading: Reading, message: Message, facts: MessageFacts) -> list[Finding]:
    told = reading.blank(facts.data_in(reading.text))
    addresses = check_addresses(told)
    figures = told.without(*ADDRESSES.values()) if addresses else told
    return [
        *check_script(told, message.language),
        *check_internal(told, message.language),
        *check_placeholders(told, message.language),
        *addresses,
        *check_figures(figures, facts, message.language),
    ]
