"""Ways to a message for somebody who must not get one, each tried and closed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from procx_graph import CustomerBase, Monitor, RunOptions, build_retention_graph
from procx_graph.domain.clock import FixedClock
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.review import HandoffPacket
from procx_graph.domain.risk import Score
from procx_graph.errors import ConfigError, DataError, ReviewError
from procx_graph.graphs.retention.escalation import describe
from procx_graph.outreach.policies import load_policy
from procx_graph.report import CustomerResult, Status
from procx_graph.scoring.engine import score
from procx_graph.store import MemoryLedger
from procx_graph.testing import ScriptedModel
from tests.conftest import MakeMonitor, Shop, rated
from tests.unit.builders import a_policy

ANGRY = {"kind": "complaint", "description": "This is the third time!"}


@pytest.fixture
def sample(sample_base: CustomerBase) -> CustomerBase:
    return sample_base


def people(base: CustomerBase, state: str, *, consent: bool | None = True) -> list[str]:
    """Customers of the sample in a state, by consent, without an escalated ticket."""
    frame = score(base).frame
    ids = frame.filter(state=state)["customer_id"].to_list()
    found = []
    for name, record in base.records(ids[:400]).items():
        tickets = record.support_tickets or ()
        busy = any(ticket["status"] == "escalated" for ticket in tickets)
        if record.customer.opt_in_marketing is consent and not busy:
            found.append(name)
    return found


def only(monitor: Monitor, customer_id: str, **options: Any) -> CustomerResult:
    running = monitor.process(customer_id, **options)
    for _ in running:
        pass
    return running.report().results[0]


def waiting(monitor: Monitor) -> CustomerResult:
    return monitor.scan(limit=12, scan_id="safe").waiting[0]


@pytest.mark.parametrize(
    "guidance",
    [
        "Do not send her an email, she is on holiday",
        "Please stop, wrong customer, sorry",
        "don't contact by sms or email",
    ],
)
async def test_a_reviewers_no_never_becomes_a_message(sample: CustomerBase, guidance: str) -> None:
    with Monitor(sample) as monitor:
        case = waiting(monitor)
        assert case.review is not None
        with pytest.raises(ReviewError, match="without a model"):
            monitor.resolve(str(case.review.review_id), guidance)
        assert monitor.store.case(str(case.review.review_id)).open

    ledger = MemoryLedger()
    graph = build_retention_graph(sample, ledger=ledger).compile(checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "t"}}
    await graph.ainvoke({"customer_id": case.customer_id}, thread)
    with pytest.raises(ReviewError):
        await graph.ainvoke(Command(resume=guidance), thread)
    assert (await graph.aget_state(thread)).next == ("escalation",)


async def test_a_score_of_somebody_else_is_refused(sample: CustomerBase) -> None:
    scores = score(sample)
    mine, other = people(sample, "active")[:2]
    graph = build_retention_graph(sample, scores=scores).compile()
    forged = scores.score(other).model_dump(mode="json")

    with pytest.raises(DataError, match="score: of"):
        await graph.ainvoke({"customer_id": mine, "score": forged})


async def test_a_forged_state_does_not_bring_back_who_has_left(sample: CustomerBase) -> None:
    scores = score(sample)
    gone, there = people(sample, "churned")[0], people(sample, "active")[0]
    mask = {"customer_id": gone, "profile": scores.profile.hash}
    forged = Score.model_validate(scores.score(there).model_dump() | mask)
    graph = build_retention_graph(sample, scores=scores).compile()

    ended = await graph.ainvoke({"customer_id": gone, "score": forged.model_dump(mode="json")})

    assert ended["decision"]["refused"] == "churned"
    assert ended["message"] is None


def test_a_model_cannot_talk_a_case_out_of_a_persons_hands(sample: CustomerBase) -> None:
    calm = ScriptedModel(
        lambda _: {"sentiment": "very_positive", "urgency": 1, "summary": "All is well."}
    )
    with Monitor(sample) as rules, Monitor(sample, models={"context": calm}) as refined:
        mine = rules.scan(limit=40, dry_run=True, scan_id="m")
        theirs = refined.scan(limit=40, dry_run=True, scan_id="m")

    assert calm.prompts
    assert [r.status for r in mine.results] == [r.status for r in theirs.results]


def test_no_model_is_asked_about_somebody_the_gate_refuses(sample: CustomerBase) -> None:
    model = ScriptedModel(lambda _: {"name": "never"})
    models = dict.fromkeys(("context", "pattern", "decision", "empathy"), model)
    silent = people(sample, "active", consent=False)[0]

    with Monitor(sample, models=models) as monitor:
        left = only(monitor, people(sample, "churned")[0], event=ANGRY)
        praised = only(monitor, silent, event={"kind": "feedback", "sentiment": "very_positive"})

    assert (left.status, left.reason) == (Status.SKIPPED, "churned")
    assert (praised.status, praised.reason) == (Status.SKIPPED, "no_consent")
    assert model.prompts == []


def test_an_event_does_not_jump_cooldown_or_open_case(sample: CustomerBase) -> None:
    name = people(sample, "active")[0]
    foreign = build_retention_graph(sample).compile(checkpointer=InMemorySaver())
    with Monitor(sample, graph=foreign) as monitor:
        monitor.store.record_contact(name, at=sample.as_of - timedelta(days=1))

        result = only(monitor, name, event=ANGRY)

    assert (result.status, result.reason) == (Status.SKIPPED, "cooldown")


def test_an_old_event_opens_no_door_and_a_future_one_is_refused(sample: CustomerBase) -> None:
    old = ANGRY | {"occurred_at": (sample.as_of - timedelta(days=900)).isoformat()}
    coming = ANGRY | {"occurred_at": (sample.as_of + timedelta(days=1)).isoformat()}

    with Monitor(sample) as monitor:
        refused = [r for r in monitor.scan(5, dry_run=True).results if r.reason == "no_consent"]
        name = refused[0].customer_id
        fresh, first, second = (
            only(monitor, name, event=event, scan_id=str(event)) for event in (ANGRY, old, coming)
        )

    assert fresh.message is not None
    assert (first.status, first.reason, first.message) == (Status.SKIPPED, "no_consent", None)
    assert (second.status, second.reason) == (Status.FAILED, "DataError")


def test_only_the_policys_channels_are_used(sample: CustomerBase) -> None:
    policy = load_policy().model_copy(update={"channels": (Channel.EMAIL,)})

    with Monitor(sample, policy=policy) as monitor:
        report = monitor.scan(limit=8, channel="sms", dry_run=True)

    used = {r.message.channel for r in report.results if r.message}
    assert used == {"email"}


def test_a_contact_after_the_case_was_opened_bars_its_answer(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor:
        case = waiting(monitor)
        assert case.review is not None
        monitor.store.record_contact(case.customer_id, at=sample.as_of)

        with pytest.raises(ReviewError, match="cooldown"):
            monitor.resolve(str(case.review.review_id), "approve")
        assert monitor.resolve(str(case.review.review_id), "reject").status is Status.CLOSED


def test_a_marketing_text_of_a_person_must_say_how_to_stop(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor:
        report = monitor.scan(limit=40, scan_id="all")
        drafts = {
            str(c.review.review_id): c.review.packet.draft
            for c in report.waiting
            if c.review and c.review.packet
        }
        marketing = next(
            (i for i, d in drafts.items() if d and d.purpose is Purpose.MARKETING), None
        )
        assert marketing is not None
        with pytest.raises(ReviewError, match="missing_opt_out"):
            monitor.resolve(marketing, {"type": "edit", "body": "We would love to see you again."})


def test_names_and_addresses_of_an_event_stay_out_of_the_state(sample: CustomerBase) -> None:
    name = people(sample, "active")[0]
    customer = sample.customer(name)
    shouted = str(customer.first_name).upper()
    told = f"I am {shouted} {customer.last_name}, me@home.org, +91 98765 43210"
    seen: list[Any] = []

    with Monitor(sample) as monitor:
        running = monitor.process(name, event={"kind": "complaint", "description": told})
        seen.extend(running)
        text = running.report().to_json()

    for secret in (shouted, str(customer.last_name), "me@home", "98765"):
        assert secret not in str(seen[-1])
        assert secret not in text.replace(str(customer.first_name), "")


def test_a_stopped_dry_run_gives_back_no_claim_of_a_live_one(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor:
        live = monitor.scan(limit=5, scan_id="s")
        running = monitor.begin(limit=None, scan_id="s", dry_run=True)
        running.stop()

        taken = [r.run_id for r in live.results if r.status is not Status.SKIPPED]
        assert not any(monitor.store.claim(run_id) for run_id in taken)


def test_customer_text_is_no_markdown_for_the_reviewer(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor:
        case = waiting(monitor)
    assert case.review is not None
    packet = case.review.packet
    assert isinstance(packet, HandoffPacket)
    link = "[Your refund](http://evil.example) ![x](http://evil.example/x.png)"
    fact = packet.facts[0].model_copy(update={"text": link})

    told = describe(packet.model_copy(update={"facts": (fact,)}))

    assert "](" not in told
    assert "![" not in told


@pytest.mark.parametrize(
    "make",
    [
        lambda base: Monitor(base, policy=cast("Any", 5)),
        lambda base: Monitor(base, profile=cast("Any", 5)),
        lambda base: Monitor(base, concurrency=cast("Any", "x")),
        lambda base: Monitor(cast("CustomerBase", "customers.xlsx")),
        lambda base: score(cast("CustomerBase", "customers.xlsx")),
        lambda base: Monitor(base, graph=cast("Any", object())).scan(1),
        lambda base: Monitor(base).scan(1, language="english"),
        lambda base: Monitor(base).scan(1, segments="VIP"),
        lambda base: Monitor(base).at_risk(1, segments="VIP"),
        lambda base: Monitor(base).scan(1, segments=("Vpi",)),
    ],
)
def test_a_wrong_argument_is_an_error_of_ours(
    sample: CustomerBase, make: Callable[[CustomerBase], Any]
) -> None:
    with pytest.raises(ConfigError):
        make(sample)


def test_a_review_id_that_is_none_is_refused(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor, pytest.raises(ReviewError):
        monitor.resolve(["a"], "approve")  # type: ignore[arg-type]


def test_an_answer_tells_in_the_result_what_it_was(sample: CustomerBase) -> None:
    clock = FixedClock(datetime(2025, 10, 9, 9, tzinfo=UTC))
    with Monitor(sample, clock=clock) as monitor:
        cases = monitor.scan(limit=30, scan_id="v").waiting
        ids = [str(case.review.review_id) for case in cases if case.review]
        approved = monitor.resolve(ids[0], "approve")
        rejected = monitor.resolve(ids[1], {"type": "reject", "message": "a friend"})

    assert (approved.reason, rejected.reason) == ("approve", "reject")
    assert approved.message is not None
    assert rejected.message is None


@pytest.fixture(scope="module")
def lapsed(sample_base: CustomerBase) -> tuple[CustomerResult, ...]:
    """What a win-back scan of the whole sample gives."""
    with Monitor(sample_base) as monitor:
        return monitor.scan(limit=None, lane="winback", dry_run=True).results


def test_only_dormant_customers_who_agreed_are_asked_back(
    sample: CustomerBase, lapsed: tuple[CustomerResult, ...]
) -> None:
    written = [r for r in lapsed if r.situation and r.situation.kind == "win_back"]
    assert written
    for result in lapsed:
        assert result.state == "dormant"
        agreed = sample.customer(result.customer_id).opt_in_marketing is True
        marketing = result.message is not None and "STOP" in _whole(result)
        assert agreed or not marketing
        if not agreed and result.message is not None:
            assert result.situation is not None
            assert result.situation.calls_for_service
    assert all(sample.customer(r.customer_id).opt_in_marketing for r in written if r.message)


def _whole(result: CustomerResult) -> str:
    assert result.message is not None
    return result.message.model_dump_json()


@pytest.mark.parametrize("consent", [True, False, None])
def test_outside_the_win_back_lane_no_dormant_customer_gets_marketing(
    sample: CustomerBase, consent: bool | None
) -> None:
    names = people(sample, "dormant", consent=consent)
    praise = {"kind": "feedback", "sentiment": "very_positive"}

    with Monitor(sample) as monitor:
        queued = {r.customer_id for r in monitor.scan(limit=None, dry_run=True).results}
        own = [only(monitor, name, dry_run=True) for name in names]
        praised = [only(monitor, name, event=praise, dry_run=True) for name in names]

    assert names
    assert not queued & set(names)
    assert {r.reason for r in praised} == {"dormant"}
    for result in own:
        if result.message is None:
            assert result.reason == "dormant"
        else:
            assert "STOP" not in _whole(result)


def test_a_model_cannot_move_a_customer_to_the_win_back_lane(sample: CustomerBase) -> None:
    eager = ScriptedModel(lambda _: {"lane": "winback", "options": {"lane": "winback"}})
    models = dict.fromkeys(("context", "pattern", "decision", "empathy"), eager)
    name = people(sample, "dormant")[0]

    with Monitor(sample, models=models) as monitor:
        result = only(monitor, name, event=ANGRY)

    assert result.message is not None
    assert eager.prompts
    assert result.degraded
    assert "STOP" not in _whole(result)


async def test_a_forged_input_does_not_open_the_win_back_lane(
    sample: CustomerBase, lapsed: tuple[CustomerResult, ...]
) -> None:
    name = next(r.customer_id for r in lapsed if r.reason == "win_back")
    graph = build_retention_graph(sample).compile()
    forged: Any = {
        "customer_id": name,
        "lane": "winback",
        "options": {"lane": "winback"},
        "permit": {"purposes": ["marketing", "service"]},
    }

    ended = await graph.ainvoke(forged)

    assert ended["options"]["lane"] == "retention"
    assert ended["decision"]["refused"] == "dormant"
    assert ended["message"] is None


async def test_the_lane_is_still_known_when_a_person_answers(sample: CustomerBase) -> None:
    offer = {"id": "back-15", "percent_off": 0.15, "valid_days": 30, "situations": ["win_back"]}
    generous = a_policy(offers={"catalogue": [offer]})

    with Monitor(sample, policy=generous) as monitor:
        report = monitor.scan(limit=30, lane="winback", scan_id="w")
        case = next(r for r in report.waiting if r.reason == "offer_approval")
        assert case.review is not None
        closed = await monitor.aresolve(str(case.review.review_id), "approve")

    assert (case.state, closed.status) == ("dormant", Status.CLOSED)
    assert "15" in _whole(closed)


async def test_a_resumed_graph_keeps_the_lane_it_was_started_in(
    sample: CustomerBase, lapsed: tuple[CustomerResult, ...]
) -> None:
    graph = build_retention_graph(sample).compile(checkpointer=InMemorySaver())
    name = next(r.customer_id for r in lapsed if r.status is Status.ESCALATED)
    thread: Any = {"configurable": {"thread_id": "w"}}

    await graph.ainvoke({"customer_id": name}, thread, context=RunOptions(lane=Lane.WINBACK))
    ended = await graph.ainvoke(Command(resume={"verdict": "approve"}), thread)

    assert ended["options"]["lane"] == "winback"
    assert ended["message"] is not None


def test_an_unknown_lane_is_an_error_that_names_the_two(sample: CustomerBase) -> None:
    with Monitor(sample) as monitor:
        for ask in (monitor.scan, monitor.at_risk):
            with pytest.raises(ConfigError, match="'retention' or 'winback'"):
                ask(1, lane="sideways")


def test_the_table_of_the_win_back_lane_has_the_dormant(
    sample: CustomerBase, lapsed: tuple[CustomerResult, ...]
) -> None:
    with Monitor(sample) as monitor:
        table = monitor.at_risk(5, lane=Lane.WINBACK)

    assert set(table["state"]) == {"dormant"}
    assert table["customer_id"].to_list() == [r.customer_id for r in lapsed[:5]]


def test_an_answer_that_a_person_makes_a_promotion_needs_consent_to_marketing(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(
        ana={"opt_in_marketing": False},
        ben={},
        support_tickets=rated("ana", 1, 1) + rated("ben", 1, 1),
    )
    monitor = monitor_of(base)
    waits = {r.customer_id: str(r.review.review_id) for r in monitor.scan().waiting if r.review}
    wooing = {"type": "edit", "body": "We are sorry. Come and see our sale! Reply STOP to opt out."}
    plain = {"type": "edit", "body": "We are sorry. Please tell us what went wrong."}

    with pytest.raises(ReviewError, match="marketing by email: no_consent"):
        monitor.resolve(waits["ana"], wooing)
    assert monitor.resolve(waits["ana"], plain).status is Status.CLOSED
    assert monitor.resolve(waits["ben"], wooing).status is Status.CLOSED


def test_an_answer_that_a_model_makes_a_promotion_gives_way_to_the_template(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    base = shop(ana={"opt_in_marketing": None}, support_tickets=rated("ana", 2))
    text = "We are sorry. Come and see our special offers! Reply STOP to opt out."
    model = ScriptedModel(lambda _: {"subject": "Sorry", "body": text})
    plain = monitor_of(base).scan(scan_id="s").results[0]
    worded = monitor_of(base, models={"empathy": model}).scan(scan_id="s").results[0]

    assert plain.message is not None
    assert worded.message == plain.message
    assert worded.degraded
    assert "without advertising" in model.prompts[-1].text
