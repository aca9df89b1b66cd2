"""What a real scan tells a real Langfuse client, read on the wire."""

import asyncio
import itertools
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import START
from opentelemetry import trace as otel

from procx_graph import CustomerBase, Monitor, build_retention_graph
from procx_graph.graphs.retention.state import RetentionState
from procx_graph.outreach.checks.codes import CHECKS
from procx_graph.report import ScanReport, Status
from procx_graph.store import MemoryLedger
from procx_graph.tracing import Kind, tracer_from
from procx_graph.tracing.address import Address
from procx_graph.tracing.breaker import COOL_DOWN
from procx_graph.tracing.connection import Connection, Options
from procx_graph.tracing.langfuse_tracer import LangfuseTracer
from tests.conftest import MakeMonitor, Shop, rated
from tests.langfuse_server import (
    ERROR,
    SECRET,
    LangfuseServer,
    Received,
    Span,
    langfuse_server,
)
from tests.traced import arrived, settings_for, traced
from tests.unit.builders import a_policy

NAMES = [f"c{number:02}" for number in range(50)]
WAITING, BROKEN = NAMES[:10], NAMES[10:16]
SECRETS = ("Quillon", "Farthing", "@example", "@mail", "7946", "98765", "4111", "bubbling")
"""What stands in the tables and in messages of errors, and must not leave."""
WORDS = (
    "I am Quillon Farthing, call +44 7946 000 000 or 98765 43210, q.farthing@mail.test, "
    "card 4111 1111 1111 1111"
)

Traced = tuple[LangfuseTracer, LangfuseServer]


@pytest.fixture
def langfuse() -> Iterator[Traced]:
    with traced() as both:
        yield both


@pytest.fixture(scope="module")
def town(shop: Shop) -> CustomerBase:
    """Fifty customers called Quillon; ten of them are so unhappy that a person must look."""
    people = {name: {"first_name": "Quillon", "last_name": "Farthing"} for name in NAMES}
    tickets = [
        row for name in WAITING for row in rated(name, 1, 2, initial_message=WORDS, subject=WORDS)
    ]
    return shop(**people, support_tickets=tickets)


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Ana is content, Cem needs a person."""
    people = {"ana": {}, "cem": {"first_name": "Quillon"}}
    return shop(**people, support_tickets=rated("cem", 1, 2, initial_message=WORDS))


def fragile(base: CustomerBase, ledger: MemoryLedger) -> Any:
    """Give the retention graph with a node that breaks for some customers, and quotes them."""

    async def turnstile(state: RetentionState) -> dict[str, Any]:
        await asyncio.sleep(0.001)
        if state["customer_id"] in BROKEN:
            raise RuntimeError(f"bubbling over {WORDS}")
        return {}

    graph = build_retention_graph(base, ledger=ledger)
    graph.add_node("turnstile", turnstile)
    graph.add_edge(START, "turnstile")
    return graph


def by_trace(spans: list[Span]) -> dict[str, list[Span]]:
    found = defaultdict(list)
    for span in spans:
        found[span.trace_id].append(span)
    return dict(found)


def reviews_of(report: ScanReport) -> list[str]:
    return [str(result.review.review_id) for result in report.waiting if result.review]


def talkative() -> GenericFakeChatModel:
    """Give a chat model that says a name and counts its tokens."""
    usage = {"input_tokens": 100, "output_tokens": 40, "total_tokens": 140}
    said = AIMessage(f"Dear Quillon, {WORDS}", usage_metadata=usage)
    return GenericFakeChatModel(messages=itertools.repeat(said))


def test_a_draft_that_waits_under_the_policy_is_told_as_waiting(
    langfuse: Traced, street: CustomerBase
) -> None:
    tracer, server = langfuse
    with Monitor(street, policy=a_policy(approval="all"), tracer=tracer) as monitor:
        monitor.scan(limit=None, scan_id="s")

    runs = arrived(tracer, server).named("procx.customer")
    told = [run.attributes["langfuse.trace.tags"] for run in runs]
    tags = [tag for one in told for tag in one if tag.startswith("status:")]
    assert tags == ["status:escalated"] * 2


# Fifty at once


@pytest.fixture(scope="module")
def evening(town: CustomerBase) -> Iterator[tuple[Received, ScanReport]]:
    """What is told of fifty customers at once, six of whom break, and of answers to half of ten."""
    ledger = MemoryLedger()
    with traced() as (tracer, server):
        graph = fragile(town, ledger)
        with Monitor(town, graph=graph, store=ledger, tracer=tracer, concurrency=50) as monitor:
            report = monitor.scan(limit=None, scan_id="s")

            async def answer() -> None:
                waiting = reviews_of(report)[:5]
                await asyncio.gather(*(monitor.aresolve(one, "approve") for one in waiting))

            asyncio.run(answer())
        yield arrived(tracer, server), report


def test_everybody_is_told_and_nobody_else(evening: tuple[Received, ScanReport]) -> None:
    received, report = evening

    assert (report.counts.escalated, report.counts.failed) == (10, 6)
    assert len(by_trace(received.spans)) == len(NAMES) + 1
    assert len(received.named("procx.customer")) == len(NAMES)


def test_every_span_has_its_own_user_session_and_trace(
    evening: tuple[Received, ScanReport],
) -> None:
    received, _ = evening
    users = {span.trace_id: span.attributes["user.id"] for span in received.named("procx.customer")}
    theirs = [span for span in received.spans if span.name != "procx.scan"]

    assert sorted(users.values()) == NAMES
    assert len(theirs) > 300
    for span in theirs:
        assert span.attributes.get("user.id") == users[span.trace_id], span
        assert span.attributes.get("session.id") == "s", span
        assert span.attributes.get("langfuse.trace.name") == "procx.customer", span


def test_every_span_but_the_root_hangs_on_one_of_its_trace(
    evening: tuple[Received, ScanReport],
) -> None:
    received, _ = evening
    roots = {"procx.customer", "procx.resume", "procx.scan"}

    for spans in by_trace(received.spans).values():
        known = {span.span_id for span in spans}
        for span in spans:
            assert span.name in roots or span.parent_id in known, span


def test_the_scan_is_a_trace_of_its_own_in_the_session_without_a_user(
    evening: tuple[Received, ScanReport],
) -> None:
    received, report = evening
    [scan] = received.named("procx.scan")

    assert "user.id" not in scan.attributes
    assert scan.attributes["session.id"] == "s"
    assert scan.told("output")["counts"]["processed"] == report.counts.processed == 50
    [rate] = received.score("scan_at_risk_rate")
    assert (rate["sessionId"], 0 <= rate["value"] <= 1) == ("s", True)


def test_an_answer_goes_on_in_the_trace_of_its_run(evening: tuple[Received, ScanReport]) -> None:
    received, _ = evening
    runs = {span.attributes["user.id"]: span.trace_id for span in received.named("procx.customer")}
    resumes = received.named("procx.resume")

    assert len(resumes) == 5
    for span in resumes:
        assert span.trace_id == runs[span.attributes["user.id"]]
        names = {one.name for one in received.spans if one.parent_id == span.span_id}
        assert names == {"procx"}


def test_what_broke_is_told_by_its_name_and_a_pause_is_no_error(
    evening: tuple[Received, ScanReport],
) -> None:
    received, _ = evening
    wrong = {span.attributes["user.id"] for span in received.spans if span.status == ERROR}
    pauses = [
        span for span in received.named("escalation") if span.told("status_message") == "waits"
    ]

    assert wrong == set(BROKEN)
    assert {span.description for span in received.named("turnstile") if span.status == ERROR} == {
        "RuntimeError"
    }
    assert len(pauses) == 10
    assert {span.told("level") for span in pauses} == {"DEFAULT"}
    assert not any(span.events for span in received.spans)


def test_nothing_of_a_person_is_on_the_wire(evening: tuple[Received, ScanReport]) -> None:
    received, _ = evening

    assert [secret for secret in SECRETS if secret in received.wire] == []


def test_every_run_has_its_scores(evening: tuple[Received, ScanReport]) -> None:
    received, report = evening
    done = {r.run_id: r for r in report.results if r.status is not Status.FAILED}

    for name in ("churn_risk", "health", "decision", "escalated", "check_promises"):
        scores = received.score(name)
        assert len(scores) == len(done)
        assert {score["id"] for score in scores} == {f"{run_id}:{name}" for run_id in done}
    assert {s["dataType"] for s in received.score("decision")} == {"CATEGORICAL"}
    assert sum(s["value"] for s in received.score("escalated")) == 10
    assert {s["name"] for s in received.scores} >= {f"check_{check}" for check in CHECKS}
    assert {s["value"] for s in received.score("human_decision")} == {"approved"}
    assert {s["value"] for s in received.score("human_edit_distance")} == {0.0}


def test_scores_are_in_the_trace_of_their_run(evening: tuple[Received, ScanReport]) -> None:
    received, _ = evening
    runs = {span.trace_id: span.attributes["user.id"] for span in received.named("procx.customer")}

    for score in received.scores:
        if "traceId" in score:
            assert score["id"] == f"s:{runs[score['traceId']]}:{score['name']}"


# One customer


def test_a_run_tells_its_steps_in_codes(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, tracer=langfuse[0])

    monitor.scan(limit=1, scan_id="s")

    received = arrived(*langfuse)
    names = {span.name for span in received.spans}
    assert names >= {"procx.customer", "procx", "context", "pattern", "decision", "empathy"}
    [root] = received.named("procx.customer")
    assert root.type == "agent"
    assert root.told("output")["decision"]["action"]
    assert root.told("input")["score"]["health"] > 0
    assert {"segment:Regular", "language:en", "status:drafted"} <= set(
        root.attributes["langfuse.trace.tags"]
    )
    [decision] = received.named("decision")
    assert decision.told("output")["decision"]["priority"]


def test_a_models_call_is_a_generation_with_its_tokens_and_prompt(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    models = {"empathy": talkative()}

    monitor_of(street, tracer=langfuse[0], models=models).scan(limit=1, scan_id="s")

    received = arrived(*langfuse)
    generations = [span for span in received.spans if span.type == "generation"]
    assert generations
    for span in generations:
        assert span.name == "retention/empathy"
        assert span.told("usage_details")["input"] == 100
        assert span.told("metadata.prompt_name") == "retention/empathy"
        assert len(span.told("metadata.prompt_digest")) == 12
        assert span.told("prompt.name") is None, "a file's version is none of Langfuse's"
    assert [secret for secret in SECRETS if secret in received.wire] == []


def test_texts_are_told_to_those_who_chose_so_without_addresses_and_numbers(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with traced(langfuse_content=True) as langfuse:
        models = {"empathy": talkative()}

        monitor_of(street, tracer=langfuse[0], models=models).scan(limit=None, scan_id="s")

        wire = arrived(*langfuse).wire
    assert "Dear Quillon" in wire
    assert [secret for secret in SECRETS[2:] if secret in wire] == []


def test_a_customer_may_have_a_pseudonym_everywhere(
    street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with traced(langfuse_user_secret="hush") as langfuse:
        monitor = monitor_of(street, tracer=langfuse[0])
        report = monitor.scan(limit=None, scan_id="s")
        monitor.resolve(reviews_of(report)[0], "approve")

        received = arrived(*langfuse)
    assert len(by_trace(received.spans)) == 3
    assert not any(name in received.wire for name in ("s:ana", "s:cem", '"ana"', '"cem"'))
    assert not {s.attributes.get("user.id") for s in received.spans} & {"ana", "cem"}


def test_an_address_for_an_id_is_never_told(
    langfuse: Traced, shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(**{"ana@example.com": {}, "ben@example.com": {}})

    monitor_of(base, tracer=langfuse[0]).scan(limit=None, scan_id="s")

    received = arrived(*langfuse)
    assert "@example" not in received.wire
    assert len({span.attributes["user.id"] for span in received.named("procx.customer")}) == 2


def test_an_edit_tells_how_much_was_changed(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, tracer=langfuse[0])
    report = monitor.scan(limit=None, scan_id="s")
    [waiting] = report.waiting
    assert waiting.message is not None
    text = waiting.message.body.replace("Quillon", "{first_name}")

    monitor.resolve(reviews_of(report)[0], {"verdict": "edit", "body": f"{text}\n\nTake care."})

    received = arrived(*langfuse)
    [decision], [distance] = received.score("human_decision"), received.score("human_edit_distance")
    assert decision["value"] == "edited"
    assert 0 < distance["value"] < 0.5
    assert "Take care" not in received.wire


def test_a_no_is_told_too(langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor) -> None:
    monitor = monitor_of(street, tracer=langfuse[0])
    report = monitor.scan(limit=None, scan_id="s")

    monitor.resolve(reviews_of(report)[0], {"verdict": "reject", "note": "Quillon is furious"})

    received = arrived(*langfuse)
    assert [s["value"] for s in received.score("human_decision")] == ["rejected"]
    assert received.score("human_edit_distance") == []
    assert "furious" not in received.wire


# What repeats, what is left out


def test_the_same_scan_again_gives_the_same_scores_again(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    for _ in range(2):
        monitor_of(street, tracer=langfuse[0]).scan(limit=None, scan_id="s")

    scores = arrived(*langfuse).scores
    told = defaultdict(list)
    for score in scores:
        told[score["id"]].append(score)
    assert all(len(twice) == 2 and twice[0] == twice[1] for twice in told.values())


def test_a_dry_run_has_a_trace_apart(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, tracer=langfuse[0])

    monitor.scan(limit=1, scan_id="s", dry_run=True)
    monitor.scan(limit=1, scan_id="s")

    roots = arrived(*langfuse).named("procx.customer")
    assert len({span.trace_id for span in roots}) == 2


def test_whom_the_gate_refuses_is_counted_and_not_traced(
    langfuse: Traced, shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(ana={}, ben={"opt_in_marketing": False})

    monitor_of(base, tracer=langfuse[0]).scan(limit=None, scan_id="s")

    received = arrived(*langfuse)
    assert {span.attributes.get("user.id") for span in received.spans} == {"ana", None}
    assert received.named("procx.scan")[0].told("output")["counts"]["skipped"] == 1


def test_a_sample_has_whole_runs_with_their_answers_and_scores(
    town: CustomerBase, monitor_of: MakeMonitor
) -> None:
    with traced(LANGFUSE_SAMPLE_RATE="0.5") as langfuse:
        monitor = monitor_of(town, tracer=langfuse[0])
        report = monitor.scan(limit=None, scan_id="s")
        for review in reviews_of(report):
            monitor.resolve(review, "approve")

        received = arrived(*langfuse)
    runs = {span.trace_id for span in received.named("procx.customer")}
    assert 10 < len(runs) < 40
    assert {span.trace_id for span in received.spans if span.name != "procx.scan"} == runs
    assert {score["traceId"] for score in received.score("health")} == runs
    assert 0 < len(received.named("procx.resume")) < 10
    assert len(received.named("procx.resume")) == len(received.score("human_decision"))
    assert len(received.named("procx.scan")) == 1


def test_a_scan_that_is_stopped_tells_how_far_it_came(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    running = monitor_of(street, tracer=langfuse[0], concurrency=1).begin(None, scan_id="s")
    for _ in running:
        running.stop()

    [scan] = arrived(*langfuse).named("procx.scan")
    assert scan.told("status_message") == "stopped"
    assert scan.status != ERROR or scan.told("level") == "WARNING"


# Others in the same process


def test_nothing_is_left_current_after_a_run(langfuse: Traced, street: CustomerBase) -> None:
    tracer, _ = langfuse

    async def one_after_the_other() -> list[bool]:
        seen = []
        for name in ("ana", "cem"):
            with tracer.run(f"s:{name}", scan_id="s", customer_id=name) as run:
                graph = build_retention_graph(street).compile()
                await graph.ainvoke({"customer_id": name}, {"callbacks": run.callbacks})
            seen.append(otel.get_current_span().get_span_context().is_valid)
        return seen

    assert asyncio.run(one_after_the_other()) == [False, False]
    users = {span.attributes["user.id"]: span.trace_id for span in arrived(*langfuse).spans}
    assert len(set(users.values())) == 2


def test_the_hosts_own_span_keeps_its_attributes_and_provider(
    langfuse: Traced, street: CustomerBase, monitor_of: MakeMonitor
) -> None:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

    provider = otel.get_tracer_provider()
    host = TracerProvider(shutdown_on_exit=False)
    with host.get_tracer("host").start_as_current_span("theirs") as theirs:
        monitor_of(street, tracer=langfuse[0]).scan(limit=1, scan_id="s")

    assert isinstance(theirs, ReadableSpan)
    assert not theirs.attributes
    assert otel.get_tracer_provider() is provider
    assert "theirs" not in {span.name for span in arrived(*langfuse).spans}


def test_a_key_that_somebody_else_uses_is_refused_and_nothing_is_sent(
    street: CustomerBase, monitor_of: MakeMonitor, caplog: pytest.LogCaptureFixture
) -> None:
    from langfuse import Langfuse
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    with traced() as (tracer, server):
        seen, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
        host = Langfuse(
            public_key=server.public_key, secret_key="theirs", base_url=server.url,
            span_exporter=seen, tracer_provider=provider,
        )  # fmt: skip
        with caplog.at_level(logging.WARNING):
            report = monitor_of(street, tracer=tracer).scan(limit=None, scan_id="s")
        host.flush()

        assert report.counts.failed == 0
        assert len([r for r in caplog.records if r.name.startswith("procx_graph")]) == 1
        assert not seen.get_finished_spans()
        assert not server.received.asked
        assert "LANGFUSE_PUBLIC_KEY" in str(tracer.status().problem)
        host.shutdown()
        provider.shutdown()


def test_two_tracers_of_one_key_share_a_client(langfuse: Traced) -> None:
    tracer, server = langfuse
    other = tracer_from(settings_for(server))

    tracer.score("s:ana", "health", 1.0, Kind.NUMERIC)
    other.score("s:ben", "health", 2.0, Kind.NUMERIC)

    assert len(arrived(tracer, server).scores) == 2
    assert other.status().enabled


# The service


def test_the_check_names_the_project_or_what_is_wrong(langfuse: Traced) -> None:
    tracer, server = langfuse

    good = tracer.check()
    server.fails = 401
    bad = tracer.check()

    assert (good.ok, good.detail) == (True, "Shop")
    assert not bad.ok
    assert "refuses the keys" in bad.detail


def test_what_cannot_be_sent_is_counted_and_told_once(
    street: CustomerBase, monitor_of: MakeMonitor, caplog: pytest.LogCaptureFixture
) -> None:
    with traced() as (tracer, server):
        server.fails = 500
        monitor = monitor_of(street, tracer=tracer)
        with caplog.at_level(logging.WARNING):
            for number in range(3):
                monitor.scan(limit=None, scan_id=f"s{number}")
                assert tracer.flush(20)

        status = tracer.status()
        assert len(caplog.records) == 1
        assert (status.breaker, status.dropped_spans > 20) == ("open", True)
        assert status.dropped_scores > 20
        assert "status 500" in str(status.problem)
        assert len(server.received.asked) <= 2


def test_after_an_outage_runs_are_told_again(caplog: pytest.LogCaptureFixture) -> None:
    seconds = 100.0
    with langfuse_server(public_key=f"pk-{uuid4().hex}") as server:
        server.fails = 503
        address = Address(server.url, server.public_key, SECRET)
        connection = Connection(Options(address), monotonic=lambda: seconds)
        client = connection.client
        with caplog.at_level(logging.WARNING):
            client.start_observation(name="lost").end()
            connection.flush(20)
            server.fails = None
            client.start_observation(name="lost too").end()
            connection.flush(20)
            seconds += COOL_DOWN
            client.start_observation(name="told").end()
            connection.flush(20)

        assert {span.name for span in server.received.spans} == {"told"}
        assert (connection.breaker.is_open, connection.breaker.dropped_spans) == (False, 2)
        assert len(caplog.records) == 1
        connection.end(10)


def test_an_experiment_goes_through_the_same_client(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from langfuse import Evaluation

    async def task(*, item: Any, **_: Any) -> dict[str, str]:
        return {"decision": "thank"}

    def agrees(*, output: Any, expected_output: Any, **_: Any) -> Evaluation:
        return Evaluation(name="agrees", value=float(output == expected_output))

    with traced(langfuse_content=True) as (tracer, server):
        client = tracer.client
        client.create_dataset(name="situations")
        for number, word in enumerate(("thank", "check_in")):
            client.create_dataset_item(
                dataset_name="situations", id=f"i{number}", input={"number": number},
                expected_output={"decision": word},
            )  # fmt: skip
        with caplog.at_level(logging.WARNING):
            client.get_dataset("situations").run_experiment(
                name="rules", task=task, evaluators=[agrees]
            )

        received = arrived(tracer, server)
    assert caplog.text == ""
    assert sorted(score["value"] for score in received.score("agrees")) == [0.0, 1.0]
    assert {span.attributes["langfuse.experiment.item.id"] for span in received.spans} == {
        "i0",
        "i1",
    }
