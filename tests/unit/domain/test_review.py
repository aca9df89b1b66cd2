"""A person's answer, in every dialect that the known interfaces speak."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from procx_graph.domain.review import Review, Verdict
from tests.unit.builders import NOW, a_case

EDITED = {"subject": "New", "body": "Better text"}
ACTION = {"name": "send_message", "args": EDITED}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (True, Verdict.APPROVE),
        (False, Verdict.REJECT),
        ("approve", Verdict.APPROVE),
        ("approved", Verdict.APPROVE),
        ("accept", Verdict.APPROVE),
        ("yes", Verdict.APPROVE),
        (" OK ", Verdict.APPROVE),
        ("reject", Verdict.REJECT),
        ("No", Verdict.REJECT),
        ("dismiss", Verdict.DISMISS),
        ("ignore", Verdict.DISMISS),
        ({"verdict": "approve"}, Verdict.APPROVE),
        ({"type": "approve"}, Verdict.APPROVE),
        ({"type": "Reject"}, Verdict.REJECT),
        ({"type": "dismiss"}, Verdict.DISMISS),
        ({"decisions": [{"type": "approve"}]}, Verdict.APPROVE),
        ({"decisions": [{"type": "reject"}]}, Verdict.REJECT),
        ([{"type": "accept", "args": {"action": "send_message", "args": EDITED}}], Verdict.APPROVE),
        ([{"type": "accept", "args": None}], Verdict.APPROVE),
        ([{"type": "ignore", "args": None}], Verdict.DISMISS),
        ({"type": "ignore"}, Verdict.DISMISS),
    ],
)
def test_a_plain_answer_is_read_in_every_dialect(answer: Any, verdict: Verdict) -> None:
    assert Review.model_validate(answer) == Review(verdict=verdict)


@pytest.mark.parametrize(
    "answer",
    [
        {"verdict": "edit", **EDITED},
        {"type": "edit", "edited_action": ACTION},
        {"type": "edit", "edited_action": {"args": EDITED}},
        {"type": "edit", "args": EDITED},
        {"type": "edit", **EDITED},
        {"decisions": [{"type": "edit", "edited_action": ACTION}]},
        [{"type": "edit", "args": {"action": "send_message", "args": EDITED}}],
        {"type": "edit", "args": {"action": "send_message", "args": EDITED}},
        {"type": "edit", "edited_action": {**ACTION, "args": {**EDITED, "language": "hi"}}},
    ],
)
def test_an_edit_brings_its_text_in_every_dialect(answer: Any) -> None:
    review = Review.model_validate(answer)

    assert review.verdict is Verdict.EDIT
    assert (review.subject, review.body) == ("New", "Better text")


@pytest.mark.parametrize(
    "answer",
    [
        "Say sorry first",
        {"verdict": "respond", "note": "Say sorry first"},
        {"type": "respond", "message": "Say sorry first"},
        {"type": "respond", "note": "Say sorry first"},
        {"type": "response", "args": "Say sorry first"},
        {"decisions": [{"type": "respond", "message": "Say sorry first"}]},
        [{"type": "response", "args": "Say sorry first"}],
    ],
)
def test_free_words_are_guidance_in_every_dialect(answer: Any) -> None:
    review = Review.model_validate(answer)

    assert review == Review(verdict=Verdict.RESPOND, note="Say sorry first")


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "reject", "message": "a duplicate"},
        {"decisions": [{"type": "reject", "message": "a duplicate"}]},
        {"verdict": "reject", "note": "a duplicate"},
    ],
)
def test_a_refusal_keeps_its_reason(answer: Any) -> None:
    assert Review.model_validate(answer).note == "a duplicate"


def test_a_kept_subject_need_not_be_given() -> None:
    review = Review.model_validate({"type": "edit", "edited_action": {"args": {"body": "New"}}})

    assert review.subject is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "not an answer"),
        (7, "not an answer"),
        ({}, "`type` must be"),
        ({"type": "maybe"}, "`type` must be"),
        ({"type": None}, "`type` must be"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "approve", "mood": "good"}, "mood"),
        ([], "one answer is expected, not 0"),
        ({"decisions": []}, "one answer is expected, not 0"),
        ({"decisions": [{"type": "approve"}, {"type": "reject"}]}, "one answer is expected, not 2"),
        ("edit", "needs the new text"),
        ({"type": "edit"}, "needs the new text"),
        ({"type": "edit", "edited_action": {"name": "send_message", "args": {}}}, "new text"),
        ({"type": "edit", "args": {"subject": "only a subject"}}, "needs the new text"),
        ({"verdict": "edit", "body": " \n "}, "needs the new text"),
        ("respond", "needs guidance"),
        ("", "needs guidance"),
        ("   ", "needs guidance"),
        ({"type": "respond", "message": ""}, "needs guidance"),
        ({"verdict": "approve", "body": "my own text"}, "takes no text"),
        ({"verdict": "reject", "subject": "my own"}, "takes no text"),
        ({"verdict": "edit", "body": "x" * 20_001}, "body"),
    ],
)
def test_what_is_no_complete_answer_is_refused_and_says_why(answer: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Review.model_validate(answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "verdict", "decisions", "args", "edited_action", "message", "body"]
            ),
            inner | st.sampled_from([*Verdict, "accept", "ignore"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(answer=JSON)
def test_any_json_is_either_an_answer_or_refused(answer: Any) -> None:
    try:
        review = Review.model_validate(answer)
    except ValidationError:
        return
    assert (review.verdict is Verdict.EDIT) == bool(review.body)


def test_lists_in_lists_without_end_are_refused() -> None:
    answer: Any = "approve"
    for _ in range(5_000):
        answer = [answer]

    with pytest.raises(ValidationError):
        Review.model_validate(answer)


@pytest.mark.parametrize(
    "answer", ["approve", "warmer please", {"verdict": "edit", "body": "Text"}, False]
)
def test_an_answer_survives_the_checkpoint(answer: Any) -> None:
    review = Review.model_validate(answer)

    assert Review.model_validate(review.model_dump(mode="json")) == review
    assert Review.model_validate(review) is review


def test_a_case_waits_until_it_is_answered() -> None:
    case = a_case()
    answered = case.model_copy(update={"answer": Review(verdict=Verdict.APPROVE)})

    assert case.open
    assert not answered.open
    assert answered.opened_at == NOW
