"""The retention graph alone: from a customer id to a message, or to a person and back."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde import _msgpack
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import ValidationError

from procx_graph import CustomerBase, Policy, RunOptions, build_retention_graph
from procx_graph.domain.decision import Action, Decision
from procx_graph.domain.message import Language, Message, Purpose
from procx_graph.domain.review import HandoffPacket, Review, Verdict
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.errors import DataError, UnknownCustomer
from procx_graph.graphs.retention.state import update
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.scoring.engine import score
from procx_graph.store import MemoryLedger
from tests.conftest import NOON, Shop, rated, written_in
from tests.unit.builders import a_policy

Compiled = CompiledStateGraph[Any, Any, Any, Any]
LANGUAGES = pytest.mark.parametrize("language", list(Language))


def compiled(base: CustomerBase, **parts: Any) -> Compiled:
    return build_retention_graph(base, **parts).compile(checkpointer=InMemorySaver())


def thread(name: str = "t") -> Any:
    return {"configurable": {"thread_id": name}}


@pytest.fixture(scope="module")
def town(shop: Shop) -> CustomerBase:
    """Five who are content, one a language; five who are not; one with a foreign language."""
    people: dict[str, Any] = {f"calm-{language}": {"language": language} for language in Language}
    people |= {f"upset-{language}": {"language": language} for language in Language}
    people["far"] = {"language": "mr"}
    tickets = [row for language in Language for row in rated(f"upset-{language}", 1, 2)]
    return shop(**people, support_tickets=tickets)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def graph(town: CustomerBase, ledger: MemoryLedger) -> Compiled:
    return compiled(town, ledger=ledger)


async def escalated(graph: Compiled, customer_id: str = "upset-en") -> HandoffPacket:
    """Run a customer into the interrupt, and give the packet that waits."""
    run = await graph.ainvoke({"customer_id": customer_id}, thread(), version="v2")
    return HandoffPacket.model_validate(run.interrupts[0].value["packet"])


async def answered(graph: Compiled, answer: Any) -> dict[str, Any]:
    final: dict[str, Any] = (
        await graph.ainvoke(Command(resume=answer), thread(), version="v2")
    ).value
    return final


async def test_the_nodes_keep_their_names(graph: Compiled) -> None:
    # Threads that wait name the node they wait in: a new name would lose them.
    assert list(graph.nodes) == [
        "__start__", "context", "pattern", "decision", "empathy", "escalation",
    ]  # fmt: skip


@LANGUAGES
async def test_a_content_customer_is_written_to_in_their_language(
    graph: Compiled, language: Language
) -> None:
    state = await graph.ainvoke({"customer_id": f"calm-{language}"}, thread())

    message = Message.model_validate(state["message"])
    assert message.language is language
    assert written_in(language, message.body)
    assert not message.findings
    assert "review" not in state


async def test_a_festival_near_the_moment_of_the_run_is_greeted_when_the_policy_wants_it(
    shop: Shop,
) -> None:
    base = shop(calm={"language": "en", "country": "India", "region": "Delhi"})
    eve = RunOptions(now=datetime(2025, 10, 19, 12, tzinfo=UTC))  # of Diwali

    async def written(policy: Policy) -> str:
        graph = compiled(base, policy=policy)
        state = await graph.ainvoke({"customer_id": "calm"}, thread(), context=eve)
        return Message.model_validate(state["message"]).body

    assert "We wish you a happy and bright Diwali." in await written(
        a_policy(festivals={"enabled": True})
    )
    assert "Diwali" not in await written(a_policy())


@LANGUAGES
async def test_a_disappointed_customer_waits_for_a_person_with_a_draft_in_their_language(
    graph: Compiled, language: Language
) -> None:
    packet = await escalated(graph, f"upset-{language}")

    assert packet.draft is not None
    assert written_in(language, packet.draft.body)
    assert not packet.draft.findings
    assert (packet.gloss is None) is (language is Language.ENGLISH)
    assert [reason.code.value for reason in packet.reasons] == ["low_csat"]
    assert packet.team == "Logistics Team"
    assert packet.sla_due == NOON + timedelta(hours=18)


async def test_the_interrupt_speaks_every_dialect_that_interfaces_read(graph: Compiled) -> None:
    run = await graph.ainvoke({"customer_id": "upset-hi"}, thread(), version="v2")
    (waiting,) = run.interrupts

    assert set(waiting.value) == {
        "action_requests", "review_configs", "action_request", "config", "description", "packet",
    }  # fmt: skip
    (request,), (config,) = waiting.value["action_requests"], waiting.value["review_configs"]
    assert request["args"] == request["arguments"] == waiting.value["action_request"]["args"]
    assert request["name"] == config["action_name"] == waiting.value["action_request"]["action"]
    assert set(config["allowed_decisions"]) == {"approve", "edit", "reject", "respond"}
    assert set(waiting.value["config"]) == {
        "allow_accept", "allow_edit", "allow_respond", "allow_ignore",
    }  # fmt: skip
    assert "low_csat" in waiting.value["description"]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("approve", Verdict.APPROVE),
        (True, Verdict.APPROVE),
        ([{"type": "accept", "args": None}], Verdict.APPROVE),
        ({"decisions": [{"type": "approve"}]}, Verdict.APPROVE),
    ],
)
async def test_approval_in_any_dialect_sends_the_draft_on_unchanged(
    graph: Compiled, answer: Any, verdict: Verdict
) -> None:
    packet = await escalated(graph)
    state = await answered(graph, answer)

    assert state["review"]["verdict"] == verdict
    assert packet.draft is not None
    assert state["message"] == packet.draft.model_dump(mode="json")


async def test_an_edit_becomes_the_message_and_is_checked(graph: Compiled) -> None:
    await escalated(graph)
    state = await answered(
        graph, {"verdict": "edit", "body": "Dear {first_name}, the churn score says you leave."}
    )

    message = Message.model_validate(state["message"])
    assert message.body.endswith("the churn score says you leave.")
    assert {finding.code for finding in message.findings} == {"internal_word"}
    assert message.blocked


async def test_guidance_writes_the_draft_again(graph: Compiled) -> None:
    await escalated(graph)
    state = await answered(graph, "make it an sms in Tamil")

    assert state["review"]["verdict"] == "respond"
    message = Message.model_validate(state["message"])
    assert (message.language, message.channel.value, message.subject) == ("ta", "sms", None)
    assert written_in(Language.TAMIL, message.body)


@pytest.mark.parametrize("answer", ["reject", "dismiss", False, [{"type": "ignore", "args": None}]])
async def test_a_no_ends_the_run_without_a_message(graph: Compiled, answer: Any) -> None:
    await escalated(graph)
    state = await answered(graph, answer)

    assert state.get("message") is None
    assert state["review"]["verdict"] in {"reject", "dismiss"}
    assert (await graph.aget_state(thread())).next == ()


@pytest.mark.parametrize("answer", [42, {"verdict": "edit"}, {"type": "shrug"}, [], ["yes", "no"]])
async def test_a_bad_answer_leaves_the_case_pending(graph: Compiled, answer: Any) -> None:
    await escalated(graph)

    with pytest.raises(ValidationError):
        await answered(graph, answer)

    assert (await graph.aget_state(thread())).next == ("escalation",)
    assert (await answered(graph, "approve"))["message"] is not None


async def test_the_ledger_learns_of_the_answer_and_of_nothing_before_it(
    graph: Compiled, ledger: MemoryLedger
) -> None:
    packet = await escalated(graph)
    assert not ledger.waiting()

    await answered(graph, "reject")

    answer = ledger.case(packet.packet_id).answer
    assert answer == Review(verdict=Verdict.REJECT)


def test_checkpoints_are_read_strictly_in_these_tests() -> None:
    assert _msgpack.STRICT_MSGPACK_ENABLED


async def test_a_customer_id_is_all_that_a_run_needs(graph: Compiled, town: CustomerBase) -> None:
    alone = await graph.ainvoke({"customer_id": "calm-en"}, thread())

    own = score(town).score("calm-en").model_dump(mode="json")
    assert alone["score"] == own
    assert alone["run_id"] == "studio:t:calm-en"
    assert alone["now"] == town.as_of.isoformat()


@pytest.mark.parametrize("given", [{"customer_id": "nobody"}, {"customer_id": ""}, {"event": None}])
async def test_an_unknown_customer_is_refused(graph: Compiled, given: dict[str, Any]) -> None:
    with pytest.raises(UnknownCustomer):
        await graph.ainvoke(given, thread())


async def test_a_dry_run_pauses_for_nobody_and_opens_no_case(
    graph: Compiled, ledger: MemoryLedger
) -> None:
    run = await graph.ainvoke(
        {"customer_id": "upset-ta"}, thread(), context=RunOptions(dry_run=True), version="v2"
    )

    assert not run.interrupts
    assert run.value["message"] is None
    assert HandoffPacket.model_validate(run.value["packet"]).draft is not None
    assert not ledger.waiting()
    assert not ledger.has_open_case("upset-ta")


async def test_a_run_keeps_its_options_when_it_is_resumed(graph: Compiled) -> None:
    context = RunOptions(language="bn", run_id="scan:upset-en")
    await graph.ainvoke({"customer_id": "upset-en"}, thread(), context=context)

    state = await answered(graph, "approve")

    assert state["message"]["language"] == "bn"
    assert state["run_id"] == "scan:upset-en"


async def test_an_event_is_what_the_run_is_about(graph: Compiled) -> None:
    event = {"kind": "payment_failed", "description": "card expired, call +91 98765 43210"}
    state = await graph.ainvoke({"customer_id": "calm-en", "event": event}, thread())

    situation = Situation.model_validate(state["situation"])
    assert situation.kind is SituationKind.PAYMENT_FAILED
    assert situation.from_event
    assert "98765" not in str(state["situation"])
    assert state["message"]["purpose"] == Purpose.TRANSACTIONAL


async def test_an_unheard_of_event_is_refused(graph: Compiled) -> None:
    with pytest.raises(DataError, match=r"event\.kind"):
        await graph.ainvoke({"customer_id": "calm-en", "event": {"kind": "moved"}}, thread())


async def test_a_language_without_templates_goes_to_a_person(graph: Compiled) -> None:
    packet = await escalated(graph, "far")

    assert packet.draft is None
    assert packet.gloss is not None
    assert [reason.code.value for reason in packet.reasons] == ["unsupported_language"]
    assert "'mr'" in packet.open_questions[-1]


def test_the_state_refuses_a_key_it_does_not_know() -> None:
    with pytest.raises(KeyError, match="mood"):
        update(mood="sunny")


@pytest.mark.parametrize("status", ["escalated", "Escalated", " ESCALATED "])
async def test_nobody_writes_over_the_head_of_a_person_who_has_the_case(
    shop: Shop, status: str
) -> None:
    ticket = rated("gus", 4)[0] | {"status": status}
    graph = compiled(shop(gus={}, hal={}, support_tickets=[ticket]))

    state = await graph.ainvoke({"customer_id": "gus"}, thread())

    decision = Decision.model_validate(state["decision"])
    assert (decision.action, decision.refused) == (Action.NO_CONTACT, "open_case")
    assert state["message"] is None


async def test_names_and_addresses_stay_out_of_the_state(town: CustomerBase) -> None:
    graph = compiled(town)
    for customer_id in town.customer_ids:
        state = await graph.ainvoke({"customer_id": customer_id}, thread(customer_id))
        told = str(state)

        assert "@example.com" not in told
        assert "+4479" not in told
        assert town.customer(customer_id).first_name not in set(words(state))


def words(value: Any) -> Iterator[str]:
    """Give every word of every text in a value."""
    if isinstance(value, dict):
        for part in value.values():
            yield from words(part)
    elif isinstance(value, list):
        for part in value:
            yield from words(part)
    elif isinstance(value, str):
        yield from value.replace(",", " ").split()


@pytest.fixture(scope="module")
def everybody(sample_base: CustomerBase) -> dict[str, Any]:
    """The final state of every customer of the sample, each run through the graph directly."""
    graph = build_retention_graph(sample_base).compile()
    dry = RunOptions(dry_run=True)
    scores = {
        name: own.model_dump(mode="json") for name, own in score(sample_base).scores().items()
    }
    sample_base.records(scores)

    async def run() -> dict[str, Any]:
        return {
            name: await graph.ainvoke({"customer_id": name, "score": own}, context=dry)
            for name, own in scores.items()
        }

    return asyncio.run(run())


def texts(state: dict[str, Any]) -> list[Message]:
    """Give the message of a run, and the draft of its packet."""
    packet = state.get("packet") or {}
    found = [state.get("message"), packet.get("draft")]
    return [Message.model_validate(message) for message in found if message]


def test_no_marketing_reaches_who_did_not_agree_or_is_not_ours_to_write_to(
    everybody: dict[str, Any], sample_base: CustomerBase
) -> None:
    written = 0
    for name, state in everybody.items():
        for message in texts(state):
            written += 1
            record = sample_base.record(name)
            statuses = {str(row["status"]).lower() for row in record.support_tickets or ()}
            assert "escalated" not in statuses
            assert state["score"]["state"] != "churned"
            if message.purpose is Purpose.MARKETING:
                assert record.customer.opt_in_marketing is True
                assert state["score"]["state"] in {"active", "new"}
            else:
                assert SituationKind(state["situation"]["kind"]).adverse
                assert state["decision"]["offer"] is None
    assert written > 500


def test_every_text_is_in_the_customers_language_and_passes_the_checks(
    everybody: dict[str, Any], sample_base: CustomerBase
) -> None:
    for name, state in everybody.items():
        decision = Decision.model_validate(state["decision"])
        situation = Situation.model_validate(state["situation"])
        customer = sample_base.customer(name)
        offer = decision.offer and decision.offer.model_copy(update={"approved": True})
        facts = MessageFacts.of(situation, offer, currency=customer.currency)
        for message in texts(state):
            assert message.language == customer.language, name
            assert written_in(message.language, message.body), name
            assert not check_message(message, facts), name
