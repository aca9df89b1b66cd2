"""How single values of a delivery are read: one that does not fit is missing, never an error."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

TEXT = 1000
"""Characters that are kept of a free text."""
ID = 200
"""Characters that an id may have."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no database holds or no screen should show; line breaks and tabs stay."""
_DIGITS = re.compile(r"[0-9]{1,9}")
_PRICE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_MARKS = re.compile(r"[\s().\-/]")
_YEARS = range(1970, 2200)
"""Years that tables and dataframes can hold, and that are no slip."""
_MOST_DIGITS = 12
"""Digits of an amount before the point."""
_FRACTION = 6
"""Digits of an amount after the point."""


def part(value: Any, *path: str) -> Any:
    """Give what lies at a path of names, `None` where the path leads nowhere."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def identifier(value: Any, limit: int = ID) -> str | None:
    """Give an id as text: a whole number, or printable text of at most so many characters."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**limit:
        return str(value)
    if not isinstance(value, str):
        return None
    found = value.strip()
    return found if 0 < len(found) <= limit and found.isprintable() else None


def free_text(value: Any, limit: int = TEXT) -> str | None:
    """Give what somebody wrote, cut, without control characters; blank is none."""
    if not isinstance(value, str):
        return None
    return _UNSTORABLE.sub("", value[: 2 * limit]).strip()[:limit].strip() or None


def word(value: Any, limit: int = 40) -> str | None:
    """Give a category's word in lower case."""
    found = identifier(value, limit) if isinstance(value, str) else None
    return found.lower() if found else None


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Give an ISO 8601 moment (or a Python one) in UTC; one without an offset is of the zone.

    Digits beyond microseconds are dropped; years no business has are none.
    """
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        found = datetime(value.year, value.month, value.day, tzinfo=zone)
    if not isinstance(found, datetime) or found.year not in _YEARS:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def whole(value: Any, least: int = 0, most: int = 1_000_000) -> int | None:
    """Give a whole number within bounds, also of digits in a text."""
    if isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value.strip()) else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if fits else None


def price(value: Any) -> Decimal | None:
    """Give an amount of money, zero or more, in the unit it is told in."""
    if isinstance(value, str):
        value = value.strip()
        if not _PRICE.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    if not found.is_finite() or found.is_signed() or found.adjusted() >= _MOST_DIGITS:
        return None
    return found if abs(_exponent(found)) <= _FRACTION else round(found, _FRACTION)


def currency(value: Any) -> str | None:
    """Give a currency's code of three capitals."""
    found = value.strip().upper() if isinstance(value, str) else ""
    return found if _CURRENCY.fullmatch(found) else None


def email(value: Any) -> str | None:
    """Give an e-mail address trimmed and in lower case."""
    found = identifier(value, 320) if isinstance(value, str) else None
    return found.casefold() if found and _EMAIL.fullmatch(found) else None


def phone(value: Any) -> str | None:
    """Give an international phone number in E.164; one without a country is none."""
    found = _PHONE_MARKS.sub("", value[:40]) if isinstance(value, str) else ""
    if found.startswith("00"):
        found = f"+{found[2:]}"
    return found if _PHONE.fullmatch(found) else None


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
