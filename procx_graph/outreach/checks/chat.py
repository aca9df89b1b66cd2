"""What a chat channel does not take: many pictures, and slots side by side."""

import re

from procx_graph.domain.message import Channel, Finding, Message
from procx_graph.outreach.checks.reading import Reading

EMOJI = 10
"""Most pictures in a WhatsApp message."""

_PICTURE = re.compile(
    "(?<!\u200d)(?:[\U0001f1e6-\U0001f1ff]{2}|[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])"
    "[\U0001f3fb-\U0001f3ff]?"
)
"""An emoji; one joined to the last, or a tone of skin, is part of it."""
_ADJACENT = re.compile(r"\{[^{}\n]{1,80}\}\s*\{[^{}\n]{1,80}\}")


def check_chat(reading: Reading, message: Message) -> list[Finding]:
    """Count the pictures of a WhatsApp message and find slots with nothing between them."""
    if message.channel is not Channel.WHATSAPP:
        return []
    findings = [
        reading.finding("adjacent_slots", *match.span(), "put words between the slots")
        for match in _ADJACENT.finditer(reading.text)
    ]
    count = sum(1 for _ in _PICTURE.finditer(reading.original))
    if count > EMOJI:
        hint = f"has {count} emoji, at most {EMOJI} are allowed"
        findings.append(reading.finding("too_many_emoji", 0, len(reading.text), hint))
    return findings
