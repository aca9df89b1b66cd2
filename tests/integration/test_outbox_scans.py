"""What scans and answers put into the outbox: in one transaction with the result, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from procx_graph import CustomerBase, Monitor, Store
from procx_graph.domain.outbound import OutboundMessage, OutboxState, message_id_of
from procx_graph.errors import ReviewError, StoreError
from procx_graph.report import ScanReport, Status
from procx_graph.store import Scans
from procx_graph.store.outbox import Outbox
from tests.conftest import NOON, MakeMonitor, Shop, rated
from tests.outboxes import Clock, Hand, sender_of
from tests.unit.builders import a_policy
from tests.unit.store.places import KINDS, a_place


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Ana and Dev are written to, Ben said no, Cem needs a person."""
    return shop(
        ana={},
        ben={"opt_in_marketing": False},
        cem={"first_name": "Cemil"},
        dev={"language": "ta"},
        support_tickets=rated("cem", 1, 2),
    )


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def by_customer(store: Store) -> dict[str, OutboundMessage]:
    return {one.customer_id: one for one in Outbox(store).messages()}


def rename(store: Store, name: str, new: str) -> None:
    with store.writing() as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO {new}"))


def review_of(report: ScanReport, customer_id: str) -> str:
    [review] = [r.review for r in report.results if r.customer_id == customer_id]
    assert review is not None
    return str(review.review_id)


def test_a_draft_goes_into_the_outbox_with_its_result(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    report = monitor_of(street, store=store).scan(limit=None, scan_id="s")

    found = by_customer(store)
    drafted = {r.customer_id for r in report.results if r.status is Status.DRAFTED}
    assert set(found) == drafted == {"ana", "dev"}
    ana = found["ana"]
    assert (ana.state, ana.approved_by) == (OutboxState.APPROVED, None)
    assert (ana.run_id, ana.message_id) == ("s:ana", message_id_of("s:ana"))
    assert "{first_name}" in ana.message.body
    assert not ana.basis.answered


def test_a_dry_run_puts_nothing_into_it(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor_of(street, store=store).scan(limit=None, dry_run=True)

    assert by_customer(store) == {}


def test_a_resumed_scan_adds_no_message_twice(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    running = monitor_of(street, store=store, concurrency=1).begin(limit=None, scan_id="s")
    for _ in running:
        running.stop()
    monitor_of(street, store=store).resume("s")
    monitor_of(street, store=store).resume("s")

    assert set(by_customer(store)) == {"ana", "dev"}


def test_a_result_whose_message_cannot_be_kept_is_not_kept_either(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    rename(store, "outbox", "away")
    with pytest.raises(StoreError, match="outbox"):
        monitor_of(street, store=store, concurrency=1).scan(limit=None, scan_id="s")
    rename(store, "away", "outbox")

    assert by_customer(store) == {}
    assert all(run.status != "drafted" for run in Scans(store).runs("s"))
    report = monitor_of(street, store=store).resume("s")
    assert report.counts.drafted == len(by_customer(store)) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"verdict": "approve", "reviewer": "ann"}, None),
        (
            {"verdict": "edit", "reviewer": "ann", "body": "Dear Cemil,\n\nwe are so sorry."},
            "Dear {first_name},\n\nwe are so sorry.",
        ),
        ({"verdict": "respond", "reviewer": "ann", "note": "formal"}, None),
    ],
)
def test_a_persons_yes_puts_the_text_they_settled_on_into_it(
    street: CustomerBase,
    store: Store,
    monitor_of: MakeMonitor,
    answer: dict[str, str],
    words: str | None,
) -> None:
    monitor = monitor_of(street, store=store)
    report = monitor.scan(limit=None, scan_id="s")
    assert "cem" not in by_customer(store)

    closed = monitor.resolve(review_of(report, "cem"), answer)

    cem = by_customer(store)["cem"]
    assert (cem.state, cem.approved_by) == (OutboxState.APPROVED, "ann")
    assert cem.basis.answered
    assert closed.message is not None
    assert cem.message.body == (words or closed.message.body.replace("Cemil", "{first_name}"))


@pytest.mark.parametrize("word", ["reject", "dismiss"])
def test_a_persons_no_puts_nothing_into_it(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor, word: str
) -> None:
    monitor = monitor_of(street, store=store)
    report = monitor.scan(limit=None, scan_id="s")

    monitor.resolve(review_of(report, "cem"), word)

    assert "cem" not in by_customer(store)


def test_an_answer_that_is_refused_leaves_no_message(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store)
    report = monitor.scan(limit=None, scan_id="s")

    with pytest.raises(ReviewError):
        monitor.resolve(
            review_of(report, "cem"), {"verdict": "edit", "body": "Win $999 at https://x.example"}
        )

    assert "cem" not in by_customer(store)


def test_of_two_answers_at_once_one_message_comes(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    one, two = monitor_of(street, store=store), monitor_of(street, store=store)
    case = review_of(one.scan(limit=None, scan_id="s"), "cem")

    one.resolve(case, "approve")
    with pytest.raises(ReviewError, match="already answered"):
        two.resolve(case, "reject")

    assert by_customer(store)["cem"].state is OutboxState.APPROVED


def test_where_a_person_approves_everything_a_draft_waits(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store, policy=a_policy(approval="all"))
    report = monitor.scan(limit=None, scan_id="s")

    found = by_customer(store)
    assert {one.state for one in found.values()} == {OutboxState.DRAFTED}
    assert {one.approved_at for one in found.values()} == {None}
    assert Outbox(store).due(NOON) == []
    assert {r.status for r in report.results if r.message} == {Status.ESCALATED}
    who = next(iter(found))
    waiting = next(r for r in report.results if r.customer_id == who)
    assert (waiting.reason, waiting.review is not None) == ("approval", True)
    monitor.resolve(review_of(report, who), {"verdict": "approve", "reviewer": "asha"})
    approved = by_customer(store)[who]
    assert (approved.state, approved.approved_by) == (OutboxState.APPROVED, "asha")


def test_where_nothing_waits_for_caution_only_what_a_person_must_decide_does(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    policy = a_policy(approval="none")
    report = monitor_of(street, store=store, policy=policy).scan(limit=None, scan_id="s")

    waiting = {r.customer_id: r.reason for r in report.waiting}
    assert "low_csat" not in waiting.values()
    assert set(waiting.values()) <= {"unsupported_language", "compliance_block"}
    assert {one.state for one in by_customer(store).values()} == {OutboxState.APPROVED}


def test_in_memory_nothing_is_kept(street: CustomerBase, monitor_of: MakeMonitor) -> None:
    monitor = monitor_of(street)
    report = monitor.scan(limit=None, scan_id="s")

    assert monitor.resolve(review_of(report, "cem"), "approve").status is Status.CLOSED


def test_from_scan_and_answer_to_the_customers_mailbox(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    clock, hand = Clock(NOON), Hand()
    monitor: Monitor = monitor_of(street, store=store, clock=clock)
    report = monitor.scan(limit=None, scan_id="s")
    monitor.resolve(review_of(report, "cem"), "approve")

    with sender_of(store, hand, clock=clock, source=street, policy=a_policy()) as sender:
        sent = sender.send_due()
    again = monitor_of(street, store=store, clock=clock).scan(limit=None, scan_id="t")

    assert sent.counts == {"sent": 3}
    assert {one.to for one in hand.got} == {f"{who}@example.com" for who in ("ana", "cem", "dev")}
    told = {r.customer_id: r.reason for r in again.results}
    assert {told[who] for who in ("ana", "cem", "dev")} <= {"cooldown", "resolved"}
