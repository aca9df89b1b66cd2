"""Take values out of what a provider sends, whatever is really there.

Each function gives `None` (or nothing) for a value that is missing or of another kind, so that a
strange body makes a shorter occurrence and never an error.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.masking import without_addresses

Body = Mapping[str, Any]

TEXT_LIMIT = 1000
"""How many characters of a free text are kept."""
ID_LIMIT = 200
"""The longest id that is one."""
AMOUNT_LIMIT = Decimal(10) ** 12
"""An amount so large is none."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no database holds or no screen should show; line breaks and tabs stay."""
_YEARS = range(1970, 2200)
"""Years that tables and dataframes can hold, and that are no slip."""
_HUNDREDTH, _SMALLEST = Decimal("0.01"), Decimal("0.0001")
"""No currency has a part smaller than the second."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_MARKS = re.compile(r"\(0\)|[\s().\-/]")
"""What people write into a number, such as the zero that is dialled only at home."""


def at(body: Any, *path: str) -> Any:
    """Give what lies at a path of keys, or `None`."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def nested(body: Any, *path: str) -> Body:
    """Give the object at a path, an empty one where there is none."""
    found = at(body, *path)
    return found if isinstance(found, Mapping) else {}


def rows(body: Any, *path: str) -> list[Body]:
    """Give the objects in the list at a path."""
    found = at(body, *path)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def text(value: Any, limit: int = TEXT_LIMIT) -> str | None:
    """Give what somebody wrote, without control characters, masked and cut; blank is none.

    E-mail addresses and links are masked: they reach people, or open a page without a password.
    """
    if not isinstance(value, str):
        return None
    clean = without_addresses(_UNSTORABLE.sub("", value[: 2 * limit]))
    return clean.strip()[:limit].rstrip() or None


def word(value: Any, limit: int = 40) -> str | None:
    """Give a category's word in lower case, such as a status."""
    found = ident(value, limit) if isinstance(value, str) else None
    return without_addresses(found.lower()) if found else None


def ident(value: Any, limit: int = ID_LIMIT) -> str | None:
    """Give an id as text: a whole number, or printable text.

    One that is too long is none, for a cut id is another id.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
        value = f"{value:d}"
    if not isinstance(value, str):
        return None
    found = value.strip()
    return found if 0 < len(found) <= limit and found.isprintable() else None


def whole(value: Any, least: int = 0, most: int = 1_000_000) -> int | None:
    """Give a whole number within bounds, also one written as text or as 2.0."""
    if isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value := value.strip()) else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if fits else None


def money(value: Any) -> Decimal | None:
    """Give an amount, zero or more, in the unit it is told in; with two decimals or four."""
    if isinstance(value, str):
        value = value.strip()
        if not _AMOUNT.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    if not found.is_finite() or found.is_signed() or found >= AMOUNT_LIMIT:
        return None
    exact, usual = found.quantize(_SMALLEST), found.quantize(_HUNDREDTH)
    return usual if usual == exact else exact


def currency(value: Any) -> str | None:
    """Give a currency's three capital letters; XXX is no currency."""
    code = value.strip().upper() if isinstance(value, str) and value.isascii() else ""
    return code if _CURRENCY.fullmatch(code) and code != "XXX" else None


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
    told = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return told if told.year in _YEARS else None


def unix_moment(value: Any) -> datetime | None:
    """Give the moment that is so many seconds after the start of 1970, in UTC."""
    seconds = whole(value, most=10**11)
    return moment(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else None


def email(value: Any) -> str | None:
    """Give an e-mail address, trimmed and in lower case."""
    found = (ident(value, 320) or "").casefold() if isinstance(value, str) else ""
    return found if _EMAIL.fullmatch(found) else None


def phone(value: Any) -> str | None:
    """Give an international phone number in E.164; one without a country is none."""
    found = _PHONE_MARKS.sub("", value[:40]) if isinstance(value, str) else ""
    if found.startswith("00"):
        found = f"+{found[2:]}"
    return found if _E164.fullmatch(found) else None


def reference(kind: ReferenceKind, value: Any, *, verified: bool = True) -> tuple[Reference, ...]:
    """Give the one way of naming a customer that a value is, or none."""
    found = _READERS.get(kind, ident)(value)
    return (Reference(kind=kind, value=found, verified=verified),) if found else ()


def references(*told: tuple[ReferenceKind, Any, bool]) -> tuple[Reference, ...]:
    """Give the ways of naming a customer there are among kinds, values and whether verified."""
    return distinct(
        one for kind, value, sure in told for one in reference(kind, value, verified=sure)
    )


def distinct(named: Iterable[Reference]) -> tuple[Reference, ...]:
    """Leave out what is said twice, the unverified where it is also said verified."""
    kept: dict[tuple[ReferenceKind, str], Reference] = {}
    for one in named:
        said = (one.kind, one.value)
        if said not in kept or (one.verified and not kept[said].verified):
            kept[said] = one
    return tuple(kept.values())


def things(**ids: Any) -> tuple[str, ...]:
    """Give "kind:id" for every id there is, in the order given.

    A value may be an id or several.
    """
    named = {
        f"{kind}:{found}": None
        for kind, given in ids.items()
        for one in (given if isinstance(given, list | tuple) else (given,))
        if (found := ident(one))
    }
    return tuple(named)


_READERS = {ReferenceKind.EMAIL: email, ReferenceKind.PHONE: phone}
