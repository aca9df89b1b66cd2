"""Has this customer read nearly the same before?"""

from procx_graph.domain.message import Finding, Message, Severity
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.names import hide_name

ALIKE = 90
"""From this ratio of rapidfuzz (0 to 100) a text is a copy of another."""

LONGEST = 5_000
"""Characters of a text that are compared."""


def check_sameness(message: Message, facts: MessageFacts) -> list[Finding]:
    """Compare the body with earlier messages to the same customer, names apart."""
    if not facts.earlier:
        return []
    from rapidfuzz import fuzz  # needed only here

    body = _plain(message.body, facts)
    if not any(fuzz.ratio(body, _plain(old, facts), score_cutoff=ALIKE) for old in facts.earlier):
        return []
    hint = "say it in other words: the customer has had nearly the same message before"
    return [Finding(code="near_copy", severity=Severity.BLOCK, start=0, end=0, hint=hint)]


def _plain(text: str, facts: MessageFacts) -> str:
    return fold(hide_name(text[:LONGEST], facts.first_name)).casefold()
