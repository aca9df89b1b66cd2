"""Who has the last word on a message: people, over the program, and over what they said before."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import event, text

from procx_graph import CustomerBase, Reviews, Store
from procx_graph.domain.case import CaseState, Opening
from procx_graph.domain.clock import FixedClock
from procx_graph.domain.outbound import OutboundMessage, OutboxState
from procx_graph.domain.policy import Policy
from procx_graph.domain.review import Review, Verdict
from procx_graph.errors import ReviewError, StoreError
from procx_graph.monitor.threads import KeptThreads
from procx_graph.outreach.executor import Applied, Refused
from procx_graph.report import ScanReport, Status
from procx_graph.store import DurableLedger, Scans, audit, cases, lift, suppress
from procx_graph.store.consents import record_consent
from procx_graph.store.outbox import Outbox
from procx_graph.store.scans import Run, RunState
from tests.conftest import NOON, MakeMonitor, Shop, rated
from tests.integration.test_offers import Till
from tests.outboxes import Hand, sender_of
from tests.unit.builders import a_policy
from tests.unit.store.places import KINDS, a_place

ALL = a_policy(approval="all")
"""A person approves everything."""


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Ana is content; Cem needs a person."""
    return shop(ana={}, cem={"first_name": "Cemil"}, support_tickets=rated("cem", 1, 2))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def message_to(store: Store, customer_id: str) -> OutboundMessage:
    [found] = Outbox(store).messages(customer_id=customer_id)
    return found


def review_of(report: ScanReport, customer_id: str) -> str:
    [review] = [r.review for r in report.results if r.customer_id == customer_id]
    assert review is not None
    return str(review.review_id)


def test_a_draft_that_a_case_waits_on_is_approved_by_the_case_alone(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store, policy=ALL)
    case = review_of(monitor.scan(limit=None, scan_id="s"), "ana")
    Reviews(monitor).take(case, "asha")

    with pytest.raises(StoreError, match=case):
        Outbox(store).approve(message_to(store, "ana").message_id, who="mallory", at=NOON)

    assert message_to(store, "ana").state is OutboxState.DRAFTED
    Reviews(monitor).reject(case, "asha")
    assert message_to(store, "ana").state is OutboxState.SUPPRESSED


def test_a_vetoed_draft_is_not_approved_any_more(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store, policy=ALL)
    case = review_of(monitor.scan(limit=None, scan_id="s"), "ana")
    Outbox(store).veto(message_to(store, "ana").message_id, who="lead", why="she called", at=NOON)

    with pytest.raises(ReviewError, match="lead"):
        monitor.resolve(case, "approve")

    assert DurableLedger(store).case(case).open
    assert monitor.resolve(case, "dismiss").status is Status.CLOSED


def test_an_old_draft_that_a_person_wrote_anew_goes_out(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    first = DurableLedger(store, clock=FixedClock(NOON))
    scan = monitor_of(street, store=first, policy=ALL).scan(limit=None, scan_id="s")
    clock = FixedClock(NOON + timedelta(days=8))
    later = monitor_of(street, store=store, policy=ALL, clock=clock)
    body = "Dear {first_name},\n\nhow are you?\n\nReply STOP to stop."
    later.resolve(review_of(scan, "ana"), {"verdict": "edit", "body": body, "reviewer": "asha"})

    with sender_of(store, Hand(), clock=clock, source=street, policy=ALL) as sender:
        report = sender.send_due()

    assert [(r.state.value, r.reason) for r in report.results] == [("sent", None)]


@pytest.mark.parametrize("word", ["reject", "dismiss"])
@pytest.mark.parametrize("policy", [ALL, a_policy()])
def test_the_case_of_a_customer_who_is_gone_can_be_closed(
    street: CustomerBase, shop: Shop, store: Store, monitor_of: MakeMonitor, word: str, policy: Any
) -> None:
    case = review_of(monitor_of(street, store=store, policy=policy).scan(limit=None), "cem")
    without = monitor_of(shop(ana={}), store=store, policy=policy)

    closed = (
        Reviews(without).reject(case, "asha") if word == "reject" else without.resolve(case, word)
    )

    assert closed.status is Status.CLOSED
    assert Reviews(without).show(case).case.state in {CaseState.RESOLVED, CaseState.CANCELLED}


def gifts(share: float) -> Policy:
    """Whoever is content gets an offer, and every case goes to a person."""
    rule = {"id": "gift", "percent_off": share, "valid_days": 30, "situations": ["check_in"]}
    careful = {"high_value": 1, "high_value_level": "low", "high_value_top_share": 1}
    return a_policy(offers={"catalogue": [rule]}, escalation=careful)


@pytest.mark.parametrize(("share", "answer"), [(0.05, "formal"), (0.15, "approve")])
def test_an_offer_that_was_carried_out_after_the_answer_is_told_when_it_is_sent(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor, share: float, answer: str
) -> None:
    policy = gifts(share)
    till = Till(Applied(reference="coupon-7"))
    monitor = monitor_of(street, store=store, policy=policy, executor=till)
    monitor.resolve(review_of(monitor.scan(limit=None, scan_id="s"), "ana"), answer)

    hand = Hand()
    with sender_of(store, hand, source=street, policy=policy, clock=FixedClock(NOON)) as sender:
        report = sender.send_due()

    assert [(r.customer_id, r.state.value, r.reason) for r in report.results] == [
        ("ana", "sent", None)
    ]
    assert f"{share:.0%}" in hand.got[0].text


@pytest.mark.parametrize("verdict", ["approve", "edit"])
def test_a_text_that_nobody_read_waits_when_the_offer_in_the_approved_one_is_refused(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor, verdict: str
) -> None:
    policy = gifts(0.15)
    till = Till(Refused(reason="used up"))
    monitor = monitor_of(street, store=store, policy=policy, executor=till)
    waiting = monitor.scan(limit=None, scan_id="s")
    [draft] = [r.message for r in waiting.results if r.customer_id == "ana"]
    assert draft is not None
    answer = {"verdict": verdict, "reviewer": "asha"}
    body = draft.body.replace("Kind regards", "See you soon, and kind regards")
    closed = monitor.resolve(
        review_of(waiting, "ana"), answer | ({"body": body} if verdict == "edit" else {})
    )

    found = message_to(store, "ana")
    assert (found.state, found.reason, found.approved_by) == ("drafted", "offer_refused", None)
    assert "15" not in found.message.body
    assert "waits for a yes" in closed.detail
    yes = Outbox(store).approve(found.message_id, who="asha", at=NOON)
    assert (yes.state, yes.approved_by) == (OutboxState.APPROVED, "asha")


def test_a_name_that_is_also_a_word_changes_nothing_in_what_a_person_wrote(
    shop: Shop, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(shop(ana={"first_name": "Will"}), store=store, policy=ALL)
    case = review_of(monitor.scan(limit=None, scan_id="s"), "ana")
    body = "Dear Will,\n\nwe will be glad to see you.\n\nReply STOP to stop."
    done = monitor.resolve(case, {"verdict": "edit", "body": body})

    assert done.message is not None
    assert done.message.body == body
    assert message_to(store, "ana").message.body == body.replace("Will", "{first_name}")


def test_an_answer_is_audited_whatever_its_person_is_called(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store, policy=ALL)
    case = review_of(monitor.scan(limit=None, scan_id="s"), "ana")
    monitor.resolve(case, {"verdict": "approve", "reviewer": "procx"})

    with store.reading() as connection:
        [entry] = audit.entries(connection, case)
    assert (entry.actor, entry.action) == ("procx", "case answered")


def test_a_case_whose_run_is_lost_can_still_be_dropped(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(street, store=store)
    case = review_of(monitor.scan(limit=None, scan_id="s"), "cem")
    threads = KeptThreads(store, InMemorySaver(), JsonPlusSerializer())

    async def lose() -> None:
        await threads.drop("s:cem")
        await threads.close()

    asyncio.run(lose())
    with pytest.raises(ReviewError, match="reject or dismiss"):
        monitor.resolve(case, "approve")
    assert DurableLedger(store).case(case).open

    assert monitor.resolve(case, "reject").status is Status.CLOSED
    assert Reviews(monitor).show(case).case.state is CaseState.RESOLVED


@pytest.mark.parametrize("policy", [ALL, a_policy()])
def test_who_is_answered_by_another_meanwhile_is_told_so(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor, policy: Policy
) -> None:
    one, two = (monitor_of(street, store=store, policy=policy) for _ in range(2))
    case = review_of(one.scan(limit=None, scan_id="s"), "cem")
    seen = DurableLedger(store).case(case)
    waiting = two._keeping.waiting(two.graph)

    async def borrowed() -> None:
        async with waiting.borrow(seen):
            pytest.fail("it was answered")

    one.resolve(case, "reject")
    with pytest.raises(ReviewError, match="already answered"):
        asyncio.run(borrowed())


def test_a_no_that_somebody_was_told_is_kept_outlives_a_loss_of_power(
    street: CustomerBase, monitor_of: MakeMonitor, tmp_path: Path
) -> None:
    def is_full(store: Store) -> bool:
        with store.reading() as connection:
            full = bool(connection.scalar(text("PRAGMA synchronous")) == 2)
        with store.writing():
            return full

    with Store.open(tmp_path / "procx.db") as store:
        monitor = monitor_of(street, store=store, policy=ALL)
        case = review_of(monitor.scan(limit=None, scan_id="s"), "ana")
    with Store.open(tmp_path / "procx.db") as store:  # with one connection, which is looked at
        word: Any = {"at": NOON, "source": "desk"}
        record_consent(store, "ana", channel=None, purpose=None, given=False, **word)
        told = [is_full(store)]
        suppress(store, "ana", reason="opt_out", since=NOON, source="desk")
        told.append(is_full(store))
        lift(store, "ana", **word)
        told.append(is_full(store))
        Scans(store).close(
            DurableLedger(store).case(case),
            Review(verdict=Verdict.REJECT),
            Run(run_id="s:ana", customer_id="ana", state=RunState.DONE),
            at=NOON,
        )
        told.append(is_full(store))

    assert told == [True] * 4


def test_a_case_that_ends_while_its_matter_comes_up_again_makes_room_for_another(
    street: CustomerBase, monitor_of: MakeMonitor, tmp_path: Path
) -> None:
    with a_place("postgresql", tmp_path) as place, Store.open(place) as store:
        monitor = monitor_of(street, store=store)
        case = review_of(monitor.scan(limit=None, scan_id="s"), "cem")
        again = Reviews(monitor).show(case).case.model_copy(update={"review_id": "rev_other"})

        with Store.open(place) as other, other.writing() as connection:

            @event.listens_for(connection, "before_cursor_execute")
            def answer(_: Any, __: Any, statement: str, *___: Any) -> None:
                about_the_same = "FROM cases" in statement and "NOT IN" in statement
                if about_the_same and DurableLedger(store).case(case).open:
                    monitor.resolve(case, "reject")

            opened = cases.open_case(connection, Opening(case=again, reopens_since=NOON))

        assert opened.review_id == "rev_other"
        assert [one.case.review_id for one in Reviews(monitor).waiting()] == []
        with store.reading() as connection:
            assert [one.review_id for one in cases.open_cases(connection, "cem")] == ["rev_other"]
