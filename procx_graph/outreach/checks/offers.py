"""Does the text give away just what was approved, and say until when?"""

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.dates import date_pattern, is_among
from procx_graph.outreach.checks.facts import MessageFacts
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.checks.units import percent_pattern
from procx_graph.outreach.checks.wording import spoken

_HINTS = {
    "unknown_offer": "give away nothing but the approved offer",
    "unconfirmed_offer": "do not say that it is in the account: that is not confirmed",
}


def check_offers(reading: Reading, facts: MessageFacts, language: Language) -> list[Finding]:
    """Find gifts that nobody approved, and an offer said to be in the account already."""
    ways = spoken(reading, language)
    found = [("unknown_offer", span) for span in ways.get("extra", ())]
    if not facts.percents:
        found += [("unknown_offer", span) for span in ways.get("offer", ())]
    if not facts.offer_applied:
        found += [("unconfirmed_offer", span) for span in ways.get("applied", ())]
    return [reading.finding(code, *span, _HINTS[code]) for code, span in found]


def check_expiry(reading: Reading, facts: MessageFacts, language: Language) -> list[Finding]:
    """Look for the day on which an approved offer ends, beside its percentage."""
    if not facts.percents or not facts.dates:
        return []
    told = percent_pattern().search(reading.text)
    if told is None or any(
        is_among(match, facts.dates, language)
        for match in date_pattern(language).finditer(reading.text)
    ):
        return []
    return [reading.finding("missing_expiry", *told.span(), "say until when the offer is valid")]
