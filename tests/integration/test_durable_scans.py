"""A scan in the store is resumed, and its cases are answered, by whoever comes next."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from sqlalchemy import func, select

from procx_graph import CustomerBase, Monitor, RunOptions, Store
from procx_graph.domain.model_use import Prices
from procx_graph.domain.review import ReviewKind
from procx_graph.errors import ConfigError, ReviewError, StoreError
from procx_graph.graphs.retention.state import RetentionState, update
from procx_graph.monitor import CustomerFinished, CustomerStarted, ScanFinished, ScanStarted
from procx_graph.monitor.heartbeat import TTL
from procx_graph.monitor.store_journal import lease_of
from procx_graph.monitor.threads import beside
from procx_graph.outreach.draft import checked
from procx_graph.report import ScanReport, Status
from procx_graph.store import DurableLedger, Leases, MemoryLedger, Scans
from procx_graph.store.holder import new_holder
from procx_graph.store.scans import RunState, ScanState
from procx_graph.store.schema import metadata, runs
from procx_graph.testing import ScriptedModel
from tests.conftest import NOON, MakeMonitor, Shop, rated
from tests.unit.builders import a_customer, a_decision, a_message, a_policy, a_situation
from tests.unit.store.places import KINDS, a_place


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Ana, Dev, Hal and Ida are content, Ben said no, Cem and Eva need a person."""
    return shop(
        ana={},
        ben={"opt_in_marketing": False},
        cem={"language": "hi", "first_name": "Cemil"},
        dev={"language": "ta", "segment": "Loyal", "lifetime_value": 500.0},
        eva={"language": "fr"},
        gil={"opt_in_marketing": None},
        hal={},
        ida={},
        support_tickets=rated("cem", 1, 2),
    )


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


@pytest.fixture
def plain(street: CustomerBase, monitor_of: MakeMonitor) -> ScanReport:
    """The report of the scan when nobody interrupts it and nothing is kept."""
    return monitor_of(street).scan(limit=None, scan_id="s")


def interrupt(monitor: Monitor, *, after: int = 1, **options: Any) -> ScanReport:
    """Stop a scan when so many customers are done, as Ctrl-C does."""
    running = monitor.begin(**({"limit": None, "scan_id": "s"} | options))
    done = 0
    for event in running:
        done += isinstance(event, CustomerFinished)
        if done == after:
            running.stop()
    monitor.close()
    return running.report()


def review_of(report: ScanReport, customer_id: str) -> str:
    [review] = [r.review for r in report.results if r.customer_id == customer_id]
    assert review is not None
    return str(review.review_id)


def rows(store: Store) -> int:
    """Count what is in the store."""
    with store.reading() as connection:
        return sum(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        )


# Resuming


def test_a_kept_scan_reports_what_any_scan_reports(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, plain: ScanReport
) -> None:
    report = monitor_of(street, store=store).scan(limit=None, scan_id="s")

    assert report.to_json() == plain.to_json()
    [kept] = Scans(store).summaries()
    assert (kept.scan_id, kept.state) == ("s", ScanState.FINISHED)
    assert kept.counts == {"drafted": 4, "escalated": 2, "skipped": 2}


@pytest.mark.parametrize("after", [1, 3, 6])
def test_a_stopped_scan_goes_on_as_if_it_had_not_been_stopped(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, plain: ScanReport, after: int
) -> None:
    first = interrupt(monitor_of(street, store=store, concurrency=1), after=after)
    assert len(first.results) < len(plain.results)
    assert Scans(store).summaries()[0].state is ScanState.STOPPED

    report = monitor_of(street, store=store).resume("s")

    assert report.to_json() == plain.to_json()


def test_the_limit_counts_over_both_sittings(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    interrupt(monitor_of(street, store=store, concurrency=1), after=3, limit=4)

    report = monitor_of(street, store=store).scan(resume="s")

    assert report == monitor_of(street).scan(limit=4, scan_id="s")
    assert report.counts.processed == 4


def test_whoever_is_done_is_not_done_again(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    first = interrupt(monitor_of(street, store=store, concurrency=1), after=4)

    events = list(monitor_of(street, store=store).begin(resume="s"))

    again = {event.customer_id for event in events if isinstance(event, CustomerStarted)}
    assert not again & {result.customer_id for result in first.results}
    assert isinstance(events[0], ScanStarted)
    assert events[0].done == first.counts.processed


def test_a_finished_scan_gives_its_report_again_and_does_nothing(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, plain: ScanReport
) -> None:
    monitor_of(street, store=store).scan(limit=None, scan_id="s")

    events = list(monitor_of(street, store=store).begin(resume="s"))

    assert [type(event) for event in events] == [ScanStarted, ScanFinished]
    assert isinstance(events[-1], ScanFinished)
    assert events[-1].report.to_json() == plain.to_json()


def test_a_run_that_broke_is_kept_as_that(
    store: Store, shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(ana={}, ben={})
    broken = monitor_of(base, store=store, graph=Broken.graph()).scan(scan_id="s")

    again = monitor_of(base, store=store).resume("s")

    assert {result.status for result in broken.results} == {Status.FAILED}
    assert again == broken
    assert {run.state for run in Scans(store).runs("s")} == {RunState.FAILED}


def test_one_customer_with_an_event_is_a_scan_that_can_be_resumed(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    event = {"kind": "order_delayed", "description": "five days late"}
    running = monitor_of(street, store=store).process("ana", event=event, scan_id="e")
    list(running)

    again = monitor_of(street, store=store).resume("e")

    assert again == running.report()
    assert [result.reason for result in again.results] == ["order_delayed"]


# What is refused, and what is pointed out


def test_an_unknown_scan_is_named(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with pytest.raises(StoreError, match="no scan 'nothing'"):
        monitor_of(street, store=store).resume("nothing")


def test_without_a_store_nothing_can_be_resumed(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with pytest.raises(ConfigError, match="give the monitor its store"):
        monitor_of(street).resume("s")


def test_a_scan_is_resumed_as_it_was_started(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with pytest.raises(ConfigError, match="without diverse"):
        monitor_of(street, store=store).scan(resume="s", diverse=True)


def test_a_limit_in_money_needs_prices_on_resuming_too(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    models = {"pattern": ScriptedModel(lambda _: {"name": "late"})}
    prices = Prices.parse("ScriptedModel=1/1")
    priced = monitor_of(street, store=store, concurrency=1, models=models, prices=prices)
    interrupt(priced, max_cost=1.0)

    with pytest.raises(ConfigError, match="none of ScriptedModel"):
        monitor_of(street, store=store, models=models).resume("s")


def test_a_second_scan_of_the_same_name_is_refused(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor_of(street, store=store).scan(limit=1, scan_id="s")

    with pytest.raises(StoreError, match="a scan 's' already"):
        monitor_of(street, store=store).scan(limit=1, scan_id="s")
    assert Scans(store).summaries()[0].state is ScanState.FINISHED


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"profile": "procx-seed"}, "with the profile default-v1"),
        ({"policy": a_policy(cooldown_days=99)}, "with the policy default"),
    ],
)
def test_other_rules_are_refused(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, changed: dict[str, Any], why: str
) -> None:
    interrupt(monitor_of(street, store=store, concurrency=1))

    with pytest.raises(ConfigError, match=why):
        monitor_of(street, store=store, **changed).resume("s")


def test_another_base_and_another_moment_are_refused(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    interrupt(monitor_of(street, store=store, concurrency=1))
    people = street.table("customers").collect()
    other = CustomerBase.from_frames({"customers": people}, as_of=NOON, name="other")

    with pytest.raises(ConfigError, match="started on shop, not on other"):
        monitor_of(other, store=store).resume("s")
    with pytest.raises(ConfigError, match="open it as of then"):
        monitor_of(street.at(NOON + timedelta(days=1)), store=store).resume("s")


def test_data_that_changed_is_pointed_out_and_who_is_gone_is_counted(
    store: Store, shop: Shop, monitor_of: MakeMonitor
) -> None:
    interrupt(monitor_of(shop(ana={}, ben={}, cem={}), store=store, concurrency=1))

    running = monitor_of(shop(ana={}, ben={}), store=store).begin(resume="s")
    list(running)

    assert running.note is not None
    assert "has changed since" in running.note
    assert [result.customer_id for result in running.report().results] == ["ana", "ben"]
    assert running.report().others["gone"] == 1


def test_a_scan_that_is_under_way_is_left_to_whoever_works_on_it(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    interrupt(monitor_of(street, store=store, concurrency=1))
    holder, now = new_holder(), DurableLedger(store).clock.now()
    Leases(store).acquire(lease_of("s"), holder, ttl=TTL, now=now)

    with pytest.raises(StoreError, match="'s' is being worked on by process"):
        monitor_of(street, store=store).resume("s")
    Leases(store).release(lease_of("s"), holder)
    assert monitor_of(street, store=store).resume("s").counts.processed == 6


def test_whoever_lost_a_scan_to_another_writes_nothing_more(
    store: Store, shop: Shop, monitor_of: MakeMonitor
) -> None:
    thief = new_holder()
    monitor = monitor_of(shop(ana={}), graph=Robbed.graph(store, thief), store=store)

    with pytest.raises(StoreError, match="taken over by process"):
        monitor.scan(scan_id="s")

    assert [run.state for run in Scans(store).runs("s")] == [RunState.CLAIMED]
    assert Scans(store).get("s").holder == thief


def test_a_dry_run_writes_nothing_and_sees_what_waits(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, tmp_path: Path
) -> None:
    before = rows(store)
    dry = monitor_of(street, store=store).scan(limit=None, dry_run=True, scan_id="s")
    assert rows(store) == before
    assert not beside(tmp_path / "procx.db").exists()
    assert dry.counts.processed == 6

    monitor_of(street, store=store).scan(limit=None, scan_id="s")
    again = monitor_of(street, store=store).scan(limit=None, dry_run=True)

    assert [r.reason for r in again.results if r.customer_id == "cem"] == ["open_case"]


# Answering in another process


@pytest.mark.parametrize("answer", ["approve", "reject", "in English, as an sms"])
def test_an_escalation_is_answered_by_another_monitor_with_the_same_result(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, answer: str
) -> None:
    here = monitor_of(street)
    expected = here.resolve(review_of(here.scan(limit=None, scan_id="s"), "cem"), answer)
    report = monitor_of(street, store=store).scan(limit=None, scan_id="s")

    closed = monitor_of(street, store=store).resolve(review_of(report, "cem"), answer)

    assert closed == expected
    again = monitor_of(street, store=store).resume("s")
    assert again == report.replace(closed)
    assert not DurableLedger(store).case(review_of(report, "cem")).open


def test_a_draft_that_waits_is_answered_by_another_monitor(
    store: Store, shop: Shop, monitor_of: MakeMonitor
) -> None:
    base, graph = shop(ana={}), Blunt.graph()
    report = monitor_of(base, graph=graph, store=store).scan(scan_id="s")
    review_id = review_of(report, "ana")
    assert DurableLedger(store).case(review_id).kind is ReviewKind.MESSAGE
    elsewhere = monitor_of(base, graph=graph, store=store)

    with pytest.raises(ReviewError, match="internal_word"):
        elsewhere.resolve(review_id, "approve")
    closed = elsewhere.resolve(
        review_id, {"verdict": "edit", "body": "Dear Ana, we are sorry that it took so long."}
    )

    assert closed.status is Status.CLOSED
    assert monitor_of(base, graph=graph, store=store).resume("s").results == (closed,)


def test_a_refused_answer_leaves_the_case_waiting_and_one_answer_counts(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    review_id = review_of(monitor_of(street, store=store).scan(limit=None, scan_id="s"), "cem")
    monitor = monitor_of(street, store=store)

    with pytest.raises(ReviewError, match="without a model"):
        monitor.resolve(review_id, "use your imagination")
    assert monitor.resolve(review_id, "approve").status is Status.CLOSED
    with pytest.raises(ReviewError, match="already answered"):
        monitor_of(street, store=store).resolve(review_id, "reject")


def test_only_the_threads_of_runs_that_wait_are_kept(
    street: CustomerBase, monitor_of: MakeMonitor, tmp_path: Path
) -> None:
    import sqlite3

    with Store.open(tmp_path / "procx.db") as store:
        report = monitor_of(street, store=store).scan(limit=None, scan_id="s")
        file = sqlite3.connect(beside(tmp_path / "procx.db"))
        ask = "SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id"
        kept = [row[0] for row in file.execute(ask)]
        for result in report.waiting:
            monitor_of(street, store=store).resolve(review_of(report, result.customer_id), "reject")
        left = file.execute(ask).fetchall()
        file.close()

    assert kept == ["s:cem", "s:eva"]
    assert left == []


def test_a_thread_that_a_killed_process_left_is_dropped_and_the_run_done_again(
    store: Store, street: CustomerBase, monitor_of: MakeMonitor, plain: ScanReport
) -> None:
    """As when it died after the thread of a run was kept and before its result was."""
    monitor_of(street, store=store).scan(limit=None, scan_id="s")
    with store.writing() as connection:
        connection.execute(
            runs.update()
            .where(runs.c.customer_id == "cem")
            .values(state="claimed", result=None, status=None)
        )
        connection.exec_driver_sql("UPDATE scans SET state = 'running'")
        connection.exec_driver_sql("DELETE FROM review_cases WHERE customer_id = 'cem'")

    report = monitor_of(street, store=store).resume("s")

    assert report.to_json() == plain.to_json()
    closed = monitor_of(street, store=store).resolve(review_of(report, "cem"), "approve")
    assert closed.status is Status.CLOSED


def test_a_ledger_in_memory_is_used_as_it_was(
    street: CustomerBase, monitor_of: MakeMonitor, plain: ScanReport
) -> None:
    monitor = monitor_of(street, store=MemoryLedger())

    report = monitor.scan(limit=None, scan_id="s")

    assert json.loads(report.to_json()) == json.loads(plain.to_json())
    assert monitor.resolve(review_of(report, "cem"), "approve").status is Status.CLOSED


class Blunt:
    """A graph in one node, whose message no check lets through."""

    async def __call__(self, state: RetentionState) -> dict[str, Any]:
        message = a_message(body="Dear {first_name}, your churn score is bad.")
        decision, situation = a_decision(), a_situation()
        bad = checked(message, situation, None, a_customer(), policy=a_policy())
        return update(situation=situation, decision=decision, message=bad)

    @classmethod
    def graph(cls, *parts: Any) -> StateGraph[Any, Any, Any, Any]:
        graph: StateGraph[Any, Any, Any, Any] = StateGraph(
            RetentionState, context_schema=RunOptions
        )
        graph.add_node("only", cls(*parts))
        graph.add_edge(START, "only")
        return graph


class Broken(Blunt):
    """A graph whose node always breaks."""

    async def __call__(self, state: RetentionState) -> dict[str, Any]:
        raise RuntimeError("stuck")


class Robbed(Blunt):
    """A graph during whose run somebody else takes the scan over."""

    def __init__(self, store: Store, thief: str) -> None:
        self.store, self.thief = store, thief

    async def __call__(self, state: RetentionState) -> dict[str, Any]:
        Scans(self.store).take_over("s", self.thief)
        return await super().__call__(state)
