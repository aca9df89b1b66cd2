"""Was something left unfilled?"""

import re
from functools import cache

from procx_graph.domain.message import Finding, Language
from procx_graph.outreach.checks.reading import Reading
from procx_graph.outreach.languages import NAME_SLOT, language_pack

_SLOT = re.compile(
    r"\{\{[^{}\n]{0,80}\}\}|\$?\{[^{}\n]{0,80}\}|\[[^\[\]\n]{1,80}\]|<[^<>\n]{1,80}>"
    r"|%\(\w+\)[sd]|(?<!\d)%[sd](?![A-Za-z])|__\w+__|[{}]"
)
"""`{{name}}`, `{name}`, `[Your Name]`, `<name>`, `%(name)s`, `__NAME__`, or a stray brace."""

_MISSING = re.compile(
    r"(?<![A-Za-z])(?:NaN|nan|NaT|null|NULL|undefined|N/A)(?![A-Za-z])"
    r"|(?:(?<=Dear )|(?<=Hello )|(?<=Hi )|(?<=[^\x00-\x7f] ))None(?![A-Za-z])"
    r"|(?<![A-Za-z])None(?=\s*(?:[,.!;:)\n]|[^\x00-\x7f]|$))"
)
"""How programs write that there is no value; "None of your items" is English."""


def check_placeholders(reading: Reading, language: Language) -> list[Finding]:
    """Find slots, stand-ins for missing values, and greetings of nobody."""
    findings = [
        reading.finding("placeholder", *match.span(), f"fill in or remove {match[0]!r}")
        for match in _SLOT.finditer(reading.text)
    ]
    findings += [
        reading.finding("missing_value", *match.span(), "a value is missing: leave it out")
        for match in _MISSING.finditer(reading.text)
    ]
    if _greeting_of_nobody(language).match(reading.original):
        hint = "greet without a name, as the template does when there is none"
        findings.append(reading.finding("missing_value", 0, 1, hint))
    return findings


@cache
def _greeting_of_nobody(language: Language) -> re.Pattern[str]:
    """Match the named greetings where nothing stands for the name."""
    messages = language_pack(language).messages
    patterns = []
    for greeting in (messages.greeting, messages.sms_greeting):
        before, after = (part.strip() for part in greeting.named.split(NAME_SLOT))
        if before + after != greeting.plain.strip():
            patterns.append(rf"\s*{re.escape(before)}\s*{re.escape(after)}")
    return re.compile("|".join(patterns) or r"(?!)")
