"""Does the text hold what belongs in no message: cards, identity numbers, other customers?"""

import re
from collections.abc import Callable
from functools import cache

from procx_graph.domain.message import Finding
from procx_graph.outreach.checks.reading import Reading

_SOME = re.compile(r"\d(?:[ -]?\d){2}")
"""All that is looked for has three digits in a row."""
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_AADHAAR = re.compile(r"(?<!\d)(?<!\d[ -])\d{4}[ -]?\d{4}[ -]?\d{4}(?![ -]?\d)")
_PAN = re.compile(r"(?<![a-z0-9])[a-z]{3}[abcfghjlpt][a-z]\d{4}[a-z](?![a-z0-9])", re.IGNORECASE)
_PREFIX = re.compile(r"[A-Za-z]+[-_]?(?=\d)")
_TURNS = (
    "01234567891234067895234017895634012895674012395678"
    "59876043216598710432765982104387659321049876543210"
)
"""Multiplication in the dihedral group of ten: the product of a and b stands at 10 a + b."""
_SHIFTS = "01234567891576283094580379614289160435279453126870428657390127938064157046913258"
"""The permutations of Verhoeff's scheme, by position from the right: digit d at 10 p + d."""


def check_personal(reading: Reading, customer_id: str | None) -> tuple[list[Finding], Reading]:
    """Find card, Aadhaar and PAN numbers, and ids of other customers.

    The customer's own id is blank in `reading` already.

    Returns:
        The findings, and the text with what was found blank, so that nothing reads it again.
    """
    findings: list[Finding] = []
    if not _SOME.search(reading.text):
        return findings, reading
    kinds = (*_KINDS, ("other_customer", _id_pattern(customer_id), bool))
    for code, pattern, holds in kinds:
        spans = [match.span() for match in pattern.finditer(reading.text) if holds(match[0])]
        findings += [
            reading.finding(code, *span, "remove it: it belongs in no message") for span in spans
        ]
        reading = reading.blank(spans)
    return findings, reading


@cache
def _id_pattern(customer_id: str | None) -> re.Pattern[str]:
    """Match ids of the shape of this customer's, or such as C123456 when theirs is not known."""
    prefix = _PREFIX.match(customer_id) if customer_id else None
    if prefix:
        shape = rf"{re.escape(prefix[0])}\d{{3,}}"
    else:
        shape = r"C\d{4,}" if customer_id is None else r"(?!)"
    return re.compile(rf"(?<![A-Za-z0-9]){shape}(?![A-Za-z0-9])")


def _digits(text: str) -> list[int]:
    return [int(char) for char in text if char.isdecimal()]


def _is_card(text: str) -> bool:
    """Whether the digits pass Luhn's test; all equal ones are no card."""
    digits = _digits(text)
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_aadhaar(text: str) -> bool:
    """Whether twelve digits pass Verhoeff's test and do not begin with 0 or 1."""
    digits, check = _digits(text), 0
    for position, digit in enumerate(reversed(digits)):
        check = int(_TURNS[10 * check + int(_SHIFTS[10 * (position % 8) + digit])])
    return check == 0 and digits[0] > 1


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("aadhaar_number", _AADHAAR, _is_aadhaar),
    ("card_number", _CARD, _is_card),
    ("pan_number", _PAN, bool),
)
