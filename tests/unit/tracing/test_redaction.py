"""Texts before they leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.tracing.allow_list import BUDGET, TEXT, allowed, capped
from procx_graph.tracing.pseudonym import Pseudonym
from procx_graph.tracing.redaction import is_code, is_contact, redacted, redacted_id


@pytest.mark.parametrize(
    "text",
    [
        "write to ana.b+c@mail.example.org now",
        '{"mail": "ana@mail.test"}',
        "ана@пошта.укр",
        "ana＠mail.test",
        "call +44 7946 000 000",
        "call (+91) 98765-43210",
        "098765 43210",
        "9876543210",
        "call:9876543210",
        "०९८७६ ५४३२१०",
        "98765–43210",
        "98765‑43210",
        "+91–98765–43210",
        "98765\u00a043210",
        "98765\u200b43210",
        "98765\u200d43210",
        "98765·43210",
        "98765*43210",
        "98 76 54 32 10",
        "98.76.54.32.10",
        "9 8 7 6 5 4 3 2 1 0",
        "tel9876543210",
        "नंबर९८७६५४३२१०",
        "9876543210को",
        "ana @ mail.test",
        "ana﹫mail.test",
        "card 4111 1111 1111 1111",
        "4111111111111111",
        "aadhaar 2345 6789 0123",
        "PAN ABCPE1234F",
        "https://shop.test/login?key=1",
        "see www.shop.test/u/ana",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_an_address_or_number_of_a_person_is_masked(text: str) -> None:
    found = redacted(text)

    assert found != text
    for secret in (
        "ana",
        "mail.test",
        "7946",
        "98765",
        "43210",
        "54 32",
        "54.32",
        "5 4 3",
        "५४३२",
        "4111",
        "6789",
        "1234F",
        "login",
        "iVBOR",
    ):
        assert secret not in found
    assert "[" in found


@pytest.mark.parametrize(
    "text",
    [
        "scan-0123456789ab:C100042",
        "retention/decision",
        '{"churn_risk": 0.7123456789012, "revenue_at_risk": 1234567.891234}',
        '{"input": 1000, "output": 40, "total": 1040}',
        "2025-06-30T12:00:00+00:00",
        "550e8400-e29b-41d4-a716-446655440000",
        "gpt-4o-2024-08-06",
        "order O-7 is 12 days late",
    ],
)
def test_figures_dates_and_ids_of_ours_stay(text: str) -> None:
    assert redacted(text) == text


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_more_and_never_fails(text: str) -> None:
    once = redacted(text)

    assert "@" not in once or redacted(once) == once


def test_a_number_is_a_good_id_and_an_address_is_none() -> None:
    assert redacted_id("6712345678901") == "6712345678901"
    assert is_contact("ana@mail.test")
    assert is_contact("+447946000000")
    assert is_contact("scan-1:+447946000000")
    assert not is_contact("C100042")


def test_a_code_is_one_word() -> None:
    assert is_code("order_delayed")
    assert not is_code("Ana is angry")


# What may leave of a state


def test_codes_and_figures_under_known_keys_stay_and_texts_go() -> None:
    state = {
        "customer_id": "C1",
        "situation": {"kind": "complaint", "urgency": 5, "summary": "Ana is angry", "facts": [1]},
        "decision": {"action": "thank", "reasons": [{"code": "vip_risk", "text": "Ana"}]},
        "score": {"health": 40.5, "drivers": [{"text": "Ana"}]},
        "message": {"language": "en", "body": "Dear Ana", "findings": []},
        "phone": 9876543210,
    }

    assert allowed(state) == {
        "situation": {"kind": "complaint", "urgency": 5},
        "decision": {"action": "thank", "reasons": [{"code": "vip_risk"}]},
        "score": {"health": 40.5},
        "message": {"language": "en"},
    }


@pytest.mark.parametrize("data", ["Ana", {"message": "Ana"}, ["Ana"], {"reason": "Ana is angry"}])
def test_a_text_by_itself_does_not_leave(data: object) -> None:
    assert "Ana" not in str(allowed(data))


def test_a_command_is_read_for_its_update() -> None:
    from langgraph.types import Command

    assert allowed(Command(update={"situation": {"kind": "thanks"}})) == {
        "situation": {"kind": "thanks"}
    }


def test_texts_that_may_leave_are_masked_and_capped() -> None:
    given = {"a": "x" * 100_000, "b": ["mail ana@mail.test", 9876543210], "c": {"d": None}}

    told = capped(given)

    assert len(told["a"]) == TEXT + 1
    assert told["b"] == ["mail [contact]", "[contact]"]
    assert told["c"] == {"d": None}


def test_all_texts_of_a_field_have_a_budget_together() -> None:
    told = capped([[f"{'x' * 3_000}" for _ in range(50)] for _ in range(50)])

    assert len(str(told)) < 2 * BUDGET


def test_what_contains_itself_ends() -> None:
    endless: dict[str, object] = {}
    endless["message"] = endless

    assert allowed(endless) == {}
    assert "…" in str(capped(endless))


# Pseudonyms


def test_a_secret_makes_the_same_name_for_the_same_customer_alone() -> None:
    ours, theirs = Pseudonym("a"), Pseudonym("b")

    assert ours.of_customer("C1") == ours.of_customer("C1") != ours.of_customer("C2")
    assert ours.of_customer("C1") != theirs.of_customer("C1")
    assert "C1" not in ours.of_run("s:C1")


def test_without_a_secret_ids_are_told_unless_langfuse_cannot_take_them() -> None:
    plain = Pseudonym()

    assert plain.of_run("s:C1") == "s:C1"
    assert "7946" not in plain.of_run("s:+447946000000")
    assert plain.of_customer("ana@mail.test").startswith("user-")
    assert len(plain.of_customer("x" * 500)) < 50
    assert plain.of_customer("ன்").isascii()
