"""Whoever something happened to is scored again, from the statistics of the latest scan."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import FixedClock
from procx_graph.domain.health import Driver
from procx_graph.errors import StoreError
from procx_graph.events import load_base, record_event
from procx_graph.monitor.background import rescoring
from procx_graph.monitor.history import record
from procx_graph.monitor.rescoring import Rescored, Rescorer
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.engine import score
from procx_graph.scoring.scorer import CustomerScorer
from procx_graph.store import Store
from procx_graph.store.cohorts import Cohorts
from procx_graph.store.live import held
from procx_graph.store.marks import mark, marked, unmark
from procx_graph.store.rescorings import of as rescorings_of
from procx_graph.store.schema import scores
from procx_graph.tables.sample import AS_OF, generate
from tests.integration.stores import a_copy
from tests.unit.store.places import a_place

LATER = AS_OF + timedelta(hours=1)
ENTERS, STAYS_OUT = "C100265", "C100137"
"""In the middle of the ranking: trouble brings the first into the queue and not the second."""
SOON = timedelta(milliseconds=20)


@pytest.fixture(scope="session")
def scanned_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with a recorded scan of its 300 customers, which is never changed."""
    place = tmp_path_factory.mktemp("scanned") / "procx.db"
    with Store.open(place) as store:
        scan(store)
    return place


def scan(store: Store) -> None:
    """Load 300 customers and their orders, and record what they score."""
    made = generate(300, seed=5, as_of=AS_OF).tables
    frames = {name: pl.from_pandas(made[name]) for name in ("customers", "orders")}
    load_base(CustomerBase.from_frames(frames, as_of=AS_OF), store, at=AS_OF)
    record(score(CustomerBase.from_url(store.url, as_of=AS_OF)), store, at=AS_OF)


@pytest.fixture
def store(scanned_store: Path, tmp_path: Path) -> Iterator[Store]:
    with a_copy(scanned_store, tmp_path / "procx.db") as store:
        yield store


def fails(store: Store, customer_id: str, number: int = 1) -> None:
    """Let a payment of a customer fail."""
    data = {"customer_id": customer_id, "payment_id": f"{customer_id}-{number}", "amount": 50}
    when = AS_OF + timedelta(minutes=number)
    payload = {"event_type": "payment.failed", "timestamp": when.isoformat(), "data": data}
    assert record_event(store, payload, now=LATER).ok


def trouble(store: Store, customer_id: str) -> None:
    """Let everything go wrong for a customer."""
    for number in range(3):
        fails(store, customer_id, number)
        ticket = {"customer_id": customer_id, "ticket_id": f"T{number}", "priority": "urgent"}
        payload = {"event_type": "support.ticket.escalated", "data": ticket}
        assert record_event(store, payload, now=LATER).ok
    answer = {"customer_id": customer_id, "survey_id": "S", "score": 0}
    assert record_event(store, {"event_type": "nps.detractor", "data": answer}, now=LATER).ok


def marks_of(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {who: mark.changes for who, mark in marked(connection, 100).items()}


def test_an_event_marks_its_customer_and_one_run_scores_exactly_as_a_scan_does(
    store: Store,
) -> None:
    fails(store, ENTERS)
    fails(store, STAYS_OUT)

    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        told = rescorer.run()

    cohort = Cohort.from_bytes(Cohorts(store).latest(rescorer.profile.hash))
    everybody = CustomerBase.from_url(store.url, as_of=LATER)
    with CustomerScorer(everybody, cohort) as scorer:
        ids = everybody.customer_ids.to_list()
        same = scorer.score_many(ids, as_of=LATER, drivers=True)
    assert [one.customer_id for one in told] == [STAYS_OUT, ENTERS]
    for one in told:
        expected = same[one.customer_id]
        assert (one.health, one.churn_risk, one.revenue_at_risk) == (
            expected.health,
            expected.churn_risk,
            expected.revenue_at_risk,
        )
        assert one.drivers == expected.drivers
        assert one.as_of == LATER
        with store.reading() as connection:
            [kept] = rescorings_of(connection, one.customer_id)
        assert (kept.health, kept.share) == (expected.health, expected.top_share)
    assert marks_of(store) == {}


def test_what_was_scored_before_is_that_of_the_scan_and_then_of_the_last_event(
    store: Store,
) -> None:
    with store.reading() as connection:
        by_scan = connection.scalar(select(scores.c.health).where(scores.c.customer_id == ENTERS))
    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        trouble(store, ENTERS)
        [first] = rescorer.run()
        fails(store, ENTERS, 9)
        [second] = rescorer.run()

    assert first.health_before == by_scan
    assert first.health_before is not None
    assert first.health < first.health_before
    assert second.health_before == first.health


def test_who_enters_the_queue_is_told_of_once_and_only_once_it_is_stored(store: Store) -> None:
    told: list[Rescored] = []

    def at_risk(one: Rescored) -> None:
        with store.reading() as connection:
            assert rescorings_of(connection, one.customer_id)
        told.append(one)

    with Rescorer(store, clock=FixedClock(LATER), on_at_risk=at_risk) as rescorer:
        trouble(store, ENTERS)
        fails(store, STAYS_OUT)
        rescorer.run()
        fails(store, ENTERS, 7)
        [again] = rescorer.run()

    assert [one.customer_id for one in told] == [ENTERS]
    assert (again.queued, again.entered) == (True, False)


def test_who_is_just_beyond_the_edge_stays_in_and_does_not_enter_again(store: Store) -> None:
    trouble(store, ENTERS)
    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        [entered] = rescorer.run()
    with store.reading() as connection:
        [kept] = rescorings_of(connection, ENTERS)
    assert kept.share is not None

    answers = []
    for below in (0.01, 0.99 * kept.share):
        with store.writing() as connection:
            mark(connection, ENTERS, LATER)
        edge = kept.share - below
        with Rescorer(store, clock=FixedClock(LATER), capacity=edge) as smaller:
            answers += smaller.run()

    assert entered.entered
    assert [(one.queued, one.entered) for one in answers] == [(True, False), (False, False)]


def test_a_customer_who_changes_meanwhile_stays_marked(store: Store) -> None:
    class Meanwhile(FixedClock):
        def now(self):  # type: ignore[no-untyped-def]
            fails(store, ENTERS, 8)
            return super().now()

    fails(store, ENTERS)
    with Rescorer(store, clock=Meanwhile(LATER)) as rescorer:
        assert [one.customer_id for one in rescorer.run()] == [ENTERS]

    assert marks_of(store) == {ENTERS: 2}


def test_of_two_who_score_at_once_one_stores_it(store: Store) -> None:
    class Meanwhile(FixedClock):
        def now(self):  # type: ignore[no-untyped-def]
            with Rescorer(store, clock=FixedClock(LATER)) as other:
                assert len(other.run()) == 1
            return super().now()

    fails(store, ENTERS)
    with Rescorer(store, clock=Meanwhile(LATER)) as rescorer:
        assert rescorer.run() == []

    with store.reading() as connection:
        assert len(rescorings_of(connection, ENTERS)) == 1


def test_a_table_that_comes_to_be_with_the_first_event_counts_at_once(store: Store) -> None:
    with store.writing() as connection:
        mark(connection, STAYS_OUT, LATER)
    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        [before] = rescorer.run()
        with store.reading() as connection:
            assert "payments" not in held(connection)
        trouble(store, STAYS_OUT)
        [after] = rescorer.run()
    with Rescorer(store, clock=FixedClock(LATER)) as fresh:
        fails(store, STAYS_OUT, 8)
        [same] = fresh.run()

    assert after.health < before.health
    assert same.health <= after.health


def test_somebody_who_is_in_no_table_is_left_out_and_not_asked_for_again(store: Store) -> None:
    with store.writing() as connection:
        mark(connection, "C-unknown", LATER)
        mark(connection, ENTERS, LATER)

    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        assert [one.customer_id for one in rescorer.run()] == [ENTERS]
        assert rescorer.run() == []


def test_without_a_scan_to_compare_with_it_says_which_command_makes_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new.db") as store:
        with store.writing() as connection:
            mark(connection, ENTERS, LATER)
        with (
            Rescorer(store, clock=FixedClock(LATER)) as rescorer,
            pytest.raises(StoreError, match=r"no scan with profile default-v1.*procx score"),
        ):
            rescorer.run()
        assert marks_of(store) == {ENTERS: 1}


def test_a_listener_that_fails_keeps_nothing_from_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    told = []

    def breaks(one: Rescored) -> None:
        told.append(one.customer_id)
        raise ValueError("a text")

    with Rescorer(store, clock=FixedClock(LATER), on_at_risk=breaks, capacity=0.9) as rescorer:
        for customer_id in ("C100270", "C100216"):
            trouble(store, customer_id)
        rescorer.run()
        rescorer.run()

    assert sorted(told) == sorted(set(told))
    assert marks_of(store) == {}
    assert "a text" not in caplog.text


def test_the_same_on_postgresql(tmp_path: Path) -> None:
    with a_place("postgresql", tmp_path) as place, Store.open(place) as store:
        scan(store)
        trouble(store, ENTERS)
        with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
            [one] = rescorer.run()
            assert rescorer.run() == []

    assert one.entered


def test_in_the_background_it_goes_on_after_a_failure_and_ends_with_the_block(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    told, failed = threading.Event(), threading.Event()

    class Unsteady(Rescorer):
        def run(self, limit: int = 500) -> list[Rescored]:
            if not failed.is_set():
                failed.set()
                raise StoreError("not now")
            return super().run(limit)

    rescorer = Unsteady(store, clock=FixedClock(LATER), on_at_risk=lambda _: told.set())
    with rescorer, rescoring(rescorer, every=SOON, after_failure=SOON):
        trouble(store, ENTERS)
        assert told.wait(30)

    assert [record.message for record in caplog.records] == ["rescoring failed"]
    assert "procx-rescoring" not in {thread.name for thread in threading.enumerate()}
    assert isinstance(rescorer.profile.hash, str)


def test_reasons_are_handed_on(store: Store) -> None:
    trouble(store, ENTERS)
    with Rescorer(store, clock=FixedClock(LATER)) as rescorer:
        [one] = rescorer.run()

    assert one.drivers
    assert all(isinstance(driver, Driver) for driver in one.drivers)


def test_a_mark_made_after_another_process_took_one_away_stays(store: Store) -> None:
    fails(store, ENTERS)
    with store.reading() as connection:
        seen = marked(connection, 10)
    with store.writing() as connection:
        unmark(connection, seen)
        mark(connection, ENTERS, LATER + timedelta(seconds=1))

        unmark(connection, seen)

    assert marks_of(store) == {ENTERS: 1}
