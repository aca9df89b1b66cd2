"""Consent and suppression in the store, by hand and by events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.dealings import Contact
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.domain.permit import Permit
from procx_graph.errors import DataError
from procx_graph.events.unmatched import link
from procx_graph.outreach.gate import Gate
from procx_graph.store import DurableLedger, Store
from procx_graph.store.audit import entries
from procx_graph.store.consents import consents_of, record_consent
from procx_graph.store.suppressions import current, lift, suppress
from tests.integration.stores import NOW, filled, tell
from tests.unit.builders import a_customer, a_policy
from tests.unit.store.places import KINDS, a_place

EMAIL, SMS = Channel.EMAIL, Channel.SMS
HOUR = timedelta(hours=1)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, filled(place) as store:
        yield store


def ask(store: Store, now: datetime = NOW + 24 * HOUR, **customer: Any) -> Permit:
    who = a_customer(**({"opt_in_marketing": None} | customer))
    gate = Gate(a_policy(), DurableLedger(store))
    return gate.permit(who, state=CustomerState.ACTIVE, escalated_ticket=False, now=now)


def say(store: Store, given: bool | None = True, **more: Any) -> bool:
    values: dict[str, Any] = {
        "channel": EMAIL, "purpose": Purpose.MARKETING, "at": NOW, "source": "asha@desk",
    }  # fmt: skip
    return record_consent(store, "C1", given=given, **(values | more))


def audited(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [(one.actor, one.action) for one in entries(connection, "C1")]


def test_a_recorded_consent_opens_its_channel_and_is_audited(store: Store) -> None:
    before = ask(store)
    say(store)
    after = ask(store)

    assert not before.allows(Purpose.MARKETING)
    assert after.allows(Purpose.MARKETING, EMAIL)
    assert not after.allows(Purpose.MARKETING, SMS)
    assert audited(store) == [("asha@desk", "consent")]


def test_the_same_word_twice_is_kept_once_and_two_words_of_one_moment_twice(store: Store) -> None:
    assert [say(store), say(store), say(store, channel="sms")] == [True, False, True]
    assert len(consents_of(store, "C1")) == 2
    assert len(audited(store)) == 2


def test_a_word_on_anything_is_a_word_on_everything(store: Store) -> None:
    say(store, False, channel="any", purpose=None)

    assert ask(store).code == "opted_out"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"channel": "pigeon"}, "channel"), ({"purpose": "spam"}, "purpose"),
        ({"given": "yes"}, "given"), ({"at": "today"}, "at"), ({"source": ""}, "source"),
    ],
)  # fmt: skip
def test_what_is_no_consent_is_named(store: Store, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(DataError, match=named):
        say(store, **wrong)
    with pytest.raises(DataError, match="customer_id"):
        record_consent(store, "", channel=None, purpose=None, given=True, at=NOW, source="x")
    assert consents_of(store, "C1") == []


def test_whoever_is_suppressed_is_left_alone_until_it_is_lifted(store: Store) -> None:
    more: dict[str, Any] = {"source": "asha", "since": NOW}
    new = [suppress(store, "C1", reason="legal_hold", **more) for _ in range(2)]
    barred = ask(store)
    lifted = lift(store, "C1", at=NOW + HOUR, source="ben")

    assert new == [True, False]
    assert (barred.code, barred.purposes) == ("suppressed", frozenset[Purpose]())
    assert (lifted, ask(store).code) == (1, "no_consent")
    assert current(store, "C1", at=NOW + HOUR) == []
    assert audited(store) == [("asha", "suppress"), ("ben", "lift")]
    assert lift(store, "C1", at=NOW, source="ben") == 0
    assert len(audited(store)) == 2


def test_a_bounce_bars_one_channel_and_only_it_is_lifted(store: Store) -> None:
    more: dict[str, Any] = {"source": "mail", "since": NOW}
    suppress(store, "C1", reason="bounce", channel="email", **more)
    suppress(store, "C1", reason="complaint", channel="sms", until=NOW + 48 * HOUR, **more)
    barred = ask(store).channels
    lift(store, "C1", at=NOW, source="asha", reason="bounce")

    assert barred == {Channel.WHATSAPP}
    assert [one.channel for one in current(store, "C1", at=NOW)] == [SMS]
    assert current(store, "C1", at=NOW + 48 * HOUR) == []


@pytest.mark.parametrize("wrong", [{"reason": "mood"}, {"channel": "fax"}, {"until": 3}])
def test_what_is_no_suppression_is_named(store: Store, wrong: dict[str, Any]) -> None:
    values: dict[str, Any] = {"reason": "minor", "source": "asha", "since": NOW}
    with pytest.raises(DataError, match=next(iter(wrong))):
        suppress(store, "C1", **(values | wrong))


def test_an_unsubscription_is_a_no_on_its_channel_with_the_event_as_its_source(
    store: Store,
) -> None:
    tell(store, "email.unsubscribe", channel="sms")
    tell(store, "email.unsubscribe", channel="sms")
    [word] = consents_of(store, "C1")

    assert (word.channel, word.purpose, word.given, word.at) == (
        SMS, Purpose.MARKETING, False, NOW,
    )  # fmt: skip
    assert word.source


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_the_words_of_events_the_newest_counts_in_any_order(
    store: Store, order: tuple[int, int]
) -> None:
    kinds = {1: "email.unsubscribe", 2: "email.subscribe"}
    for hour in order:
        tell(store, kinds[hour], hour=hour, channel="email")

    assert [word.given for word in consents_of(store, "C1")] == [True, False]
    assert ask(store).allows(Purpose.MARKETING, EMAIL)


def test_who_asks_to_be_forgotten_says_no_to_every_channel(store: Store) -> None:
    say(store, channel=None)
    tell(store, "customer.redact_requested", hour=1)

    assert not ask(store).allows(Purpose.MARKETING)
    assert consents_of(store, "C1")[0].channel is None


def test_a_word_of_somebody_who_becomes_known_later_is_theirs(store: Store) -> None:
    tell(store, "email.subscribe", (ReferenceKind.ACCOUNT, "cus_9"), channel="email")
    before = consents_of(store, "C2")
    link(store, "stripe||cus_9", "C2", now=NOW + HOUR, who="asha")

    assert before == []
    assert [word.given for word in consents_of(store, "C2")] == [True]


def test_a_word_that_turns_out_to_be_another_s_is_taken_back(store: Store) -> None:
    tell(store, "email.subscribe", (ReferenceKind.ACCOUNT, "cus_9"), channel="email")
    for hour, name in enumerate(("C2", "C3", "C2"), start=1):
        link(store, "stripe||cus_9", name, now=NOW + hour * HOUR, who="asha")

    gate = Gate(a_policy(), DurableLedger(store))
    allowed = {
        name: gate.permit(
            a_customer(customer_id=name, opt_in_marketing=None),
            state=CustomerState.ACTIVE, escalated_ticket=False, now=NOW + 24 * HOUR,
        ).allows(Purpose.MARKETING, EMAIL)
        for name in ("C2", "C3")
    }  # fmt: skip
    assert allowed["C3"] is False
    assert [word.given for word in consents_of(store, "C3")].count(None) == 1


def test_everything_the_gate_must_know_is_read_for_many_together(store: Store) -> None:
    ledger = DurableLedger(store)
    say(store)
    suppress(store, "C2", reason="minor", source="asha", since=NOW)
    ledger.assign("spring", {"C1": True, "C3": False}, at=NOW)
    for hour in range(3):
        at = NOW - hour * HOUR
        ledger.record_contact(
            "C1", at=at, channel=SMS, purpose=Purpose.SERVICE, message_id=f"m{hour}"
        )
    ledger.record_contact("C1", at=NOW, message_id="m0")
    known = ledger.standing(["C1", "C2", "C3", "C4"])

    assert [word.channel for word in known.dealings("C1").consents] == [EMAIL]
    assert known.dealings("C1").contacts[0] == Contact(
        at=NOW, channel=SMS, purpose=Purpose.SERVICE, message_id="m0"
    )
    assert len(known.dealings("C1").contacts) == 3
    assert known.dealings("C1").arms == {"spring": True}
    assert len(known.dealings("C2").suppressions) == 1
    assert known.dealings("C3").arms == {"spring": False}
    assert known.dealings("C4").contacts == ()
    assert ledger.dealings("C1") == known.dealings("C1")


def test_only_the_latest_of_many_contacts_are_read(store: Store) -> None:
    ledger = DurableLedger(store)
    first = datetime(2025, 1, 1, tzinfo=UTC)
    for day in range(70):
        ledger.record_contact("C1", at=first + timedelta(days=day))
    contacts = ledger.dealings("C1").contacts

    assert len(contacts) == 64
    assert contacts[0].at == first + timedelta(days=69)
