"""Take values out of what a provider sends, whatever is really there.

Each function gives `None` (or nothing) for a value that is missing or of another kind, so that a
strange body makes a shorter occurrence and never an error.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from procx_graph.domain.occurrence import Reference, ReferenceKind

Body = Mapping[str, Any]

TEXT_LIMIT = 1000
"""How many characters of a free text are kept."""
ID_LIMIT = 200
"""The longest id that is one."""
AMOUNT_LIMIT = Decimal(10) ** 15
"""An amount so large is none."""

_HUNDREDTH, _SMALLEST = Decimal("0.01"), Decimal("0.0001")
"""No currency has a part smaller than the second."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


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
    """Give a text or whole number as text that any store takes, cut to a limit; never empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:d}" if abs(value) < 10**30 else None
    if not isinstance(value, str):
        return None
    clean = value.encode(errors="replace").decode().replace("\0", "").strip()
    return clean[:limit].rstrip() or None


def ident(value: Any) -> str | None:
    """Give an id as text; one that is too long is none, for a cut id is another id."""
    found = text(value, ID_LIMIT + 1)
    return found if found and len(found) <= ID_LIMIT else None


def whole(value: Any) -> int | None:
    """Give a whole number, also one written as text; at most eighteen digits."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if abs(value) < 10**18 else None


def count(value: Any, least: int = 0) -> int | None:
    """Give a whole number that is not below the least one, and fits a table."""
    found = whole(value)
    return found if found is not None and least <= found < 2**31 else None


def money(value: Any) -> Decimal | None:
    """Give an amount in the main unit of its currency, not below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value)) if isinstance(value, int | float) else Decimal(value.strip())
    except (InvalidOperation, ValueError):
        return None
    if not found.is_finite() or not 0 <= found < AMOUNT_LIMIT:
        return None
    exact, usual = found.quantize(_SMALLEST), found.quantize(_HUNDREDTH)
    return usual if usual == exact else exact


def currency(value: Any) -> str | None:
    """Give a currency's three capital letters; XXX is no currency."""
    code = value.upper() if isinstance(value, str) and value.isascii() else ""
    return code if _CURRENCY.fullmatch(code) and code != "XXX" else None


def moment(value: Any) -> datetime | None:
    """Give a moment in UTC, from seconds since 1970 or ISO 8601; without an offset it is UTC."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC) if value >= 0 else None
    except (ValueError, OverflowError, OSError):
        return None
    return None


def reference(kind: ReferenceKind, value: Any, *, verified: bool = True) -> tuple[Reference, ...]:
    """Give the one way of naming a customer that a value is, or none.

    E-mail addresses must look like one; telephone numbers must be written with their country.
    """
    found = _READERS.get(kind, ident)(value)
    return (Reference(kind=kind, value=found, verified=verified),) if found else ()


def distinct(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Leave out what is said twice, the unverified where it is also said verified."""
    kept: dict[tuple[ReferenceKind, str], Reference] = {}
    for one in references:
        said = (one.kind, one.value.casefold())
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


def _email(value: Any) -> str | None:
    found = text(value, 321)
    return found if found and len(found) <= 320 and _EMAIL.fullmatch(found) else None


def _phone(value: Any) -> str | None:
    found = re.sub(r"[\s().-]", "", text(value, 40) or "")
    return found if _E164.fullmatch(found) else None


_READERS = {ReferenceKind.EMAIL: _email, ReferenceKind.PHONE: _phone}
