"""Does the text hold raw HTML? Messages are plain; the channel escapes and lays out."""

import re

from procx_graph.domain.message import Finding
from procx_graph.outreach.checks.reading import Reading

MARKUP = re.compile(
    r"</?(?:a|b|i|u|p|s|br|hr|em|h[1-6]|tr|td|th|li|ul|ol|div|span|img|font|form|table|tbody|style"
    r"|strong|script|iframe|input|button|svg|object|embed|link|meta|html|head|body|title|center"
    r"|video|audio|base|pre|code)\b[^<>\n]{0,400}>|<!--|<!doctype\b|&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});",
    re.IGNORECASE,
)


def check_markup(reading: Reading) -> list[Finding]:
    """Find tags, comments and entities."""
    return [
        reading.finding("markup", *match.span(), "write plain text, without HTML")
        for match in MARKUP.finditer(reading.text)
    ]
