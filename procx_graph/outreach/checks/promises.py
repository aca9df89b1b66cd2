"""Does the text bind the business to something nobody decided?"""

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.checks.wording import spoken


def check_promises(reading: Reading, language: Language) -> list[Finding]:
    """Find guarantees, announced refunds and deadlines; allowed ones are blank in `reading`."""
    return [
        reading.finding(
            "promise", start, end, f"promise nothing: reword {reading.text[start:end]!r}"
        )
        for start, end in spoken(reading, language).get("promise", ())
    ]
