"""Does the text send the customer somewhere we do not know?"""

import re

from procx_graph.domain.message import Finding
from procx_graph.outreach.checks.reading import Reading

_LINK = re.compile(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\b(?:mailto|tel|javascript|data):\S+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|in|io|co|info|biz|me|app|ly|shop|store|online"
    r"|xyz|link|club|site|top|gov|edu|us|uk|eu|ai|dev|gl|be|to|page|live|tech|cc|ru|cn)"
    r"(?![a-z0-9-])(?:/\S*)?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*")
_PHONE = re.compile(r"(?<![\w+])(?:\+\(?\d(?:[ ().-]{0,2}\d){6,}|\(?\d(?:[ ().-]{0,2}\d){9,})")
"""Seven digits after a plus, or ten: shorter runs are figures."""

ADDRESSES = {"unknown_email": _EMAIL, "unknown_link": _LINK, "unknown_phone": _PHONE}
"""What each code finds, in the order of looking."""


def check_addresses(reading: Reading) -> list[Finding]:
    """Find web and e-mail addresses and phone numbers; those in the facts are blank already."""
    findings = []
    for code, pattern in ADDRESSES.items():
        findings += [
            reading.finding(code, *match.span(), "remove it: it is not among the facts")
            for match in pattern.finditer(reading.text)
        ]
        reading = reading.without(pattern)
    return findings
