"""The gate by channel, purpose, hour, cap and experiment."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.dealings import Consent, Suppression, SuppressionReason
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.review import Review, Verdict
from procx_graph.outreach.gate import Gate
from procx_graph.store import MemoryLedger
from tests.unit.builders import NOW, a_case, a_customer, a_policy

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
SERVICE, PAID, MARKETING = Purpose.SERVICE, Purpose.TRANSACTIONAL, Purpose.MARKETING
UNLIMITED: dict[str, Any] = {"overall": {}, "channels": {}, "resolved_days": 0}
NOBODY: frozenset[Purpose] = frozenset()
NIGHT = NOW.replace(hour=20)
"""Half past one in Kolkata."""


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def ask(
    ledger: MemoryLedger,
    *,
    now: datetime = NOW,
    policy: dict[str, Any] | None = None,
    state: CustomerState = CustomerState.ACTIVE,
    customer: dict[str, Any] | None = None,
    **how: Any,
) -> Permit:
    gate = Gate(a_policy(**policy or {}), ledger)
    who = a_customer(**customer or {})
    return gate.permit(who, state=state, escalated_ticket=False, now=now, **how)


def say(
    ledger: MemoryLedger,
    given: bool | None,
    *,
    channel: Channel | None = None,
    purpose: Purpose | None = MARKETING,
    days_ago: float = 1,
) -> None:
    at = NOW - timedelta(days=days_ago)
    source = f"{channel}{purpose}{given}{days_ago}"
    word = Consent(channel=channel, purpose=purpose, given=given, at=at, source=source)
    ledger.record_consent("C1", word)


def bar(ledger: MemoryLedger, channel: Channel | None = None, **more: Any) -> None:
    values: dict[str, Any] = {
        "reason": SuppressionReason.BOUNCE, "since": NOW - timedelta(days=1), "source": "mail",
    }  # fmt: skip
    ledger.suppress("C1", Suppression(channel=channel, **(values | more)))


@pytest.mark.parametrize("opt_in", [True, None])
def test_a_yes_to_one_channel_is_a_yes_to_that_channel(
    ledger: MemoryLedger, opt_in: bool | None
) -> None:
    say(ledger, True, channel=EMAIL)
    say(ledger, False, channel=SMS)
    permit = ask(ledger, customer={"opt_in_marketing": opt_in})

    assert permit.allows(MARKETING, EMAIL)
    assert not permit.allows(MARKETING, SMS)
    assert permit.allows(MARKETING, WHATSAPP) is (opt_in is True)
    assert all(permit.allows(SERVICE, channel) for channel in Channel)


def test_a_no_of_the_customer_table_stands_against_any_yes(ledger: MemoryLedger) -> None:
    say(ledger, True)
    permit = ask(ledger, customer={"opt_in_marketing": False})

    assert (permit.code, permit.allows(MARKETING)) == ("no_consent", False)
    assert "opted out" in permit.text


@pytest.mark.parametrize(("given", "allowed"), [(True, True), (False, False), (None, False)])
def test_the_newest_word_counts_in_whatever_order_they_came(
    ledger: MemoryLedger, given: bool | None, allowed: bool
) -> None:
    say(ledger, given, days_ago=1)
    say(ledger, not given, channel=EMAIL, days_ago=2)

    assert ask(ledger).allows(MARKETING, EMAIL) is allowed


def test_a_newer_word_on_every_channel_ends_an_older_one_on_one(ledger: MemoryLedger) -> None:
    say(ledger, False, channel=EMAIL, days_ago=3)
    say(ledger, True, days_ago=2)

    assert ask(ledger).allows(MARKETING, EMAIL)


def test_of_two_words_of_one_moment_the_no_counts(ledger: MemoryLedger) -> None:
    say(ledger, True)
    say(ledger, False)

    assert not ask(ledger).allows(MARKETING)


def test_who_wants_no_message_at_all_gets_none(ledger: MemoryLedger) -> None:
    say(ledger, False, purpose=None)
    permit = ask(ledger)

    assert (permit.purposes, permit.channels) == (NOBODY, frozenset())
    assert permit.code == "opted_out"


def test_a_no_to_service_leaves_answers_about_an_order(ledger: MemoryLedger) -> None:
    say(ledger, False, purpose=SERVICE)
    permit = ask(ledger)

    assert permit.purposes == {PAID, MARKETING}
    assert permit.code is None


def test_answers_about_an_order_need_no_consent_unless_they_said_no(ledger: MemoryLedger) -> None:
    unknown = {"opt_in_marketing": None}
    before = ask(ledger, customer=unknown)
    say(ledger, False, channel=SMS, purpose=PAID)
    after = ask(ledger, customer=unknown)

    assert before.allows(PAID, SMS)
    assert not after.allows(PAID, SMS)
    assert after.allows(PAID, EMAIL)
    assert after.way(PAID, (SMS, EMAIL)) is EMAIL


def test_the_channels_are_those_that_reach_the_customer(ledger: MemoryLedger) -> None:
    assert ask(ledger, customer={"has_phone": False}).channels == {EMAIL}
    assert ask(ledger, policy={"channels": ["sms"]}).channels == {SMS}


@pytest.mark.parametrize("reason", SuppressionReason)
def test_nobody_writes_to_whom_something_bars(
    ledger: MemoryLedger, reason: SuppressionReason
) -> None:
    bar(ledger, reason=reason)
    permit = ask(ledger, answering=True)

    assert (permit.purposes, permit.code, permit.until) == (NOBODY, "suppressed", None)
    assert reason.value.replace("_", " ") in permit.text


def test_an_address_that_bounced_leaves_the_other_channels(ledger: MemoryLedger) -> None:
    bar(ledger, EMAIL)

    assert ask(ledger).channels == {SMS, WHATSAPP}
    assert ask(ledger, customer={"has_phone": False}).code == "suppressed"


def test_what_bars_ends_when_it_says_or_when_it_is_lifted(ledger: MemoryLedger) -> None:
    until = NOW + timedelta(hours=3)
    bar(ledger, reason=SuppressionReason.OUTAGE, until=until)

    assert (ask(ledger).code, ask(ledger).until) == ("suppressed", until)
    assert ask(ledger, now=until).code is None
    bar(ledger)
    ledger.lift("C1")
    assert ask(ledger).code is None


def test_what_bars_from_tomorrow_on_bars_nothing_today(ledger: MemoryLedger) -> None:
    bar(ledger, since=NOW + timedelta(days=1))

    assert ask(ledger).code is None


def test_a_cooldown_says_when_it_is_over(ledger: MemoryLedger) -> None:
    ledger.record_contact("C1", at=NOW - timedelta(days=2))
    permit = ask(ledger)

    assert (permit.code, permit.until) == ("cooldown", NOW + timedelta(days=5))
    assert ask(ledger, now=NOW + timedelta(days=5)).code is None


def test_after_an_answered_case_nothing_else_follows_for_a_while(ledger: MemoryLedger) -> None:
    ledger.open(a_case())
    ledger.settle(a_case(), Review(verdict=Verdict.REJECT), at=NOW)
    rules = {"contact": {"resolved_days": 3}}
    permit = ask(ledger, policy=rules)

    assert (permit.code, permit.until) == ("resolved", NOW + timedelta(days=3))
    assert ask(ledger, policy=rules, now=NOW + timedelta(days=3)).code is None
    assert ask(ledger, policy=rules, answering=True).code is None


def many(ledger: MemoryLedger, *hours_ago: float, channel: Channel | None = EMAIL) -> None:
    for hours in hours_ago:
        ledger.record_contact("C1", at=NOW - timedelta(hours=hours), channel=channel)


def capped(**contact: Any) -> dict[str, Any]:
    return {"cooldown_days": 0, "contact": UNLIMITED | contact}


@pytest.mark.parametrize(
    ("caps", "hours_ago", "free_in"),
    [
        ({"per_day": 2}, (1, 5), 19),
        ({"per_day": 2}, (1, 25), None),
        ({"per_day": 1}, (24,), None),
        ({"per_week": 3}, (1, 30, 100), 68),
        ({"per_week": 3}, (1, 30, 169), None),
        ({"per_day": 1, "per_week": 2}, (2, 100), 68),
        ({"per_day": 1}, (2, 3, 4), 22),
    ],
)
def test_a_cap_counts_the_messages_that_went_out(
    ledger: MemoryLedger, caps: dict[str, int], hours_ago: tuple[float, ...], free_in: float | None
) -> None:
    many(ledger, *hours_ago)
    permit = ask(ledger, policy=capped(overall=caps))

    assert permit.code == (None if free_in is None else "cap")
    assert permit.until == (None if free_in is None else NOW + timedelta(hours=free_in))


def test_a_channel_s_own_cap_leaves_the_others(ledger: MemoryLedger) -> None:
    many(ledger, 1, channel=SMS)
    permit = ask(ledger, policy=capped(channels={"sms": {"per_day": 1}}))

    assert permit.channels == {EMAIL, WHATSAPP}


def test_a_contact_whose_channel_is_unknown_counts_for_each(ledger: MemoryLedger) -> None:
    many(ledger, 1, channel=None)
    caps = {name: {"per_day": 1} for name in ("email", "sms", "whatsapp")}
    permit = ask(ledger, policy=capped(channels=caps))

    assert (permit.code, permit.until) == ("cap", NOW + timedelta(hours=23))


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"country": "US", "region": "FL"}, "cap"),
        ({"country": "USA", "region": "Oklahoma"}, "cap"),
        ({"country": "US", "region": None}, "cap"),
        ({"country": "US", "region": "Ohio"}, None),
        ({"country": "India", "region": "FL"}, None),
    ],
)
def test_some_places_have_a_stricter_cap_of_their_own(
    ledger: MemoryLedger, where: dict[str, Any], code: str | None
) -> None:
    many(ledger, 1, 2, 3)
    permit = ask(ledger, policy=capped(), customer=where)

    assert permit.code == code


def test_at_night_a_scan_may_draft_and_nothing_is_sent(ledger: MemoryLedger) -> None:
    planned, sent = ask(ledger, now=NIGHT), ask(ledger, now=NIGHT, sending=True)

    assert planned.code is None
    assert (sent.purposes, sent.code) == (NOBODY, "quiet_hours")
    assert sent.until is not None
    assert ask(ledger, now=sent.until, sending=True).purposes


def test_a_promotion_waits_longer_in_india_than_an_answer(ledger: MemoryLedger) -> None:
    half_past_nine = NOW.replace(hour=4, minute=0)
    permit = ask(ledger, now=half_past_nine, sending=True)

    assert (permit.allows(MARKETING), permit.allows(SERVICE)) == (False, True)
    assert (permit.code, permit.until) == ("quiet_hours", NOW.replace(hour=4, minute=30))


def test_whoever_did_not_agree_is_told_so_and_not_the_hour(ledger: MemoryLedger) -> None:
    unknown = {"opt_in_marketing": None}
    permit = ask(ledger, now=NOW.replace(hour=4), sending=True, customer=unknown)

    assert (permit.code, permit.until) == ("no_consent", None)


def test_before_sending_one_channel_is_asked_for(ledger: MemoryLedger) -> None:
    say(ledger, False, channel=SMS, purpose=None)

    assert ask(ledger, sending=True, channel=EMAIL).channels == {EMAIL}
    assert ask(ledger, sending=True, channel=SMS).code == "opted_out"
    assert ask(ledger, channel=EMAIL, customer={"has_email": False}).code == "no_channel"
    assert ask(ledger, channel=EMAIL, policy={"channels": ["sms"]}).code == "no_channel"


def test_who_is_held_out_gets_nothing(ledger: MemoryLedger) -> None:
    ledger.assign("spring", {"C1": True}, at=NOW)
    trial = {"holdout": {"experiment": "spring", "share": 0.05}}

    held = ask(ledger, policy=trial)

    assert (held.code, held.purposes) == ("holdout", NOBODY)
    assert ask(ledger, policy=trial, held_out=False).code is None
    assert ask(ledger).code is None
    assert ask(ledger, policy=trial, customer={"has_email": False, "has_phone": False}).code == (
        "no_channel"
    )


@pytest.mark.parametrize("opt_in", [True, False, None])
@pytest.mark.parametrize("state", CustomerState)
@pytest.mark.parametrize("now", [NOW, NIGHT])
def test_sending_is_never_permitted_more_than_planning(
    ledger: MemoryLedger, opt_in: bool | None, state: CustomerState, now: datetime
) -> None:
    who = {"opt_in_marketing": opt_in}
    planned = ask(ledger, now=now, state=state, customer=who)
    sent = ask(ledger, now=now, state=state, customer=who, sending=True)

    for purpose in Purpose:
        for channel in Channel:
            assert planned.allows(purpose, channel) or not sent.allows(purpose, channel)
