"""Does the text send the customer somewhere we do not know?"""

import re
from urllib.parse import urlsplit

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

_AFTER = ".,;:!?)]}'\"।"
"""What follows a link in a sentence and is no part of it."""
_HINTS = {
    **dict.fromkeys(ADDRESSES, "remove it: it is not among the facts"),
    "insecure_link": "write the link with https://",
}


def check_addresses(reading: Reading, domains: frozenset[str]) -> tuple[list[Finding], Reading]:
    """Find web and e-mail addresses and phone numbers; those in the facts are blank already.

    Links by https to one of `domains`, or to a host below it, are no finding.

    Returns:
        The findings, and the text with all addresses blank.
    """
    findings = []
    for code, pattern in ADDRESSES.items():
        matches = list(pattern.finditer(reading.text))
        for match in matches:
            problem = _link_problem(match[0], domains) if code == "unknown_link" else code
            if problem:
                findings.append(reading.finding(problem, *match.span(), _HINTS[problem]))
        reading = reading.blank(match.span() for match in matches)
    return findings, reading


def _link_problem(link: str, domains: frozenset[str]) -> str | None:
    """Give the code for a link; `None` when it leads to a known host by https."""
    link = link.rstrip(_AFTER)
    try:
        url = urlsplit(link if "://" in link else f"none://{link}")
        host = (url.hostname or "").rstrip(".")
        plain = url.username is None and url.port is None
    except ValueError:
        return "unknown_link"
    known = any(host == name or host.endswith(f".{name}") for name in map(str.lower, domains))
    if not plain or not known:
        return "unknown_link"
    return None if url.scheme == "https" else "insecure_link"
