"""Festival greetings: the nearest one where the customer lives, never beside anything bad."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from procx_graph.domain.festival_rules import FestivalName, FestivalRules
from procx_graph.domain.message import Language, Purpose
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.draft import checked, draft
from procx_graph.outreach.festivals import FITTING, country_code, day_of, greeting_for
from procx_graph.outreach.languages import language_pack
from tests.unit.builders import a_customer, a_decision, a_policy, a_situation

RULES = FestivalRules(enabled=True, days=3)
EVE = date(2026, 11, 7)
"""The day before Diwali."""


def greeted(
    on: date = EVE,
    kind: SituationKind = SituationKind.CHECK_IN,
    rules: FestivalRules = RULES,
    language: Language = Language.ENGLISH,
    **customer: Any,
) -> str | None:
    """Name the festival that is greeted."""
    known = {"country": "India", "region": "Delhi"} | customer
    text = greeting_for(a_customer(**known), on, a_situation(kind), rules, language)
    texts = language_pack(language).messages.festivals
    return next((name for name, greeting in texts.items() if greeting == text), None)


def test_a_festival_that_is_near_is_greeted() -> None:
    assert greeted() == "diwali"
    assert greeted(date(2026, 11, 8)) == "diwali"
    assert greeted(date(2026, 11, 5)) == "diwali"


def test_a_festival_that_is_over_or_far_is_not() -> None:
    assert greeted(date(2026, 11, 9)) is None
    assert greeted(date(2026, 11, 4)) is None
    assert greeted(rules=FestivalRules(enabled=True, days=0)) is None


def test_nobody_is_greeted_unless_the_policy_wants_it() -> None:
    assert greeted(rules=FestivalRules()) is None
    assert not a_policy().festivals.enabled


@pytest.mark.parametrize("kind", SituationKind)
def test_only_situations_without_trouble_are_greeted(kind: SituationKind) -> None:
    assert (greeted(kind=kind) == "diwali") is (kind in FITTING)
    assert not (kind.adverse and kind in FITTING)


@pytest.mark.parametrize("consent", [False, None])
def test_whoever_does_not_want_marketing_is_not_greeted(consent: bool | None) -> None:
    assert greeted(opt_in_marketing=consent) is None


@pytest.mark.parametrize(
    ("region", "on", "name"),
    [
        ("Tamil Nadu", date(2026, 1, 14), "pongal"),
        ("tamil nadu", date(2026, 1, 14), "pongal"),
        ("TN", date(2026, 1, 14), "pongal"),
        ("Delhi", date(2026, 1, 14), "makar_sankranti"),
        (None, date(2026, 1, 14), "makar_sankranti"),
        ("West Bengal", date(2026, 10, 18), "durga_puja"),
        ("Delhi", date(2026, 10, 18), "dussehra"),
        ("Kerala", date(2026, 8, 25), "onam"),
        ("Delhi", date(2026, 8, 25), None),
        ("Telangana", date(2026, 3, 18), "ugadi"),
        ("Delhi", date(2026, 3, 2), "holi"),
    ],
)
def test_each_region_keeps_its_own(region: str | None, on: date, name: str | None) -> None:
    assert greeted(on, region=region) == name


@pytest.mark.parametrize(
    ("country", "on", "name"),
    [
        ("USA", date(2026, 7, 3), "independence_day"),
        ("UK", date(2026, 12, 24), "christmas"),
        ("UAE", date(2026, 3, 19), "eid_al_fitr"),
        ("Singapore", date(2026, 11, 7), "diwali"),
        ("Australia", date(2025, 12, 30), "new_year"),
        ("UK", date(2026, 11, 7), None),
        ("Atlantis", date(2026, 12, 25), None),
        ("", date(2026, 12, 25), None),
        (None, date(2026, 12, 25), None),
    ],
)
def test_each_country_keeps_its_own(country: str | None, on: date, name: str | None) -> None:
    assert greeted(on, country=country, region=None) == name


def test_the_nearest_comes_first() -> None:
    assert greeted(date(2026, 12, 20), rules=FestivalRules(enabled=True, days=30)) == "christmas"
    assert greeted(date(2026, 12, 26), rules=FestivalRules(enabled=True, days=30)) == "new_year"


def test_a_date_that_may_still_move_is_left_out() -> None:
    """The moon decides about Eid; the calendars mark years ahead as estimated."""
    year = range(1, 13)
    found = {greeted(date(2031, month, day)) for month in year for day in range(1, 29)}

    assert "new_year" in found
    assert not found & {"eid_al_fitr", "eid_al_adha"}


def test_the_policy_may_name_the_festivals_it_wants() -> None:
    rules = FestivalRules(enabled=True, days=3, names=(FestivalName.EID_AL_FITR,))

    assert greeted(rules=rules) is None
    assert greeted(date(2026, 3, 20), rules=rules) == "eid_al_fitr"


def test_a_festival_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="names"):
        a_policy(festivals={"names": ["diwalli"]})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("India", "IN"),
        (" india ", "IN"),
        ("IN", "IN"),
        ("IND", "IN"),
        ("भारत", "IN"),
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("UAE", "AE"),
        ("United States", "US"),
        ("USA", "US"),
        ("nowhere", None),
        (None, None),
    ],
)
def test_a_country_is_known_by_name_and_code(name: str | None, code: str | None) -> None:
    assert country_code(name) == code


def test_the_day_is_the_customers() -> None:
    late = datetime(2026, 11, 7, 20, tzinfo=UTC)

    assert day_of(a_customer(time_zone="Asia/Kolkata"), late) == date(2026, 11, 8)
    assert day_of(a_customer(time_zone=None), late) == EVE
    assert day_of(a_customer(time_zone="Mars/Olympus"), late) == EVE


@pytest.mark.parametrize("language", Language)
def test_a_draft_near_a_festival_begins_with_the_greeting_and_passes(language: Language) -> None:
    message = draft(
        a_situation(SituationKind.CHECK_IN),
        a_decision(language=language.value),
        a_customer(country="India", region="Delhi"),
        policy=a_policy(festivals={"enabled": True}),
        on=EVE,
    )

    assert message is not None
    assert language_pack(language).messages.festivals[FestivalName.DIWALI] in message.body
    assert not message.findings


def test_a_draft_without_a_day_has_no_greeting() -> None:
    policy = a_policy(festivals={"enabled": True})
    customer = a_customer(country="India")
    message = draft(a_situation(SituationKind.CHECK_IN), a_decision(), customer, policy=policy)

    assert message is not None
    assert "Diwali" not in message.body


def test_a_greeting_in_a_draft_that_waited_too_long_is_found() -> None:
    policy = a_policy(festivals={"enabled": True})
    situation, customer = a_situation(SituationKind.CHECK_IN), a_customer(country="India")
    decision = a_decision(purpose=Purpose.MARKETING)
    message = draft(situation, decision, customer, policy=policy, on=EVE)
    assert message is not None

    def codes(on: date | None) -> list[str]:
        again = checked(message, situation, None, customer, policy=policy, on=on)
        return [finding.code for finding in again.findings]

    assert codes(None) == codes(EVE) == []
    assert codes(date(2026, 11, 20)) == ["unfitting_greeting"]
