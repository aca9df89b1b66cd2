"""The breaker, and scores on their way."""

import logging
import threading

import pytest

from procx_graph.tracing.breaker import COOL_DOWN, Breaker
from procx_graph.tracing.leaving import Parked, within
from procx_graph.tracing.score_sender import MOST, TOGETHER, ScoreSender


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def breaker(hand: Hand) -> Breaker:
    return Breaker("http://langfuse.test", monotonic=hand)


def test_after_a_failure_nothing_is_tried_for_a_while(breaker: Breaker, hand: Hand) -> None:
    assert breaker.tries()

    breaker.failed("does not answer")

    assert not breaker.tries()
    hand.seconds += COOL_DOWN
    assert breaker.tries()


def test_then_one_tries_for_all(breaker: Breaker, hand: Hand) -> None:
    breaker.failed("does not answer")
    hand.seconds += COOL_DOWN

    assert [breaker.tries() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.tries() for _ in range(3)] == [True, True, True]


def test_an_outage_is_told_once(
    breaker: Breaker, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            breaker.failed("does not answer")
            hand.seconds += COOL_DOWN
        assert len(caplog.records) == 1
        breaker.succeeded()
        breaker.failed("does not answer")

    assert len(caplog.records) == 2
    assert "http://langfuse.test does not answer" in caplog.text


def test_who_leaves_tries_no_more(breaker: Breaker) -> None:
    breaker.give_up()

    assert breaker.is_open
    assert not breaker.tries()


def test_what_is_dropped_is_counted_by_kind(breaker: Breaker) -> None:
    breaker.drop("spans", 3)
    breaker.drop("scores")

    assert (breaker.dropped_spans, breaker.dropped_scores) == (3, 1)


# Leaving


def test_work_is_waited_for_only_so_long() -> None:
    ended = threading.Event()

    assert within(30, lambda: None)
    assert not within(0.01, lambda: ended.wait(30))
    assert not within(30, lambda: 1 / 0)
    ended.set()


def test_parked_work_is_done_when_it_is_told_to() -> None:
    done: list[int] = []
    parked = Parked(lambda: done.append(1))

    assert not done
    assert parked.run(30)
    assert done == [1]


# Scores


def test_scores_go_together_and_in_order() -> None:
    sent: list[list[dict[str, object]]] = []
    sender = ScoreSender(sent.append, dropped=lambda _: None)

    for number in range(TOGETHER + 5):
        sender.put({"id": number})
    sender.flush()

    assert [score["id"] for batch in sent for score in batch] == list(range(TOGETHER + 5))
    assert max(len(batch) for batch in sent) <= TOGETHER
    sender.end()


def test_what_cannot_be_sent_is_dropped_and_the_next_goes() -> None:
    dropped: list[int] = []

    def send(batch: list[dict[str, object]]) -> None:
        if batch[0]["id"] == "bad":
            raise OSError

    sender = ScoreSender(send, dropped=dropped.append)
    sender.put({"id": "bad"})
    sender.flush()
    sender.put({"id": "good"})
    sender.end()

    assert dropped == [1]


def test_only_so_many_wait() -> None:
    dropped: list[int] = []
    held = threading.Event()
    sender = ScoreSender(lambda _: held.wait(30), dropped=dropped.append)

    for number in range(MOST + TOGETHER + 50):
        sender.put({"id": number})
    held.set()
    sender.end()

    assert sum(dropped) >= 50
