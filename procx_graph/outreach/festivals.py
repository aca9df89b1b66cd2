"""Festival greetings: which festival is near, where the customer lives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from procx_graph.domain.customer import Customer
from procx_graph.domain.festival_rules import FestivalName, FestivalRules
from procx_graph.domain.message import Language
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.outreach.languages import language_pack

# The calendars of holidays and the names of Babel are loaded only where greetings are enabled.

FITTING = frozenset(
    {
        SituationKind.PRAISE,
        SituationKind.CHECK_IN,
        SituationKind.GONE_QUIET,
        SituationKind.WIN_BACK,
        SituationKind.SPENDING_LESS,
    }
)
"""Situations beside which a greeting is no affront."""


@dataclass(frozen=True)
class Festival:
    """A festival with texts of ours.

    Attributes:
        name: The festival, as the languages' `[festivals]` call it.
        pattern: How the calendars call it in English.
        regions: ISO codes of the parts of India where it is kept; empty for all.
        elsewhere: Those where another festival of these is kept instead.
    """

    name: FestivalName
    pattern: str
    regions: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


_PONGAL = frozenset({"TN", "PY"})
_PUJA = frozenset({"WB", "AS", "TR", "OD", "JH", "BR"})
FESTIVALS = (
    Festival(FestivalName.DIWALI, r"Diwali|Deepavali"),
    Festival(FestivalName.HOLI, r"\bHoli\b|Dolyatra", elsewhere=_PONGAL | {"KL"}),
    Festival(FestivalName.PONGAL, r"\bPongal\b", regions=_PONGAL),
    Festival(FestivalName.MAKAR_SANKRANTI, r"Makar Sankranti", elsewhere=_PONGAL | {"KL"}),
    Festival(FestivalName.UGADI, r"\bUgadi\b", regions=frozenset({"AP", "TS", "KA"})),
    Festival(FestivalName.DURGA_PUJA, r"Mahashtami|Durga Puja", regions=_PUJA),
    Festival(FestivalName.DUSSEHRA, r"^Dussehra$", elsewhere=_PUJA),
    Festival(FestivalName.ONAM, r"\bOnam\b", regions=frozenset({"KL"})),
    Festival(FestivalName.EID_AL_FITR, r"\b(?:Eid[ -]al|Id[ -]ul)-Fitr\b"),
    Festival(FestivalName.EID_AL_ADHA, r"\bEid[ -]al-Adha\b|\bId[ -]ul-Zuha\b"),
    Festival(FestivalName.CHRISTMAS, r"^Christmas(?: Day)?$"),
    Festival(FestivalName.NEW_YEAR, r"^New Year's Day$"),
    Festival(FestivalName.INDEPENDENCE_DAY, r"^Independence Day$"),
    Festival(FestivalName.REPUBLIC_DAY, r"^Republic Day$"),
)
_CATEGORIES = frozenset({"public", "optional"})
_UNSURE = re.compile(r"estimated|observed|additional|holiday\b", re.IGNORECASE)
"""A date that may still move, and days off that are not the day itself."""
_SHORT = {"uk": "GB", "uae": "AE", "england": "GB", "scotland": "GB", "wales": "GB"}


def greeting_for(
    customer: Customer, on: date, situation: Situation, rules: FestivalRules, language: Language
) -> str | None:
    """Give the greeting for the nearest festival where the customer lives.

    Args:
        customer: Their country and region decide; greetings want their consent to marketing.
        on: The day of the message.
        situation: Never a bad experience, and no question either.
        rules: Whether greetings are wanted, which, and how many days ahead.
        language: The language of the message.

    Returns:
        `None` when no festival is near, its date is not certain, or nothing is known about where
        the customer lives.
    """
    if not rules.enabled or situation.kind not in FITTING or not customer.opt_in_marketing:
        return None
    country = country_code(customer.country)
    if country is None:
        return None
    texts = language_pack(language).messages.festivals
    last = on + timedelta(days=rules.days)
    for year in range(on.year, last.year + 1):
        for when, name in _calendar(country, _part(country, customer.region), year):
            wanted = not rules.names or name in rules.names
            if on <= when <= last and wanted:
                return texts[name]
    return None


def day_of(customer: Customer, now: datetime) -> date:
    """Give the day that a moment falls on where the customer lives, in UTC when unknown."""
    try:
        return now.astimezone(ZoneInfo(customer.time_zone or "UTC")).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.date()


@lru_cache(maxsize=1024)
def country_code(name: str | None) -> str | None:
    """Give the ISO 3166 code of a country by its name or code; `None` when there is no such one."""
    return _countries().get((name or "").strip().casefold())


@cache
def _countries() -> dict[str, str]:
    from babel import Locale
    from holidays.registry import COUNTRIES

    codes = {entry[1]: entry[2] for entry in COUNTRIES.values()}
    found = {name.casefold(): code for code, name3 in codes.items() for name in (code, name3)}
    for language in Language:
        for code, name in Locale.parse(language.value).territories.items():
            if code in codes:
                found.setdefault(name.casefold(), code)
    return found | _SHORT


@lru_cache(maxsize=1024)
def _part(country: str, region: str | None) -> str | None:
    """Give the code of a part of a country by its name or code; `None` when it is not known."""
    import holidays

    kind = getattr(holidays, country)
    parts = {str(code).casefold(): code for code in kind.subdivisions}
    parts |= {name.casefold(): code for name, code in kind.subdivisions_aliases.items()}
    return parts.get((region or "").strip().casefold())


@lru_cache(maxsize=1024)
def _calendar(country: str, part: str | None, year: int) -> tuple[tuple[date, FestivalName], ...]:
    """Give the festivals of a year in order; of several on one day those of the region first."""
    return tuple(sorted(_days(country, part, year), key=lambda day: day[0]))


def _days(country: str, part: str | None, year: int) -> Iterator[tuple[date, FestivalName]]:
    import holidays

    kind = getattr(holidays, country)
    days = holidays.country_holidays(
        country,
        subdiv=part,
        years=[year],
        categories=tuple(_CATEGORIES & set(kind.supported_categories)) or None,
        language="en_US" if "en_US" in kind.supported_languages else None,
    )
    seen: set[FestivalName] = set()
    for festival in FESTIVALS:
        if country == "IN" and (
            (festival.regions and part not in festival.regions) or part in festival.elsewhere
        ):
            continue
        for when in sorted(days):
            names = days[when].split("; ")
            sure = [name for name in names if not _UNSURE.search(name)]
            if festival.name not in seen and any(re.search(festival.pattern, n) for n in sure):
                seen.add(festival.name)
                yield when, festival.name
