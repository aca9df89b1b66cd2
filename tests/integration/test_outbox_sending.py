"""Sending: what is looked at again right before, what channels answer, and what comes of it."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from procx_graph.domain.decision import Offer
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel
from procx_graph.domain.outbound import Basis, OutboxState
from procx_graph.domain.situation import SituationKind
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels import Answer, Envelope, Refused, Retry, Unclear
from procx_graph.outreach.channels.folder import FolderCarrier
from procx_graph.outreach.channels.gateway import GatewayCarrier
from procx_graph.outreach.channels.smtp import Server, SmtpCarrier
from procx_graph.outreach.sending import SendResult
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.store import DurableLedger, Store
from procx_graph.store.outbox import Outbox
from procx_graph.store.schema import LIVE, contacts
from tests.envelopes import CARE, SECRET
from tests.integration.stores import a_copy, base, filled, tell
from tests.mailroom import Gateway, Mailroom, a_closed_port, gateway, smtp_server
from tests.outboxes import NOW, Clock, Hand, an_outbound, marketing, sender_of
from tests.unit.builders import a_base, a_case, a_policy, a_situation
from tests.unit.store.places import KINDS, a_place

PROMPT = {"outbox": {"attempts": 3, "first_wait": 1, "longest_wait": 60, "lease": 10}}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("store") / "full.db"
    filled(str(place)).close()
    return place


@pytest.fixture
def store(full: Path, tmp_path: Path) -> Iterator[Store]:
    with a_copy(full, tmp_path / "procx.db") as store:
        yield store


def change(store: Store, customer_id: str = "C1", **values: Any) -> None:
    """Change a customer's row."""
    people = LIVE["customers"]
    with store.writing() as connection:
        connection.execute(update(people).where(people.c.customer_id == customer_id).values(values))


def contacted(store: Store) -> Counter[str]:
    with store.reading() as connection:
        return Counter(connection.scalars(select(contacts.c.message_id)))


def test_an_approved_message_goes_out_with_the_name_and_to_the_address_of_the_tables(
    store: Store,
) -> None:
    one, hand = an_outbound(), Hand()
    Outbox(store).add(one)

    with sender_of(store, hand) as sender:
        report = sender.send_due()
        again = sender.send_due()

    [envelope] = hand.got
    assert (envelope.to, envelope.name) == ("ada@example.com", "Ada")
    assert envelope.text.startswith("Dear Ada,")
    assert report.counts == {"sent": 1}
    assert again.results == ()
    found = Outbox(store).get(one.message_id)
    assert (found.state, found.reference, found.attempts) == (OutboxState.SENT, "ref-0", 1)
    assert contacted(store) == {one.message_id: 1}
    assert DurableLedger(store).last_contact("C1") == NOW


def test_neither_name_nor_address_is_kept_in_the_outbox(store: Store) -> None:
    one = an_outbound()
    Outbox(store).add(one)
    with sender_of(store, Hand()) as sender:
        report = sender.send_due()

    kept = Outbox(store).get(one.message_id).model_dump_json()
    steps = " ".join(map(str, Outbox(store).history(one.message_id)))
    assert "Ada" not in f"{kept}{steps}{report.model_dump_json()}"
    assert "ada@example.com" not in f"{kept}{steps}{report.model_dump_json()}"


def test_who_unsubscribed_between_approval_and_sending_gets_nothing(store: Store) -> None:
    one, hand = marketing(), Hand()
    Outbox(store).add(one)

    tell(store, "email.unsubscribe", hour=-1)
    with sender_of(store, hand) as sender:
        report = sender.send_due()

    assert hand.got == []
    [result] = report.results
    assert (result.state, result.reason) == (OutboxState.SUPPRESSED, "no_consent")
    assert contacted(store) == Counter()


def test_a_change_of_the_tables_counts_without_opening_the_sender_again(store: Store) -> None:
    hand = Hand()
    with sender_of(store, hand) as sender:
        Outbox(store).add(marketing("C1"))
        sender.send_due()
        Outbox(store).add(marketing("C2"))
        change(store, "C2", opt_in_marketing=False)
        sender.send_due()

    assert [one.customer_id for one in hand.got] == ["C1"]


@pytest.mark.parametrize("consent", [None, False])
def test_without_a_yes_only_service_goes_out(store: Store, consent: bool | None) -> None:
    change(store, "C3", opt_in_marketing=consent)
    Outbox(store).add(marketing("C3"))
    Outbox(store).add(an_outbound("C3", run="t"))
    hand = Hand()

    with sender_of(store, hand) as sender:
        report = sender.send_due()

    assert [one.purpose.value for one in hand.got] == ["service"]
    assert report.counts == {"sent": 1, "suppressed": 1}


def test_a_second_message_within_the_cooldown_is_suppressed(store: Store) -> None:
    Outbox(store).add(an_outbound())
    Outbox(store).add(an_outbound(run="t"))
    hand = Hand()

    with sender_of(store, hand) as sender:
        report = sender.send_due()

    assert len(hand.got) == 1
    assert [(r.state.value, r.reason) for r in report.results] == [
        ("sent", None), ("suppressed", "cooldown"),
    ]  # fmt: skip


def test_while_a_person_has_another_case_of_the_customer_nothing_goes_out(store: Store) -> None:
    ledger = DurableLedger(store)
    ledger.open(a_case(run_id="other:C1", customer_id="C1"))
    ledger.open(a_case("rev_2", run_id="s:C2", customer_id="C2"))
    own = Basis(situation=a_situation(), answered=True)
    Outbox(store).add(an_outbound("C1", basis=own))
    Outbox(store).add(an_outbound("C2", basis=own))
    hand = Hand()

    with sender_of(store, hand) as sender:
        report = sender.send_due()

    assert [one.customer_id for one in hand.got] == ["C2"]
    [refused] = [result for result in report.results if result.customer_id == "C1"]
    assert (refused.state, refused.reason) == (OutboxState.SUPPRESSED, "open_case")


@pytest.mark.parametrize(
    ("answered", "opened", "state"),
    [(False, -24, "suppressed"), (True, -24, "sent"), (True, 1, "suppressed")],
)
def test_an_escalated_ticket_bars_all_but_who_answered_knowing_it(
    store: Store, answered: bool, opened: int, state: str
) -> None:
    row = {
        "procx_row": "T1",
        "ticket_id": "T1",
        "customer_id": "C1",
        "created_at": NOW + timedelta(hours=opened),
        "status": "escalated",
    }
    with store.writing() as connection:
        connection.execute(LIVE["support_tickets"].insert(), row)
        connection.exec_driver_sql(
            "INSERT INTO live_tables VALUES ('support_tickets', '2025-01-01 00:00:00.000000')"
        )
    basis = Basis(situation=a_situation(), answered=answered)
    Outbox(store).add(an_outbound(basis=basis))

    with sender_of(store, Hand(), clock=Clock(NOW + timedelta(hours=2))) as sender:
        [result] = sender.send_due().results

    assert result.state == state


def test_a_customer_who_is_gone_gets_nothing(store: Store) -> None:
    Outbox(store).add(an_outbound("C9"))

    with sender_of(store, Hand()) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.SUPPRESSED, "unknown_customer")


def test_without_an_address_of_the_channel_it_is_suppressed(store: Store) -> None:
    message = {"channel": Channel.SMS, "subject": None, "body": "Hello {first_name}, one moment."}
    Outbox(store).add(an_outbound("C3", message=message))

    with sender_of(store, Hand()) as sender:
        [result] = sender.send_due().results

    assert result.state is OutboxState.SUPPRESSED
    assert result.reason in {"no_channel", "no_address"}


def test_an_expired_offer_and_an_old_draft_are_not_sent(store: Store) -> None:
    offer = Offer(
        id="x", percent_off=0.05, valid_days=1, approved=True, expires=NOW + timedelta(hours=1)
    )
    Outbox(store).add(marketing("C1", basis=Basis(situation=a_situation(), offer=offer)))
    old = an_outbound("C2", created_at=NOW - timedelta(days=7))
    Outbox(store).add(old)

    with sender_of(store, Hand(), clock=Clock(NOW + timedelta(hours=1))) as sender:
        report = sender.send_due()

    assert {r.customer_id: r.reason for r in report.results} == {
        "C1": "offer_expired",
        "C2": "draft_too_old",
    }


def test_a_text_that_the_checks_refuse_is_not_sent(store: Store) -> None:
    body = "Dear {first_name},\n\nyou get 40% off at https://evil.example/."
    Outbox(store).add(an_outbound(message={"body": body}))

    with sender_of(store, Hand()) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.SUPPRESSED, "compliance_block")
    assert "unknown_link" in (result.detail or "")


@pytest.mark.parametrize(
    "name", ["x\r\nBcc: all@evil.example", "<b>", "nan", "https://evil.example"]
)
def test_a_name_that_is_none_is_left_out(store: Store, name: str, tmp_path: Path) -> None:
    change(store, "C1", first_name=name)
    Outbox(store).add(an_outbound())

    with sender_of(store, FolderCarrier(tmp_path / "out", CARE)) as sender:
        sender.send_due()

    [mail] = (tmp_path / "out").iterdir()
    assert b"\nBcc:" not in mail.read_bytes()
    assert b"evil.example\n" not in mail.read_bytes().replace(b"\r", b"")


def test_a_dormant_customer_gets_marketing_only_in_the_lane_that_wins_back(store: Store) -> None:
    later = Clock(NOW + timedelta(days=200))
    fresh = {"created_at": later.now(), "approved_at": later.now()}
    back = Basis(situation=a_situation(SituationKind.WIN_BACK), lane=Lane.WINBACK)
    Outbox(store).add(marketing("C1", **fresh))
    Outbox(store).add(marketing("C2", **fresh, basis=back))

    with sender_of(store, Hand(), clock=later) as sender:
        report = sender.send_due()

    assert {r.customer_id: (r.state.value, r.reason) for r in report.results} == {
        "C1": ("suppressed", "dormant"),
        "C2": ("sent", None),
    }


def test_marketing_carries_the_customers_own_link(store: Store) -> None:
    links = Unsubscribe("https://x.example/{customer}/{channel}/{token}", SecretStr("s"))
    Outbox(store).add(marketing("C1"))
    Outbox(store).add(an_outbound("C2"))
    hand = Hand()

    with sender_of(store, hand, unsubscribe=links) as sender:
        sender.send_due()

    assert {e.customer_id: e.unsubscribe for e in hand.got} == {
        "C1": links.link("C1", Channel.EMAIL),
        "C2": None,
    }


def test_a_dry_run_says_what_would_go_and_changes_nothing(store: Store) -> None:
    Outbox(store).add(an_outbound("C1"))
    Outbox(store).add(marketing("C3"))
    before, hand = Outbox(store).messages(), Hand()

    with sender_of(store, hand) as sender:
        report = sender.send_due(dry_run=True)

    assert report.counts == {"sending": 1, "suppressed": 1}
    assert hand.got == []
    assert Outbox(store).messages() == before


def test_a_limit_counts_what_was_dealt_with_and_must_be_a_number(store: Store) -> None:
    for name in ("C1", "C2", "C3"):
        Outbox(store).add(an_outbound(name))
    with sender_of(store, Hand()) as sender:
        assert len(sender.send_due(2).results) == 2
        with pytest.raises(ConfigError, match="limit"):
            sender.send_due(0)


def test_a_channel_that_nothing_serves_is_an_error_that_names_its_setting(store: Store) -> None:
    Outbox(store).add(an_outbound())
    with sender_of(store, Hand()) as sender:
        sender.carriers = {}
        with pytest.raises(ConfigError, match="PROCX_OUTBOX_EMAIL"):
            sender.send_due()

    assert len(Outbox(store).due(NOW)) == 1


def test_an_opened_base_may_stand_in_for_the_stores_tables(tmp_path: Path) -> None:
    hand = Hand()
    with Store.open(tmp_path / "empty.db") as store:
        Outbox(store).add(an_outbound())
        with sender_of(store, hand, source=base()) as sender:
            sender.send_due()

    assert len(hand.got) == 1


def test_what_fails_is_tried_again_ever_later_and_becomes_a_dead_letter(store: Store) -> None:
    one, clock = an_outbound(), Clock()
    Outbox(store).add(one)
    hand = Hand(answers=[Retry("timeout", "silent")] * 3)
    waits = []
    with sender_of(store, hand, clock=clock, policy=a_policy(**PROMPT)) as sender:
        for _ in range(3):
            [result] = sender.send_due().results
            if result.not_before is not None:
                waits.append(result.not_before - clock.at)
                assert sender.send_due().results == ()
                clock.at = result.not_before

    found = Outbox(store).get(one.message_id)
    assert waits == [timedelta(minutes=1), timedelta(minutes=4)]
    assert (found.state, found.reason, found.attempts) == (OutboxState.FAILED, "timeout", 3)
    assert {envelope.message_id for envelope in hand.got} == {one.message_id}
    with sender_of(store, Hand(), clock=clock) as sender:
        assert sender.send_due().results == ()
        Outbox(store).retry(one.message_id, who="ann", at=clock.at)
        assert sender.send_due().counts == {"sent": 1}


def test_a_channel_may_ask_for_a_longer_wait_but_not_for_ever(store: Store) -> None:
    Outbox(store).add(an_outbound("C1"))
    Outbox(store).add(an_outbound("C2", created_at=NOW + timedelta(seconds=1)))
    answers: list[Answer] = [
        Retry("http_429", "busy", timedelta(minutes=5)),
        Retry("http_429", "busy", timedelta(days=9)),
    ]

    with sender_of(store, Hand(answers=answers), policy=a_policy(**PROMPT)) as sender:
        report = sender.send_due()

    assert [r.not_before for r in report.results] == [
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=60),
    ]


def test_what_the_channel_refuses_is_a_dead_letter_at_once(store: Store) -> None:
    Outbox(store).add(an_outbound())
    with sender_of(store, Hand(answers=[Refused("bad_address", "none")])) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.FAILED, "bad_address")


def test_what_a_channel_without_keys_may_have_is_unclear_and_one_with_keys_gets_it_again(
    store: Store,
) -> None:
    Outbox(store).add(an_outbound("C1"))
    lost: list[Answer] = [Unclear("broke_off", "?")]
    with sender_of(store, Hand(answers=[*lost])) as sender:
        [without] = sender.send_due().results
    Outbox(store).add(an_outbound("C2"))
    with sender_of(store, Hand(idempotent=True, answers=[*lost])) as sender:
        [with_keys] = sender.send_due().results

    assert without.state is OutboxState.UNCLEAR
    assert with_keys.state is OutboxState.APPROVED


def test_a_veto_right_before_the_hand_over_and_during_it(store: Store) -> None:
    one, outbox = an_outbound(), Outbox(store)
    outbox.add(one)

    def no(_: Envelope) -> None:
        outbox.veto(one.message_id, who="ann", why="she called", at=NOW)

    with sender_of(store, Hand(before=no, answers=[Retry("timeout", "silent")])) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.SUPPRESSED, "veto")


def test_messages_go_by_smtp_and_a_server_that_comes_back_gets_each_once(store: Store) -> None:
    for name in ("C1", "C2", "C3"):
        Outbox(store).add(an_outbound(name))
    clock, room = Clock(), Mailroom(says={"END": "451 later"})
    with smtp_server(room):
        server = Server("127.0.0.1", room.port, tls="off")
        with sender_of(store, SmtpCarrier(server, CARE), clock=clock) as sender:
            first = sender.send_due()
            room.says.clear()
            clock.pass_(hours=1)
            second = sender.send_due()

    assert first.counts == {"approved": 3}
    assert second.counts == {"sent": 3}
    ids = [mail["Message-ID"] for mail in room.mails]
    assert len(set(ids)) == len(ids) == 3


def test_a_gateway_that_lost_its_answer_is_asked_again_under_the_same_key(store: Store) -> None:
    one, clock = an_outbound(), Clock()
    Outbox(store).add(one)
    with (
        gateway(Gateway(answers=[(502, {}), (409, {})])) as desk,
        sender_of(store, GatewayCarrier(desk.url, SECRET), clock=clock) as sender,
    ):
        first = sender.send_due()
        clock.pass_(hours=1)
        second = sender.send_due()

    assert (first.counts, second.counts) == ({"approved": 1}, {"sent": 1})
    assert {headers["webhook-id"] for headers, _ in desk.got} == {one.message_id}
    assert contacted(store) == {one.message_id: 1}


def test_a_gateway_that_is_away_delays_and_nothing_is_lost(store: Store) -> None:
    Outbox(store).add(an_outbound())
    away = GatewayCarrier(f"http://127.0.0.1:{a_closed_port()}/", SECRET)

    with sender_of(store, away) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.APPROVED, "no_connection")
    assert result.not_before == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("kind", KINDS)
def test_senders_that_work_at_once_send_nothing_twice(kind: str, tmp_path: Path) -> None:
    names = [f"C{number:02}" for number in range(24)]
    town = a_base(*({"customer_id": name, "email": f"{name}@example.com"} for name in names))
    with a_place(kind, tmp_path) as place, Store.open(place) as store:
        outbox = Outbox(store)
        for name in names:
            outbox.add(an_outbound(name))
        hands = [Hand(), Hand(), Hand()]
        start = threading.Barrier(len(hands))

        def work(hand: Hand) -> None:
            with sender_of(store, hand, source=town) as sender:
                start.wait()
                while outbox.due(NOW):
                    sender.send_due()

        with ThreadPoolExecutor(len(hands)) as pool:
            list(pool.map(work, hands))

        sent = Counter(envelope.message_id for hand in hands for envelope in hand.got)
        assert len(sent) == 24
        assert set(sent.values()) == {1}
        assert contacted(store) == sent
        assert outbox.counts() == {OutboxState.SENT: 24}


@pytest.mark.parametrize("kind", KINDS)
def test_senders_that_work_at_once_keep_the_cooldown(kind: str, tmp_path: Path) -> None:
    with a_place(kind, tmp_path) as place, filled(place) as store:
        outbox = Outbox(store)
        for run in range(6):
            outbox.add(an_outbound("C1", run=f"s{run}"))
        hands = [Hand(), Hand(), Hand()]

        def work(hand: Hand) -> None:
            with sender_of(store, hand) as sender:
                while outbox.due(NOW):
                    sender.send_due()

        with ThreadPoolExecutor(len(hands)) as pool:
            list(pool.map(work, hands))

        assert sum(len(hand.got) for hand in hands) == 1
        assert outbox.counts() == {OutboxState.SENT: 1, OutboxState.SUPPRESSED: 5}


def test_outside_the_customers_hours_a_message_waits_until_they_begin(store: Store) -> None:
    night, clock = NOW.replace(hour=23), Clock()
    clock.at = night
    change(store, "C1", time_zone="Europe/London")
    Outbox(store).add(an_outbound())
    hand = Hand()

    with sender_of(store, hand, clock=clock) as sender:
        [waits] = sender.send_due().results
        assert hand.got == []
        assert sender.send_due().results == ()
        assert waits.not_before is not None
        clock.at = waits.not_before
        sent = sender.send_due()

    assert (waits.state, waits.reason) == (OutboxState.APPROVED, "quiet_hours")
    assert waits.not_before == (night + timedelta(days=1)).replace(hour=9, minute=0)
    assert sent.counts == {"sent": 1}


def test_who_unsubscribed_while_it_waited_for_their_hours_gets_nothing(store: Store) -> None:
    clock, hand = Clock(NOW.replace(hour=23)), Hand()
    change(store, "C1", time_zone="Europe/London")
    Outbox(store).add(marketing())
    with sender_of(store, hand, clock=clock) as sender:
        sender.send_due()
        tell(store, "email.unsubscribe", hour=10)
        clock.pass_(hours=12)
        [result] = sender.send_due().results

    assert hand.got == []
    assert result.state is OutboxState.SUPPRESSED


def test_a_message_does_not_wait_beyond_the_life_of_its_offer(store: Store) -> None:
    night = NOW.replace(hour=23)
    change(store, "C1", time_zone="Europe/London")
    soon = night + timedelta(hours=1)
    offer = Offer(id="x", percent_off=0.05, valid_days=1, approved=True, expires=soon)
    Outbox(store).add(marketing(basis=Basis(situation=a_situation(), offer=offer)))

    with sender_of(store, Hand(), clock=Clock(night)) as sender:
        [result] = sender.send_due().results

    assert (result.state, result.reason) == (OutboxState.SUPPRESSED, "quiet_hours")


def test_advertising_is_not_repeated_and_service_may_be(store: Store) -> None:
    clock, hand = Clock(), Hand()
    policy = a_policy(cooldown_days=0, contact={"overall": {"per_day": 9, "per_week": 9}})
    outbox = Outbox(store)
    with sender_of(store, hand, clock=clock, policy=policy) as sender:
        results: list[SendResult] = []
        for made in (marketing, an_outbound):
            for run in ("a", "b"):
                outbox.add(made(run=f"{made.__name__}-{run}", created_at=clock.at))
                results += sender.send_due().results
                clock.pass_(days=2)

    assert [(r.state.value, r.reason) for r in results] == [
        ("sent", None), ("suppressed", "compliance_block"), ("sent", None), ("sent", None),
    ]  # fmt: skip
    assert "near_copy" in str(results[1].detail)


@pytest.mark.parametrize(("keys", "state"), [(False, "unclear"), (True, "approved")])
def test_a_message_that_breaks_its_carrier_bars_no_other(
    store: Store, keys: bool, state: str
) -> None:
    def breaks(envelope: Envelope) -> None:
        if envelope.customer_id == "C1":
            raise UnicodeError("no such letter")

    Outbox(store).add(an_outbound("C1"))
    Outbox(store).add(an_outbound("C2"))
    hand = Hand(idempotent=keys, before=breaks)

    with sender_of(store, hand) as sender:
        report = sender.send_due()

    told = {r.customer_id: (r.state.value, r.reason) for r in report.results}
    assert told == {"C1": (state, "carrier_broke"), "C2": ("sent", None)}
    assert [one.customer_id for one in hand.got] == ["C2"]
    assert "letter" not in str(report)
