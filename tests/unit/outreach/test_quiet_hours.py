"""When a message may go out, where the customer is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from procx_graph.domain.message import Purpose
from procx_graph.outreach.policies import load_policy
from procx_graph.outreach.quiet_hours import next_opening, whereabouts
from procx_graph.outreach.zones import country_code, country_of, zones_of
from tests.unit.builders import a_customer, a_policy

MONDAY, SATURDAY, SUNDAY = 5, 10, 11
"""Days of January 2026."""


def at(hour: float, zone: str, day: int = MONDAY, month: int = 1) -> datetime:
    local = datetime(2026, month, day, tzinfo=ZoneInfo(zone)) + timedelta(hours=hour)
    return local.astimezone(UTC)


def opening(
    now: datetime,
    *,
    purpose: Purpose = Purpose.SERVICE,
    hours: list[dict[str, Any]] | None = None,
    **where: Any,
) -> datetime | None:
    policy = load_policy() if hours is None else a_policy(contact={"hours": hours})
    told = {"time_zone": None, "country": None, "region": None} | where
    customer = a_customer(**told)
    return next_opening(customer, purpose=purpose, rules=policy.contact, now=now)


NY, CHICAGO, KOLKATA = "America/New_York", "America/Chicago", "Asia/Kolkata"
ROWS = [
    ("Europe/London", "UK", "England", MONDAY, Purpose.MARKETING, 9, 20),
    (NY, "USA", "New York", MONDAY, Purpose.MARKETING, 8, 21),
    (NY, "US", "FL", MONDAY, Purpose.MARKETING, 8, 20),
    (CHICAGO, "US", "Oklahoma", MONDAY, Purpose.SERVICE, 8, 20),
    (NY, "United States", "Maryland", SUNDAY, Purpose.MARKETING, 8, 20),
    (NY, "US", "ct", MONDAY, Purpose.MARKETING, 9, 20),
    (CHICAGO, "US", "TX", SUNDAY, Purpose.MARKETING, 12, 21),
    (CHICAGO, "US", "US-TX", SATURDAY, Purpose.MARKETING, 8, 21),
    (NY, "US", "Rhode Island", MONDAY, Purpose.MARKETING, 9, 18),
    (NY, "US", "RI", SATURDAY, Purpose.MARKETING, 8, 21),
    (KOLKATA, "India", "Tamil Nadu", MONDAY, Purpose.MARKETING, 10, 21),
    (KOLKATA, "IN", "Tamil Nadu", MONDAY, Purpose.TRANSACTIONAL, 9, 20),
]


@pytest.mark.parametrize(("zone", "country", "region", "day", "purpose", "opens", "closes"), ROWS)
def test_every_place_has_its_hours(
    zone: str, country: str, region: str, day: int, purpose: Purpose, opens: int, closes: int
) -> None:
    where: dict[str, Any] = {"time_zone": zone, "country": country, "region": region}
    minute = timedelta(minutes=1)
    first, last = at(opens, zone, day), at(closes, zone, day) - minute

    assert opening(first, purpose=purpose, **where) == first
    assert opening(last, purpose=purpose, **where) == last
    assert opening(first - minute, purpose=purpose, **where) == first
    late = opening(last + minute, purpose=purpose, **where)
    assert late is not None
    assert late > last + minute


def test_after_the_hours_the_next_day_s_are_told() -> None:
    evening = at(23, "Asia/Dubai")

    assert opening(evening, time_zone="Asia/Dubai") == at(9, "Asia/Dubai", MONDAY + 1)


def test_on_saturday_night_a_texan_is_written_to_from_noon_on() -> None:
    told = opening(at(22, CHICAGO, SATURDAY), time_zone=CHICAGO, country="US", region="TX")

    assert told == at(12, CHICAGO, SUNDAY)


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_on_the_days_the_clock_is_changed_the_hours_are_those_on_the_wall(
    month: int, day: int
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    nine = datetime(2026, month, day, 9, tzinfo=berlin).astimezone(UTC)
    night = datetime(2026, month, day, 0, 30, tzinfo=berlin).astimezone(UTC)

    assert opening(night, time_zone="Europe/Berlin") == nine
    assert opening(nine, time_zone="Europe/Berlin") == nine
    before = nine - timedelta(minutes=1)
    assert opening(before, time_zone="Europe/Berlin") == nine


def test_hours_over_midnight_belong_to_the_day_they_open_on() -> None:
    owls = [{"opens": "22:00", "closes": "02:00"}]
    zone: dict[str, Any] = {"time_zone": "Asia/Tokyo", "hours": owls}
    shut, late, small = at(21, "Asia/Tokyo"), at(23.5, "Asia/Tokyo"), at(25, "Asia/Tokyo")

    assert opening(late, **zone) == late
    assert opening(small, **zone) == small
    assert opening(at(26, "Asia/Tokyo"), **zone) == at(46, "Asia/Tokyo")
    assert opening(shut, **zone) == at(22, "Asia/Tokyo")


def test_hours_that_open_and_close_at_once_never_close() -> None:
    always = [{"opens": "00:00", "closes": "00:00"}]
    for hour in (0, 3, 23.99):
        now = at(hour, "Asia/Tokyo")
        assert opening(now, time_zone="Asia/Tokyo", hours=always) == now


def test_midnight_at_the_end_of_a_day_is_the_end() -> None:
    hours = [{"opens": "09:00", "closes": "00:00"}]
    last, midnight = at(24, "Asia/Tokyo") - timedelta(seconds=1), at(24, "Asia/Tokyo")

    assert opening(last, time_zone="Asia/Tokyo", hours=hours) == last
    assert opening(midnight, time_zone="Asia/Tokyo", hours=hours) == at(33, "Asia/Tokyo")


@pytest.mark.parametrize("country", ["US", "Australia"])
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_in_an_unknown_zone_it_must_be_the_hour_in_every_zone_of_the_country(
    country: str, hour: int
) -> None:
    code = country_code(country)
    assert code is not None
    told = opening(at(hour, "UTC"), country=country, region="elsewhere")

    if told is not None:
        for zone in zones_of(code):
            local = told.astimezone(zone)
            assert 8 <= local.hour < 21, zone


def test_unknown_zones_of_a_country_leave_a_common_hour() -> None:
    opens = opening(at(22, NY), country="US", region="NY")

    assert opens == at(8, "Pacific/Honolulu", MONDAY + 1) == at(13, NY, MONDAY + 1)


def test_in_an_unknown_part_of_a_country_it_must_be_the_hour_in_all_its_parts() -> None:
    where: dict[str, Any] = {"time_zone": NY, "country": "US"}

    assert opening(at(8, NY), **where) == at(9, NY)
    assert opening(at(17.9, NY), **where) == at(17.9, NY)
    assert opening(at(18, NY), **where) == at(9, NY, MONDAY + 1)
    assert opening(at(9, NY, SUNDAY), **where) == at(12, NY, SUNDAY)


def test_the_country_of_a_zone_is_used_when_none_is_told() -> None:
    promotional: dict[str, Any] = {"purpose": Purpose.MARKETING}

    for zone in (KOLKATA, "Asia/Calcutta"):
        assert opening(at(9.5, KOLKATA), time_zone=zone, **promotional) == at(10, KOLKATA)


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", ""])
def test_of_whom_nothing_is_known_is_taken_to_be_in_the_zone_of_the_policy(
    zone: str | None,
) -> None:
    assert opening(at(8, "UTC"), time_zone=zone) == at(9, "UTC")
    moved = a_policy(contact={"time_zone": KOLKATA}).contact
    customer = a_customer(time_zone=zone)
    told = next_opening(customer, purpose=Purpose.SERVICE, rules=moved, now=at(8, KOLKATA))
    assert told == at(9, KOLKATA)


def test_a_country_that_does_not_exist_is_unknown() -> None:
    place = whereabouts(a_customer(time_zone=None, country="Narnia"), load_policy().contact)

    assert place.country is None
    assert [zone.key for zone in place.zones] == ["UTC"]


def test_zones_too_far_apart_have_no_hour_in_common() -> None:
    narrow = [{"opens": "09:00", "closes": "10:00"}]

    assert opening(at(9, "UTC"), country="US", hours=narrow) is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("India", "IN"), ("UAE", "AE"), ("UK", "GB"), ("usa", "US"), ("US", "US"),
        ("United Kingdom", "GB"), ("United Arab Emirates", "AE"), ("singapore", "SG"),
        (" Côte d’Ivoire ", "CI"), ("Narnia", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_and_by_name(told: str | None, code: str | None) -> None:
    assert country_code(told) == code


def test_a_zone_tells_its_country() -> None:
    assert country_of("Asia/Kolkata") == "IN"
    assert country_of("US/Eastern") == "US"
    assert country_of("Etc/GMT+3") is None
    assert [zone.key for zone in zones_of("IN")] == ["Asia/Kolkata"]
    assert zones_of("ZZ") == ()
