"""Answers in every dialect come out as one review, and what is none is refused."""

from typing import Any

import pytest

from procx_graph.domain.review import Review, Verdict
from procx_graph.errors import ReviewError
from procx_graph.monitor.desk import parse_review


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Review(verdict=Verdict.REJECT), Verdict.REJECT),
        (" Approve ", Verdict.APPROVE),
        (False, Verdict.REJECT),
        ("softer, please", Verdict.RESPOND),
        ({"verdict": "dismiss", "note": "handled by phone"}, Verdict.DISMISS),
        ({"decisions": [{"type": "approve"}]}, Verdict.APPROVE),
        ([{"type": "ignore", "args": None}], Verdict.DISMISS),
        ([{"type": "edit", "args": {"action": "a", "args": {"body": "b"}}}], Verdict.EDIT),
    ],
)
def test_every_dialect_is_read(answer: Any, verdict: Verdict) -> None:
    assert parse_review(answer).verdict is verdict


@pytest.mark.parametrize(
    "answer",
    [
        None,
        3.5,
        {},
        {"type": None},
        {"verdict": "maybe"},
        {"verdict": "approve", "body": "other text"},
        {"verdict": "respond"},
        {"verdict": "approve", "mood": "fine"},
        {"decisions": []},
        {"decisions": None},
        {"type": "edit", "args": {"body": 7}},
        {"verdict": "edit", "body": "x" * 20_001},
        [[[]]],
        "",
    ],
)
def test_what_is_no_answer_is_refused_with_our_error(answer: Any) -> None:
    with pytest.raises(ReviewError):
        parse_review(answer)
