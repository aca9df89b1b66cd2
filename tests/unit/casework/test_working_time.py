"""Time in business hours."""

from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from procx_graph.casework.working_time import add_working, working_between
from procx_graph.domain.case_rules import Calendar
from procx_graph.errors import ConfigError

OFFICE = Calendar()
"""Monday to Friday, 9 to 18, UTC."""
ALWAYS = Calendar(days=(1, 2, 3, 4, 5, 6, 7), opens=time(), closes=time())
KOLKATA = Calendar(time_zone="Asia/Kolkata")
BERLIN = Calendar(
    time_zone="Europe/Berlin", days=(1, 2, 3, 4, 5, 6, 7), opens=time(), closes=time()
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-06-30T09:00", 4, "2025-06-30T13:00"),
        ("2025-06-30T15:00", 4, "2025-07-01T10:00"),
        ("2025-06-30T05:00", 1, "2025-06-30T10:00"),
        ("2025-07-04T17:00", 2, "2025-07-07T10:00"),
        ("2025-07-05T12:00", 9, "2025-07-07T18:00"),
        ("2025-06-30T09:00", 45, "2025-07-04T18:00"),
        ("2025-06-30T18:00", 0, "2025-07-01T09:00"),
    ],
)
def test_the_clock_stands_still_outside_office_hours(start: str, hours: float, end: str) -> None:
    assert add_working(at(start), timedelta(hours=hours), OFFICE) == at(end)


def test_round_the_clock_is_plain_time() -> None:
    start = at("2025-06-28T23:30")

    assert add_working(start, timedelta(hours=24), ALWAYS) == start + timedelta(hours=24)
    assert working_between(start, start + timedelta(days=9), ALWAYS) == timedelta(days=9)


def test_hours_are_those_of_the_teams_zone() -> None:
    due = add_working(at("2025-06-30T00:00"), timedelta(hours=1), KOLKATA)

    assert due == at("2025-06-30T04:30")


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    office = BERLIN.model_copy(update={"holidays": "DE"})
    spring = working_between(at("2025-03-29T23:00"), at("2025-03-30T22:00"), office)

    assert spring == timedelta(hours=23)


def test_public_holidays_are_free() -> None:
    india = Calendar(time_zone="Asia/Kolkata", holidays="IN")

    due = add_working(at("2025-08-14T12:00"), timedelta(hours=1), india)

    assert due == at("2025-08-18T04:00")


@pytest.mark.parametrize("calendar", [OFFICE, KOLKATA, ALWAYS])
@pytest.mark.parametrize("hours", [1, 8, 30, 200])
def test_what_is_added_is_what_lies_between(calendar: Calendar, hours: int) -> None:
    start, span = at("2025-06-28T13:17"), timedelta(hours=hours)

    assert working_between(start, add_working(start, span, calendar), calendar) == span


def test_nothing_lies_between_a_moment_and_an_earlier_one() -> None:
    assert working_between(at("2025-07-01T12:00"), at("2025-06-30T12:00"), OFFICE) == timedelta(0)


@pytest.mark.parametrize("country", ["Atlantis", "IN-ZZ", ""])
def test_an_unknown_country_is_named_when_the_calendar_is_made(country: str) -> None:
    with pytest.raises(ValidationError, match=f"no holidays are known of '{country}'"):
        Calendar(holidays=country)


def test_a_team_that_hardly_ever_works_is_refused() -> None:
    with pytest.raises(ConfigError, match="too few hours"):
        add_working(at("2025-06-30T12:00"), timedelta(days=9_999), OFFICE)
