"""A scan from the first score to the last answer of a person."""

import asyncio
import gc
import json
import re
import threading
from collections.abc import Iterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from procx_graph import CustomerBase, Monitor, RunOptions, build_retention_graph
from procx_graph.domain.review import Review, ReviewKind, Verdict
from procx_graph.domain.situation import SituationKind
from procx_graph.errors import ConfigError, ReviewError, UnknownCustomer
from procx_graph.graphs.retention.state import RetentionState, update
from procx_graph.monitor import (
    AgentFinished,
    CustomerFinished,
    CustomerStarted,
    ScanFinished,
    ScanStarted,
)
from procx_graph.outreach.draft import checked as draft_checks
from procx_graph.report import CustomerResult, ScanReport, Status
from procx_graph.store import MemoryLedger
from tests.conftest import NOON, MakeMonitor, Shop, rated
from tests.unit.builders import a_customer, a_decision, a_message, a_policy, a_situation

COUNTED = ("drafted", "escalated", "skipped", "failed", "closed")


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Ana and Dev are content, Ben said no, Cem and Eva need a person, Fay is long gone."""
    return shop(
        ana={},
        ben={"opt_in_marketing": False},
        cem={"language": "hi", "first_name": "Cemil"},
        dev={"language": "ta", "segment": "Loyal", "lifetime_value": 500.0},
        eva={"language": "fr"},
        fay={"days_ago": 300},
        gil={"opt_in_marketing": None},
        support_tickets=rated("cem", 1, 2),
    )


@pytest.fixture
def monitor(street: CustomerBase, monitor_of: MakeMonitor) -> Monitor:
    return monitor_of(street)


def by_status(report: ScanReport) -> dict[str, str]:
    return {result.customer_id: result.status.value for result in report.results}


def the_case(monitor: Monitor, **options: Any) -> tuple[ScanReport, str]:
    """Scan, and give the report and the review of Cem's case."""
    report = monitor.scan(limit=None, scan_id="s", **options)
    result = result_of(report, "cem")
    assert result.review is not None
    assert result.review.review_id is not None
    return report, result.review.review_id


def result_of(report: ScanReport, customer_id: str) -> CustomerResult:
    return next(result for result in report.results if result.customer_id == customer_id)


def saver_of(monitor: Monitor) -> InMemorySaver:
    assert isinstance(monitor.graph, CompiledStateGraph)
    assert isinstance(monitor.graph.checkpointer, InMemorySaver)
    return monitor.graph.checkpointer


# Who is looked at


def test_every_customer_is_accounted_for(monitor: Monitor, street: CustomerBase) -> None:
    report = monitor.scan(limit=2)
    counts = report.counts

    assert counts.scored == len(street)
    assert counts.eligible + report.others["dormant"] == counts.scored
    assert len(report.results) + sum(report.others.values()) == counts.scored
    assert sum(getattr(counts, name) for name in COUNTED) == len(report.results)
    assert counts.processed == counts.drafted + counts.escalated + counts.failed


def test_the_limit_counts_after_the_gate_and_the_refused_stand_in_their_place(
    monitor: Monitor,
) -> None:
    report = monitor.scan(limit=2)

    assert by_status(report) == {"ana": "drafted", "ben": "skipped", "cem": "escalated"}
    assert result_of(report, "ben").reason == "no_consent"
    assert report.others["beyond_limit"] == 3


def test_a_scan_without_limit_takes_all_who_are_at_risk(monitor: Monitor) -> None:
    assert by_status(monitor.scan(limit=None)) == {
        "ana": "drafted",
        "ben": "skipped",
        "cem": "escalated",
        "dev": "drafted",
        "eva": "escalated",
        "gil": "skipped",
    }


def test_floors_and_segments_narrow_the_choice(monitor: Monitor) -> None:
    assert "dev" not in by_status(monitor.scan(limit=None, min_value=1000))
    assert list(by_status(monitor.scan(limit=None, segments=["loyal"], dry_run=True))) == ["dev"]


@pytest.mark.parametrize("limit", [None, 10])
def test_a_scan_that_finds_nobody_is_an_empty_report(monitor: Monitor, limit: int | None) -> None:
    report = monitor.scan(limit=limit, min_risk=1.0)

    assert (report.counts.eligible, report.results) == (0, ())


def test_a_diverse_choice_takes_the_best_of_every_segment_and_language(
    monitor: Monitor,
) -> None:
    plain = monitor.scan(limit=3, dry_run=True)
    diverse = monitor.scan(limit=3, dry_run=True, diverse=True)

    assert [r.customer_id for r in plain.results] == ["ana", "ben", "cem", "dev"]
    assert [r.customer_id for r in diverse.results] == ["ana", "cem", "dev"]


def test_an_open_case_keeps_the_next_scan_away(monitor: Monitor) -> None:
    the_case(monitor)

    again = monitor.scan(limit=None, scan_id="next")

    assert result_of(again, "cem").reason == "open_case"


def test_a_person_on_the_case_is_left_alone_however_the_status_is_written(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(ana={}, support_tickets=rated("ana", 1, 2, status="Escalated"))

    report = monitor_of(base).scan(limit=None)

    assert result_of(report, "ana").reason == "open_case"


@pytest.mark.parametrize(
    "option", [{"limit": 0}, {"min_risk": 2}, {"langauge": "en"}, {"channel": "pigeon"}]
)
def test_a_wrong_option_is_named(monitor: Monitor, option: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(option))):
        monitor.scan(**option)


def test_one_customer_is_processed_with_an_event(monitor: Monitor) -> None:
    event = {"kind": "order_delayed", "description": "five days late"}
    running = monitor.process("ana", event=event)

    events = list(running)

    assert [type(event) for event in events][-1] is ScanFinished
    (result,) = running.report().results
    assert result.reason == "order_delayed"
    with pytest.raises(UnknownCustomer):
        monitor.process("nobody")


def told(kind: str, description: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": "E1",
        "customer_id": "ana",
        "event_type": kind,
        "event_time": NOON - timedelta(days=2),
        "description": description,
        "order_id": "O-7",
        "resolved_at": None,
    } | changes


def test_a_payment_that_was_told_to_have_failed_is_what_the_next_scan_is_about(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    words = "Payment of £2,499.99 failed for order O-7 - insufficient funds."
    event = told("payment_failed", words)
    attempt = {
        "payment_id": "P1",
        "order_id": "O-7",
        "customer_id": "ana",
        "payment_date": event["event_time"],
        "status": "failed",
    }
    elsewhere = attempt | {"customer_id": "ben", "status": "success"}
    before = shop(ana={}, ben={}, payments=[elsewhere])
    with_row = shop(ana={}, ben={}, customer_events=[event], payments=[attempt])
    without = shop(ana={}, ben={}, customer_events=[event], payments=[elsewhere])

    calm, paid, alone = [
        result_of(monitor_of(base).scan(limit=None), "ana") for base in (before, with_row, without)
    ]

    for result, source in ((paid, "payments:P1"), (alone, "customer_events:E1")):
        assert result.situation is not None
        assert result.situation.kind is SituationKind.PAYMENT_FAILED
        assert result.situation.facts[0].source == source
    assert paid.health < calm.health
    assert any(
        driver.text == "1 failed payment in 180 days; latest: payment failed 2 days ago"
        for driver in paid.drivers
    )


def test_a_delay_that_was_told_is_what_the_next_scan_is_about(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    event = told("shipment_delayed", "Order O-7 of Ana is 4 days late.")
    tickets = rated("ben", 5)
    calm, late = [
        result_of(monitor_of(base).scan(limit=None), "ana")
        for base in (
            shop(ana={}, ben={}, support_tickets=tickets),
            shop(ana={}, ben={}, support_tickets=tickets, customer_events=[event]),
        )
    ]

    assert late.situation is not None
    assert late.situation.kind is SituationKind.ORDER_DELAYED
    assert late.situation.order_id == "O-7"
    assert late.situation.facts[0].text == "Order O-7 of [name] is 4 days late."
    assert late.health < calm.health


def test_language_and_channel_of_a_scan_replace_the_customers_own(monitor: Monitor) -> None:
    report = monitor.scan(limit=None, language="bn", channel="sms")

    written = [result.message for result in report.results if result.message is not None]
    assert {message.language for message in written} == {"bn"}
    assert {message.channel for message in written} == {"sms"}


def test_a_hostile_name_reaches_neither_message_nor_notebook(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(ana={"first_name": "<script>alert(1)</script>"}, ben={"first_name": "{body}"})
    report = monitor_of(base).scan()

    for result in report.results:
        assert result.message is not None
        assert result.message.body.startswith("Hello")
    assert "<script" not in report._repr_html_() + report.to_json()


# The same again


def test_two_scans_with_the_same_id_give_the_same_bytes(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    first = monitor_of(street).scan(limit=None, scan_id="s").to_json()
    second = monitor_of(street, concurrency=1).scan(limit=None, scan_id="s").to_json()

    assert first == second


def test_a_scan_is_claimed_once(monitor: Monitor) -> None:
    first = monitor.scan(limit=None, scan_id="s")
    second = monitor.scan(limit=None, scan_id="s")

    assert first.counts.processed == 4
    assert second.counts.processed == 0
    assert {r.reason for r in second.results} == {"already_claimed", "open_case", "no_consent"}


def test_a_dry_run_claims_nothing_and_opens_nothing(monitor: Monitor) -> None:
    dry = monitor.scan(limit=None, scan_id="s", dry_run=True)

    assert not monitor.store.waiting()
    assert all(r.review.review_id is None for r in dry.results if r.review)
    assert monitor.scan(limit=None, scan_id="s").counts == dry.counts


def test_a_dry_run_of_the_same_name_leaves_a_case_that_waits_alone(monitor: Monitor) -> None:
    _, review_id = the_case(monitor)

    event = {"kind": "inquiry", "description": "where?"}
    trial = monitor.process("cem", event=event, dry_run=True, scan_id="s")
    for _ in trial:
        pass

    assert [r.reason for r in trial.report().results] == ["open_case"]
    assert monitor.resolve(review_id, "approve").status is Status.CLOSED


# Many at once


class Turnstile:
    """Counts how many runs are inside at once; breaks for one customer."""

    def __init__(self, *, breaks_for: str | None = None, pause: float = 0.005) -> None:
        self.breaks_for, self.pause = breaks_for, pause
        self.inside = self.most = self.passed = 0

    async def __call__(self, state: RetentionState) -> dict[str, Any]:
        if state["customer_id"] == self.breaks_for:
            raise RuntimeError("the turnstile is stuck")
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(self.pause)
        self.inside -= 1
        self.passed += 1
        return {}

    def before(self, base: CustomerBase, store: MemoryLedger) -> Any:
        """Give the retention graph with this beside its first node."""
        graph = build_retention_graph(base, ledger=store)
        graph.add_node("turnstile", self)
        graph.add_edge(START, "turnstile")
        return graph


@pytest.fixture(scope="module")
def crowd(shop: Shop) -> CustomerBase:
    return shop(**{f"c{number:02}": {} for number in range(12)})


def test_one_broken_run_is_that_customers_result_alone(
    crowd: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store = MemoryLedger()
    graph = Turnstile(breaks_for="c03").before(crowd, store)

    report = monitor_of(crowd, graph=graph, store=store).scan(limit=None)

    failed = result_of(report, "c03")
    assert (failed.status, failed.reason) == (Status.FAILED, "RuntimeError")
    assert failed.detail == "see the log"
    assert (report.counts.drafted, report.counts.failed) == (11, 1)


@pytest.mark.parametrize("bound", [1, 3])
def test_never_more_runs_than_allowed_are_under_way(
    crowd: CustomerBase, monitor_of: MakeMonitor, bound: int
) -> None:
    store, turnstile = MemoryLedger(), Turnstile()
    graph = turnstile.before(crowd, store)

    monitor_of(crowd, graph=graph, store=store, concurrency=bound).scan(limit=None)

    assert turnstile.most == bound


def test_runs_that_ended_leave_nothing_in_the_checkpointer(
    crowd: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store = MemoryLedger()
    monitor = monitor_of(crowd, graph=Turnstile().before(crowd, store), store=store)

    monitor.scan(limit=None)

    assert not saver_of(monitor).storage
    assert not saver_of(monitor).blobs


def test_a_failed_run_leaves_nothing_in_the_checkpointer(
    crowd: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store = MemoryLedger()
    graph = Turnstile(breaks_for="c03").before(crowd, store)
    monitor = monitor_of(crowd, graph=graph, store=store)

    monitor.scan(limit=None)

    assert list(saver_of(monitor).storage) == []


def test_an_answered_case_leaves_nothing_in_the_checkpointer(monitor: Monitor) -> None:
    report, _ = the_case(monitor)
    assert len(saver_of(monitor).storage) == 2

    for result in report.waiting:
        assert result.review is not None
        monitor.resolve(str(result.review.review_id), "dismiss")

    assert not saver_of(monitor).storage


def test_a_stopped_scan_reports_what_is_done(crowd: CustomerBase, monitor_of: MakeMonitor) -> None:
    store = MemoryLedger()
    graph = Turnstile(pause=0.02).before(crowd, store)
    running = monitor_of(crowd, graph=graph, store=store, concurrency=1).begin(limit=None)

    for event in running:
        if isinstance(event, CustomerFinished):
            running.stop()

    report = running.report()
    assert 1 <= report.counts.drafted < 12
    assert report.counts.drafted == len(report.results)
    assert sum(report.others.values()) + len(report.results) == report.counts.scored


def test_whom_a_stopped_scan_gave_up_the_next_of_the_same_name_takes(
    crowd: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store = MemoryLedger()
    graph = Turnstile(pause=0.02).before(crowd, store)
    monitor = monitor_of(crowd, graph=graph, store=store, concurrency=3)
    stopped = monitor.begin(limit=None, scan_id="s")
    for event in stopped:
        if isinstance(event, CustomerFinished):
            stopped.stop()
    monitor.close()
    first = stopped.report()

    second = monitor.scan(limit=None, scan_id="s")

    done = [r.customer_id for r in (*first.results, *second.results) if r.status is Status.DRAFTED]
    assert sorted(done) == crowd.customer_ids.to_list()
    assert first.counts.processed == first.counts.drafted


# As it happens


async def test_a_stream_tells_everything_in_order_and_ends_with_the_report(
    monitor: Monitor,
) -> None:
    events = [event async for event in monitor.astream(limit=1, scan_id="s")]

    assert events[0] == ScanStarted("s", scored=7, eligible=6, limit=1)
    assert events[1] == CustomerStarted("ana", "s:ana")
    assert [e.agent for e in events if isinstance(e, AgentFinished)] == [
        "context", "pattern", "decision", "empathy",
    ]  # fmt: skip
    assert isinstance(events[-2], CustomerFinished)
    assert isinstance(events[-1], ScanFinished)
    assert events[-1].report.results == (events[-2].result,)
    json.dumps([e.update for e in events if isinstance(e, AgentFinished)])


async def test_a_case_that_waits_shows_its_packet_in_the_stream(monitor: Monitor) -> None:
    events = [e async for e in monitor.astream(limit=None) if isinstance(e, AgentFinished)]

    last = [e for e in events if e.customer_id == "cem"][-1]
    assert last.agent == "escalation"
    assert last.update["packet"]["customer_id"] == "cem"


async def test_leaving_a_stream_early_stops_the_scan(
    crowd: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store, turnstile = MemoryLedger(), Turnstile(pause=0.01)
    graph = turnstile.before(crowd, store)
    monitor = monitor_of(crowd, graph=graph, store=store, concurrency=1)
    stream = monitor.astream(limit=None)

    async with aclosing(stream):
        async for event in stream:
            if isinstance(event, CustomerFinished):
                break
    await asyncio.sleep(0.2)

    assert turnstile.passed < len(crowd)


async def test_a_synchronous_scan_works_inside_a_running_loop(monitor: Monitor) -> None:
    report, review_id = the_case(monitor)

    assert report.counts.processed == 4
    assert monitor.resolve(review_id, "approve").status is Status.CLOSED


async def test_an_asynchronous_scan_gives_the_same_report(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    waited = await monitor_of(street).ascan(limit=None, scan_id="s")
    plain = monitor_of(street).scan(limit=None, scan_id="s")

    assert waited == plain


async def test_two_scans_of_one_monitor_may_run_at_once(monitor: Monitor) -> None:
    one, two = await asyncio.gather(
        monitor.ascan(limit=None, scan_id="one"), monitor.ascan(limit=None, scan_id="two")
    )

    assert result_of(one, "ana").status is Status.DRAFTED
    assert [r.status for r in (*one.results, *two.results)].count(Status.FAILED) == 0


# A person answers


def test_approval_closes_the_case_with_the_draft(monitor: Monitor) -> None:
    report, review_id = the_case(monitor)

    closed = monitor.resolve(review_id, "approve")

    assert closed.status is Status.CLOSED
    assert closed.review is None
    assert closed.message == result_of(report, "cem").message
    assert not monitor.store.case(review_id).open


def test_an_edit_is_used_with_the_name_masked_in_the_ledger_and_filled_in_the_result(
    monitor: Monitor,
) -> None:
    _, review_id = the_case(monitor)
    body = "प्रिय Cemil जी, हमें खेद है कि हमारी सेवा अच्छी नहीं रही। हम इसे ठीक करेंगे।"

    closed = monitor.resolve(review_id, {"verdict": "edit", "body": body})

    assert closed.message is not None
    assert closed.message.body == body
    answer = monitor.store.case(review_id).answer
    assert answer is not None
    assert answer.body == body.replace("Cemil", "{first_name}")


def test_guidance_that_templates_can_follow_writes_the_draft_again(monitor: Monitor) -> None:
    _, review_id = the_case(monitor)

    closed = monitor.resolve(review_id, "please in English, as an sms")

    assert closed.message is not None
    assert (closed.message.language, closed.message.channel) == ("en", "sms")


@pytest.mark.parametrize("answer", ["reject", Review(verdict=Verdict.DISMISS, note="handled")])
def test_a_no_closes_the_case_without_a_message(monitor: Monitor, answer: Any) -> None:
    _, review_id = the_case(monitor)

    closed = monitor.resolve(review_id, answer)

    assert (closed.status, closed.message) == (Status.CLOSED, None)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            {"verdict": "edit", "body": "आपका churn score बहुत ऊँचा है, {first_name} जी।"},
            "internal_word",
        ),
        ({"verdict": "edit", "body": "We are sorry, dear customer, truly sorry."}, "wrong_script"),
        ({"verdict": "edit", "body": "   "}, "needs the new text"),
        ("use your imagination", "without a model"),
        (42, "not an answer"),
        ({"type": "shrug"}, "not an answer"),
    ],
)
def test_a_refused_answer_leaves_the_case_open(monitor: Monitor, answer: Any, why: str) -> None:
    _, review_id = the_case(monitor)

    with pytest.raises(ReviewError, match=why):
        monitor.resolve(review_id, answer)

    assert monitor.store.case(review_id).open
    assert monitor.resolve(review_id, "approve").status is Status.CLOSED


def test_a_case_is_answered_once(monitor: Monitor) -> None:
    _, review_id = the_case(monitor)
    monitor.resolve(review_id, "approve")

    with pytest.raises(ReviewError, match="already answered"):
        monitor.resolve(review_id, "reject")


async def test_of_two_answers_at_once_one_counts(monitor: Monitor) -> None:
    _, review_id = the_case(monitor)

    answers = await asyncio.gather(
        monitor.aresolve(review_id, "approve"),
        monitor.aresolve(review_id, "reject"),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["CustomerResult", "ReviewError"]


def test_an_unknown_case_is_refused(monitor: Monitor) -> None:
    with pytest.raises(ReviewError, match="rev_nothing"):
        monitor.resolve("rev_nothing", "approve")


def test_a_case_without_a_draft_needs_a_language_we_write(monitor: Monitor) -> None:
    report, _ = the_case(monitor)
    review = result_of(report, "eva").review
    assert review is not None

    with pytest.raises(ReviewError, match="no draft"):
        monitor.resolve(str(review.review_id), "approve")
    closed = monitor.resolve(str(review.review_id), "in English")

    assert closed.message is not None
    assert closed.message.language == "en"


def test_the_report_takes_the_answered_case_and_counts_anew(monitor: Monitor) -> None:
    report, review_id = the_case(monitor)
    assert [r.customer_id for r in report.waiting] == ["cem", "eva"]

    after = report.replace(monitor.resolve(review_id, "approve"))

    assert [r.customer_id for r in after.waiting] == ["eva"]
    assert (after.counts.escalated, after.counts.closed) == (1, 1)
    assert after.counts.processed == report.counts.processed


class Blunt:
    """A graph in one node, whose message no check lets through."""

    async def __call__(self, state: RetentionState) -> dict[str, Any]:
        message = a_message(body="Dear {first_name}, your churn score is bad.")
        decision, situation = a_decision(), a_situation()
        checked = draft_checks(message, situation, None, a_customer(), policy=a_policy())
        return update(situation=situation, decision=decision, message=checked)

    @classmethod
    def graph(cls) -> StateGraph[Any, Any, Any, Any]:
        graph: StateGraph[Any, Any, Any, Any] = StateGraph(
            RetentionState, context_schema=RunOptions
        )
        graph.add_node("blunt", cls())
        graph.add_edge(START, "blunt")
        return graph


def test_a_text_that_the_checks_refuse_waits_for_a_better_one(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(shop(ana={}), graph=Blunt.graph())
    report = monitor.scan(scan_id="s")
    (result,) = report.waiting
    assert result.reason == "compliance_block"
    assert result.review is not None
    review_id = str(result.review.review_id)
    assert monitor.store.case(review_id).kind is ReviewKind.MESSAGE

    with pytest.raises(ReviewError, match="internal_word"):
        monitor.resolve(review_id, "approve")
    closed = monitor.resolve(
        review_id, {"verdict": "edit", "body": "Dear Ana, we are sorry that it took so long."}
    )

    assert closed.status is Status.CLOSED
    assert closed.message is not None
    assert closed.message.body == "Dear Ana, we are sorry that it took so long."
    assert not closed.message.findings
    assert report.replace(closed).counts.escalated == 0


# The graph and the thread


def test_a_graph_that_could_not_be_resumed_is_refused(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, graph=build_retention_graph(street).compile())

    with pytest.raises(ConfigError, match="no checkpointer"):
        monitor.scan(limit=1)


def test_a_compiled_graph_with_a_checkpointer_is_used_as_it_is(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    store, saver = MemoryLedger(), InMemorySaver()
    graph = build_retention_graph(street, ledger=store).compile(checkpointer=saver)
    monitor = monitor_of(street, graph=graph, store=store)

    _, review_id = the_case(monitor)

    assert monitor.graph is graph
    assert monitor.resolve(review_id, "approve").status is Status.CLOSED


def test_a_monitor_ends_its_thread_and_may_start_another(street: CustomerBase) -> None:
    with Monitor(street) as monitor:
        monitor.scan(limit=1)
        assert list(procx_threads())
    assert not list(procx_threads())

    assert monitor.scan(limit=1).counts.processed == 1
    monitor.close()
    monitor.close()
    assert not list(procx_threads())


def test_a_forgotten_monitor_ends_its_thread(street: CustomerBase) -> None:
    Monitor(street).scan(limit=1)
    gc.collect()

    assert not list(procx_threads())


def procx_threads() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name == "procx")


def test_a_monitor_must_be_allowed_at_least_one_run(street: CustomerBase) -> None:
    with pytest.raises(ConfigError, match="concurrency"):
        Monitor(street, concurrency=0)


def test_at_risk_is_the_head_of_the_queue(monitor: Monitor) -> None:
    head = monitor.at_risk(2, segments=["Regular"])

    assert head["customer_id"].to_list() == ["ana", "ben"]
    assert head["rank"].to_list() == [1, 2]


@pytest.mark.parametrize("wrong", [{"min_risk": 2.0}, {"limit": 0}])
def test_at_risk_answers_a_wrong_floor_with_our_error(
    monitor: Monitor, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError):
        monitor.at_risk(**wrong)


# What leaves the house


def test_no_address_of_anybody_is_in_the_json(shop: Shop, monitor_of: MakeMonitor) -> None:
    summary = "called +44 7946 000000, wrote to ana@example.com"
    base = shop(
        ana={},
        ben={},
        support_tickets=rated("ana", 1, 2, final_message_summary=summary)
        + rated("ben", 1, 2, final_message_summary=summary),
    )

    told = monitor_of(base).scan(limit=None).to_json()

    assert "@example.com" not in told
    assert "7946" not in told


def test_no_address_of_the_sample_is_in_its_json(
    sample_base: CustomerBase, monitor_of: MakeMonitor
) -> None:
    people = sample_base.table("customers").collect()
    phones = {str(phone).lstrip("+") for phone in people["phone"].drop_nulls()}

    told = monitor_of(sample_base).scan(limit=None, dry_run=True).to_json()

    assert phones
    assert not phones & set(re.findall(r"\d{7,}", told))
    assert "@" not in told
