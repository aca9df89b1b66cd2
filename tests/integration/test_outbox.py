"""The outbox: its states, who may change them, and when."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from procx_graph.domain.outbound import OutboxState
from procx_graph.errors import StoreError
from procx_graph.store import Store
from procx_graph.store.audit import entries
from procx_graph.store.holder import new_holder
from procx_graph.store.outbox import Outbox
from procx_graph.store.schema import contacts
from tests.outboxes import NOW, an_outbound
from tests.unit.store.places import KINDS, a_place

LEASE = timedelta(minutes=10)
LATER = NOW + timedelta(hours=1)
DEAD = new_holder().rpartition("|")[0].rpartition("|")[0] + "|1|gone"
"""A process of this machine that has ended: its number belongs to one that began otherwise."""


@pytest.fixture(params=KINDS)
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbox]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield Outbox(store)


def sending(outbox: Outbox, holder: str = "me") -> str:
    """Put a message into the hands of its channel."""
    one = an_outbound()
    outbox.add(one)
    held = outbox.hold(one.message_id, holder, now=NOW, lease=LEASE)
    assert held is not None
    assert outbox.begin(held, holder, at=NOW)
    return one.message_id


def steps(outbox: Outbox, message_id: str) -> list[str]:
    return [step.became.value for step in outbox.history(message_id)]


def test_a_run_has_one_message_however_often_it_is_added(outbox: Outbox) -> None:
    one = an_outbound()
    outbox.add(one)
    outbox.add(one.model_copy(update={"message_id": "msg_other"}))
    outbox.add(one.model_copy(update={"state": OutboxState.SUPPRESSED}))

    assert outbox.messages() == [one]
    assert steps(outbox, one.message_id) == ["approved"]


def test_an_answer_settles_the_draft_that_waited_for_it(outbox: Outbox) -> None:
    draft = an_outbound(state=OutboxState.DRAFTED, approved_at=None)
    outbox.add(draft)
    message = draft.message.model_copy(update={"body": "Dear {first_name},\n\nother words."})
    said = {"message": message, "state": OutboxState.APPROVED, "approved_by": "ann"}
    outbox.add(draft.model_copy(update=said | {"changed_at": LATER}))

    found = outbox.get(draft.message_id)
    assert (found.state, found.approved_by, found.message) == ("approved", "ann", message)
    assert found.created_at == NOW
    assert [(s.actor, s.became.value) for s in outbox.history(draft.message_id)] == [
        ("sender", "drafted"),
        ("ann", "approved"),
    ]


def test_a_refused_draft_is_suppressed_and_what_nobody_drafted_is_not_added(outbox: Outbox) -> None:
    refused = an_outbound("C2", state=OutboxState.SUPPRESSED, reason="reject")
    outbox.add(refused)
    assert outbox.messages() == []

    outbox.add(refused.model_copy(update={"state": OutboxState.DRAFTED, "reason": None}))
    outbox.add(refused)

    assert outbox.get(refused.message_id).state is OutboxState.SUPPRESSED


def test_only_a_draft_is_approved_and_the_audit_says_by_whom(outbox: Outbox) -> None:
    draft = an_outbound(state=OutboxState.DRAFTED, approved_at=None)
    outbox.add(draft)

    assert outbox.due(NOW) == []
    told = outbox.approve(draft.message_id, who="ann", at=NOW)

    assert (told.state, told.approved_by, told.basis.answered) == ("approved", "ann", True)
    assert outbox.due(NOW) == [draft.message_id]
    with pytest.raises(StoreError, match="it is approved, not drafted"):
        outbox.approve(draft.message_id, who="ann", at=NOW)
    with outbox.store.reading() as connection:
        [noted] = entries(connection, draft.message_id)
    assert (noted.actor, noted.action) == ("ann", "message.approved")


def test_a_veto_wins_until_the_message_is_sent(outbox: Outbox) -> None:
    one, two = an_outbound("C1"), an_outbound("C2")
    outbox.add(one)
    outbox.add(two)

    told = outbox.veto(one.message_id, who="ann", why="she called", at=NOW)
    again = outbox.veto(one.message_id, who="bob", why="too", at=NOW)
    outbox.delivered(two, at=NOW, reference=None)

    assert (told.state, told.reason, told.detail) == ("suppressed", "veto", "she called")
    assert again == told
    assert outbox.due(NOW) == []
    with pytest.raises(StoreError, match="too late"):
        outbox.veto(two.message_id, who="ann", why="late", at=NOW)
    with outbox.store.reading() as connection:
        assert [(e.actor, e.detail["why"]) for e in entries(connection, one.message_id)] == [
            ("ann", "she called")
        ]


def test_a_veto_between_the_look_and_the_hand_over_stops_the_message(outbox: Outbox) -> None:
    one = an_outbound()
    outbox.add(one)
    held = outbox.hold(one.message_id, "me", now=NOW, lease=LEASE)
    assert held is not None

    outbox.veto(one.message_id, who="ann", why="no", at=NOW)

    assert not outbox.begin(held, "me", at=NOW)
    assert outbox.get(one.message_id).state is OutboxState.SUPPRESSED


def test_a_veto_while_the_channel_has_it_forbids_further_attempts(outbox: Outbox) -> None:
    message_id = sending(outbox)
    during = outbox.veto(message_id, who="ann", why="no", at=NOW)
    held = outbox.get(message_id)

    outbox.delay(held, "me", until=LATER, reason="timeout", detail="silent", at=NOW)

    assert during.state is OutboxState.SENDING
    after = outbox.get(message_id)
    assert (after.state, after.reason, after.detail) == ("suppressed", "veto", "no")


def test_a_veto_while_the_channel_has_it_is_too_late_when_it_goes_out(outbox: Outbox) -> None:
    message_id = sending(outbox)
    outbox.veto(message_id, who="ann", why="no", at=NOW)

    outbox.delivered(outbox.get(message_id), at=NOW, reference="7")

    assert outbox.get(message_id).state is OutboxState.SENT


def test_sent_is_written_once_with_its_contact(outbox: Outbox) -> None:
    message_id = sending(outbox)
    held = outbox.get(message_id)

    first = outbox.delivered(held, at=LATER, reference="7")
    second = outbox.delivered(held, at=LATER, reference="8")

    found = outbox.get(message_id)
    assert (first, second) == (True, False)
    assert (found.state, found.reference, found.sent_at, found.holder) == ("sent", "7", LATER, None)
    with outbox.store.reading() as connection:
        [row] = connection.execute(select(contacts)).all()
    assert (row.customer_id, row.at, row.channel, row.purpose, row.message_id) == (
        "C1", LATER, "email", "service", message_id,
    )  # fmt: skip
    assert steps(outbox, message_id) == ["approved", "sending", "sent"]


def test_one_holds_a_message_and_nobody_else_one_of_the_same_customer(outbox: Outbox) -> None:
    one, two, other = an_outbound("C1"), an_outbound("C1", run="t"), an_outbound("C2")
    for outbound in (one, two, other):
        outbox.add(outbound)
    mine, theirs = new_holder(), new_holder()

    assert outbox.hold(one.message_id, mine, now=NOW, lease=LEASE)
    assert outbox.hold(one.message_id, theirs, now=NOW, lease=LEASE) is None
    assert outbox.hold(two.message_id, theirs, now=NOW, lease=LEASE) is None
    assert outbox.hold(other.message_id, theirs, now=NOW, lease=LEASE)


def test_a_dead_or_silent_holder_bars_nobody(outbox: Outbox) -> None:
    one, two = an_outbound("C1"), an_outbound("C2")
    outbox.add(one)
    outbox.add(two)
    outbox.hold(one.message_id, DEAD, now=NOW, lease=LEASE)
    outbox.hold(two.message_id, new_holder(), now=NOW, lease=LEASE)

    assert outbox.hold(one.message_id, "me", now=NOW, lease=LEASE)
    assert outbox.hold(two.message_id, "me", now=NOW, lease=LEASE) is None
    assert outbox.hold(two.message_id, "me", now=NOW + LEASE, lease=LEASE)


def test_nothing_goes_to_a_customer_with_an_unclear_message(outbox: Outbox) -> None:
    message_id = sending(outbox)
    outbox.doubt(outbox.get(message_id), "me", reason="broke_off", detail="?", at=NOW)
    two = an_outbound("C1", run="t")
    outbox.add(two)

    assert outbox.hold(two.message_id, "me", now=NOW, lease=LEASE) is None
    outbox.settle(message_id, sent=False, who="ann", at=NOW)
    assert outbox.hold(two.message_id, "me", now=NOW, lease=LEASE)


@pytest.mark.parametrize(("sent", "state"), [(True, "sent"), (False, "approved")])
def test_a_person_settles_what_is_unclear(outbox: Outbox, sent: bool, state: str) -> None:
    message_id = sending(outbox)
    outbox.doubt(outbox.get(message_id), "me", reason="broke_off", detail="?", at=NOW)

    with pytest.raises(StoreError, match="may have gone out"):
        outbox.veto(message_id, who="ann", why="no", at=NOW)
    told = outbox.settle(message_id, sent=sent, who="ann", at=LATER)

    assert told.state == state
    with outbox.store.reading() as connection:
        assert len(connection.execute(select(contacts)).all()) == sent
    with pytest.raises(StoreError, match="not unclear"):
        outbox.settle(message_id, sent=sent, who="ann", at=LATER)


def test_an_unclear_message_under_a_veto_is_not_sent_again(outbox: Outbox) -> None:
    message_id = sending(outbox)
    outbox.veto(message_id, who="ann", why="no", at=NOW)
    outbox.doubt(outbox.get(message_id), "me", reason="sender_died", detail="?", at=NOW)

    assert outbox.settle(message_id, sent=False, who="ann", at=NOW).state == "suppressed"


def test_a_dead_letter_is_tried_again_from_the_beginning(outbox: Outbox) -> None:
    message_id = sending(outbox)
    outbox.fail(outbox.get(message_id), "me", reason="http_400", detail="no", at=NOW)
    dead = outbox.get(message_id)

    told = outbox.retry(message_id, who="ann", at=LATER)

    assert (dead.state, dead.attempts, dead.over) == ("failed", 1, True)
    assert (told.state, told.attempts, told.reason) == ("approved", 0, None)
    outbox.veto(message_id, who="ann", why="no", at=LATER)
    with pytest.raises(StoreError, match="only a failed or delayed one"):
        outbox.retry(message_id, who="ann", at=LATER)


def test_a_delayed_message_is_due_when_its_moment_has_come(outbox: Outbox) -> None:
    message_id = sending(outbox)
    outbox.delay(outbox.get(message_id), "me", until=LATER, reason="x", detail="y", at=NOW)

    assert outbox.due(LATER - timedelta(seconds=1)) == []
    assert outbox.hold(message_id, "me", now=NOW, lease=LEASE) is None
    assert outbox.due(LATER) == [message_id]


def test_who_lost_a_message_changes_nothing_any_more(outbox: Outbox) -> None:
    message_id = sending(outbox)
    found = outbox.get(message_id)

    assert not outbox.fail(found, "another", reason="x", detail="y", at=NOW)
    assert not outbox.delay(found, "another", until=LATER, reason="x", detail="y", at=NOW)
    assert outbox.get(message_id) == found


def test_messages_are_listed_by_state_and_customer(outbox: Outbox) -> None:
    one, two = an_outbound("C1"), an_outbound("C2", state=OutboxState.DRAFTED)
    outbox.add(one)
    outbox.add(two)

    assert outbox.messages(state=OutboxState.DRAFTED) == [two]
    assert outbox.messages(customer_id="C1") == [one]
    assert len(outbox.messages(limit=1)) == 1
    assert outbox.counts() == {OutboxState.APPROVED: 1, OutboxState.DRAFTED: 1}


@pytest.mark.parametrize("name", ["", "msg_none", "'; drop table outbox; --"])
def test_a_message_that_is_not_there_is_an_error_that_names_it(outbox: Outbox, name: str) -> None:
    for deed in (outbox.get, outbox.history):
        with pytest.raises(StoreError, match="has no message"):
            deed(name)
    with pytest.raises(StoreError, match="has no message"):
        outbox.veto(name, who="ann", why="no", at=NOW)


def test_who_comes_back_after_its_lease_finds_that_it_holds_nothing_of_the_customer(
    outbox: Outbox,
) -> None:
    one, two = an_outbound("C1"), an_outbound("C1", run="t")
    outbox.add(one)
    outbox.add(two)
    slow, other = new_holder(), new_holder()
    held = outbox.hold(one.message_id, slow, now=NOW, lease=LEASE)
    assert held is not None

    assert outbox.hold(two.message_id, other, now=NOW + LEASE, lease=LEASE)

    assert not outbox.begin(held, slow, at=NOW + LEASE)
    assert outbox.get(one.message_id).state is OutboxState.APPROVED
