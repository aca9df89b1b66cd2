"""When a message may go out: the hours of the place where the customer is, in its own time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from procx_graph.domain.contact_rules import ContactRules, HoursRule
from procx_graph.domain.customer import Customer
from procx_graph.domain.message import Purpose
from procx_graph.outreach.zones import country_code, country_of, zone, zones_of

_ELSEWHERE = None
_AHEAD = 8
"""Days looked ahead: every rule of a week comes by."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a customer may be, as far as it is known.

    Attributes:
        zones: One when it is known, else all of the country.
        country: ISO code; `None` when it is unknown.
        regions: One when it is known, else each that has hours of its own, and `None` for the rest.
    """

    zones: tuple[ZoneInfo, ...]
    country: str | None
    regions: tuple[str | None, ...]


def whereabouts(customer: Customer, rules: ContactRules) -> Whereabouts:
    """Say where a customer may be.

    A country that is not told is that of the zone. Of whom neither is known is taken to be in the
    zone of the rules, whose hours are then those for every country.
    """
    own = (customer.time_zone, customer.country, customer.region)
    return _whereabouts(*own, rules.hours, rules.time_zone)


def next_opening(
    customer: Customer, *, purpose: Purpose, rules: ContactRules, now: datetime
) -> datetime | None:
    """Give from when on a message may go out: `now` itself if it may already.

    Where more than one place or zone is possible it must be right in all of them.

    Args:
        customer: Time zone, country and region.
        purpose: What the message is for.
        rules: The hours.
        now: The moment, aware.

    Returns:
        In UTC; `None` when there is no such moment within the coming week, because the zones that
        are possible lie too far apart.
    """
    place = whereabouts(customer, rules)
    if _is_open(place, purpose, rules, now):
        return now
    for moment in sorted({one for one in _openings(place, purpose, rules, now) if one > now}):
        if _is_open(place, purpose, rules, moment):
            return moment
    return None


def caps_of_place(customer: Customer, rules: ContactRules) -> list[int]:
    """Give the caps within 24 hours of every place where a customer may be."""
    place = whereabouts(customer, rules)
    return [
        rule.per_day
        for rule in rules.hours
        if rule.per_day is not None
        and any(rule.covers(place.country, region) for region in place.regions)
    ]


@lru_cache(maxsize=4096)
def _whereabouts(
    time_zone: str | None,
    country: str | None,
    region: str | None,
    hours: tuple[HoursRule, ...],
    home: str,
) -> Whereabouts:
    own = zone(time_zone)
    code = country_code(country)
    if code is None and own is not None and time_zone is not None:
        code = country_of(time_zone)
    zones = (own,) if own is not None else zones_of(code) if code is not None else ()
    regions: tuple[str | None, ...] = (_ELSEWHERE,)
    if region and region.strip():
        regions = (region.strip().removeprefix(f"{code}-"),)
    elif code is not None:
        special = (rule.regions[0] for rule in hours if rule.country == code and rule.regions)
        regions += tuple(dict.fromkeys(special))
    return Whereabouts(zones or (ZoneInfo(home),), code, regions)


def _is_open(place: Whereabouts, purpose: Purpose, rules: ContactRules, moment: datetime) -> bool:
    return all(
        _is_open_at(moment.astimezone(where), place.country, region, purpose, rules)
        for where in place.zones
        for region in place.regions
    )


def _is_open_at(
    local: datetime, country: str | None, region: str | None, purpose: Purpose, rules: ContactRules
) -> bool:
    """Whether the window of the day is open, or that of the day before still is."""
    today, clock = local.isoweekday(), local.time()
    rule = _rule(country, region, today, purpose, rules)
    overnight = rule.closes <= rule.opens
    if rule.opens <= clock and (overnight or clock < rule.closes):
        return True
    before = _rule(country, region, today - 1 or 7, purpose, rules)
    return before.closes <= before.opens and clock < before.closes


def _rule(
    country: str | None, region: str | None, weekday: int, purpose: Purpose, rules: ContactRules
) -> HoursRule:
    """Give the last rule that fits; the first fits everywhere."""
    return next(
        rule
        for rule in reversed(rules.hours)
        if rule.fits(country, region, weekday=weekday, purpose=purpose)
    )


def _openings(
    place: Whereabouts, purpose: Purpose, rules: ContactRules, now: datetime
) -> Iterator[datetime]:
    """Give when windows open in the days to come: where all are open, one of them has just begun.

    A day may begin within a window that was left open over midnight. An hour of opening that a
    change of the clock leaves out is told as an hour later.
    """
    for where in place.zones:
        for ahead in range(-1, _AHEAD + 1):
            day = (now.astimezone(where) + timedelta(days=ahead)).date()
            for region in place.regions:
                rule = _rule(place.country, region, day.isoweekday(), purpose, rules)
                for opens in (rule.opens, time()):
                    yield datetime.combine(day, opens, where).astimezone(UTC)
