"""Does a marketing message say how to stop such messages?"""

from procx_graph.domain.message import Channel, Finding, Message, Purpose, Severity
from procx_graph.outreach.languages import language_pack

KEYWORD = "STOP"
"""What a customer answers, in every language."""


def check_opt_out(message: Message) -> list[Finding]:
    """Look for the keyword in marketing; service needs none."""
    if message.purpose is not Purpose.MARKETING or KEYWORD in message.body:
        return []
    messages = language_pack(message.language).messages
    line = messages.sms_opt_out if message.channel is Channel.SMS else messages.opt_out
    return [
        Finding(
            code="missing_opt_out",
            severity=Severity.BLOCK,
            start=0,
            end=0,
            hint=f"end with: {line}",
        )
    ]
