"""Are there letters that only look like the ones we write?"""

import re

from procx_graph.domain.message import Finding
from procx_graph.outreach.checks.reading import Reading

_STRANGER = re.compile(r"[\u0400-\u058f\u13a0-\u13ff\u1c80-\u1c8f\ua640-\ua69f\uab70-\uabbf]")
"""Cyrillic, Armenian, Cherokee: no text of ours has them, and many look Latin."""
_MIXED = re.compile(r"[A-Za-z][\u0370-\u03ff]|[\u0370-\u03ff][A-Za-z]")
"""Greek is only suspicious inside a Latin word."""
_WORD = re.compile(r"[^\W\d_]+")


def check_confusables(reading: Reading) -> list[Finding]:
    """Find words with letters of a script that passes for Latin."""
    text = reading.text
    if text.isascii() or not (_STRANGER.search(text) or _MIXED.search(text)):
        return []
    return [
        reading.finding("confusable_letter", *word.span(), "write it again in plain letters")
        for word in _WORD.finditer(text)
        if _STRANGER.search(word[0]) or _MIXED.search(word[0])
    ]
