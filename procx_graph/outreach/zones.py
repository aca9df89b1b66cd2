"""Where people may be: the time zones of a country, and the country of a time zone."""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TABLES = "zoneinfo"
_ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "usa": "US", "u.s.": "US", "u.s.a.": "US", "america": "US", "uae": "AE", "bharat": "IN",
    "republic of india": "IN", "korea": "KR", "holland": "NL",
}  # fmt: skip
"""Names in use that no table has."""


@cache
def zone(name: str | None) -> ZoneInfo | None:
    """Give a time zone by its IANA name, `None` when there is none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@cache
def country_code(told: str | None) -> str | None:
    """Give the ISO 3166 code of a country by its code or its English name, `None` if unknown."""
    name = " ".join((told or "").split()).casefold()
    codes = _countries()
    return name.upper() if name.upper() in codes else _names().get(name)


@cache
def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """Give the zones of a country by its ISO code; none of a code that is not in use.

    Source: `zone.tab` of the time zone database.
    """
    names = sorted(name for name, code in _zone_table().items() if code == country)
    return tuple(found for name in names if (found := zone(name)) is not None)


@cache
def country_of(name: str) -> str | None:
    """Give the ISO code of the country that a zone is in; an old name counts as the new one."""
    table = _zone_table()
    return table.get(name) or table.get(_links().get(name, ""))


@cache
def _zone_table() -> dict[str, str]:
    """Give the country of each zone."""
    return {row[2]: row[0] for row in _rows("zone.tab")}


@cache
def _countries() -> dict[str, str]:
    """Give each country's name by its code."""
    return {row[0]: row[1] for row in _rows("iso3166.tab")}


@cache
def _names() -> dict[str, str]:
    """Give each country's code by its English names."""
    from babel import Locale

    codes = _countries()
    shown = Locale("en").territories
    told = {shown[code].casefold(): code for code in codes if code in shown}
    return {name.casefold(): code for code, name in codes.items()} | told | _ALSO


@cache
def _links() -> dict[str, str]:
    """Give the present name of each zone that has an old one, such as Asia/Calcutta."""
    lines = _text("tzdata.zi").splitlines()
    return {line.split()[2]: line.split()[1] for line in lines if line.startswith("L ")}


def _rows(name: str) -> list[list[str]]:
    lines = _text(name).splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _text(name: str) -> str:
    return (files("tzdata") / _TABLES / name).read_text(encoding="utf-8")
