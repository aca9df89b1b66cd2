"""What a person sees in each interface, and where the answer leads."""

import json
from typing import Any, get_args, get_type_hints

import pytest

from procx_graph.domain.decision import Priority, ReasonCode
from procx_graph.domain.message import Language, Message
from procx_graph.domain.review import HandoffPacket, Review, Verdict
from procx_graph.graphs.retention.escalation import after_review, describe, payload
from tests.unit.builders import NOW, a_message, a_reason, a_situation


def a_packet(draft: Message | None = None, **changes: Any) -> HandoffPacket:
    values: dict[str, Any] = {
        "packet_id": "rev_1",
        "customer_id": "C1",
        "language": "en",
        "time_zone": "Asia/Kolkata",
        "state": "active",
        "consent": True,
        "priority": Priority.HIGH,
        "reasons": (a_reason(),),
        "wants": "to receive their order",
        "facts": a_situation().facts,
        "tried": (),
        "open_questions": (),
        "recommended": "Update on order.",
        "steps": (),
        "offer": None,
        "draft": draft,
        "gloss": None,
        "health": 55.0,
        "churn_risk": 0.4,
        "risk_level": "high",
        "revenue_at_risk": 80.0,
        "drivers": (),
        "sentiment": "negative",
        "team": "CX Tier 2",
        "sla_due": NOW,
        "run_id": "scan:C1",
    }
    return HandoffPacket.model_validate(values | changes)


def test_the_payload_is_json() -> None:
    shown = payload(a_packet(a_message()))

    assert json.loads(json.dumps(shown)) == shown
    assert HandoffPacket.model_validate(shown["packet"]) == a_packet(a_message())


def test_the_payload_is_a_hitl_request_of_langchain() -> None:
    shown = payload(a_packet(a_message(subject="S", body="B")))
    (request,), (config,) = shown["action_requests"], shown["review_configs"]

    assert {"name", "args", "description"} <= request.keys()
    assert config["action_name"] == request["name"]
    assert set(config["allowed_decisions"]) == {"approve", "edit", "reject", "respond"}
    assert (request["args"]["subject"], request["args"]["body"]) == ("S", "B")


def test_the_payload_is_a_human_interrupt_of_agent_inbox_too() -> None:
    shown = payload(a_packet(a_message()))
    (request,) = shown["action_requests"]

    assert shown["action_request"] == {"action": request["name"], "args": request["args"]}
    assert request["arguments"] == request["args"]
    assert shown["config"] == {
        "allow_ignore": True,
        "allow_respond": True,
        "allow_edit": True,
        "allow_accept": True,
    }
    assert isinstance(shown["description"], str)


def test_a_draft_sent_back_from_either_interface_is_an_edit() -> None:
    shown = payload(a_packet(a_message(subject="S", body="B")))
    args = shown["action_requests"][0]["args"] | {"body": "better"}
    langchain = {"type": "edit", "edited_action": {"name": "send_message", "args": args}}
    inbox = {"type": "edit", "args": shown["action_request"] | {"args": args}}

    expected = Review(verdict=Verdict.EDIT, subject="S", body="better")
    assert Review.model_validate({"decisions": [langchain]}) == expected
    assert Review.model_validate([inbox]) == expected


def test_the_language_shown_is_that_of_the_draft() -> None:
    shown = payload(a_packet(a_message(language=Language.HINDI), language="en"))

    assert shown["action_requests"][0]["args"]["language"] == "hi"


def test_a_case_without_a_draft_is_shown_too() -> None:
    args = payload(a_packet(None, language="fr"))["action_requests"][0]["args"]

    assert args == {"subject": None, "body": "", "language": "fr", "channel": None}


def test_the_description_tells_why_who_and_until_when() -> None:
    told = describe(a_packet(a_message()))

    assert "vip_risk" in told
    assert "CX Tier 2" in told
    assert "2025-06-30 12:00" in told
    assert "f1" in told
    assert "40%" in told


def test_the_description_says_what_is_unknown_and_glosses_other_languages() -> None:
    told = describe(a_packet(churn_risk=None, gloss="We are sorry.\nYours"))

    assert "churn risk unknown" in told
    assert "> We are sorry.\n> Yours" in told


def test_the_description_names_every_reason() -> None:
    told = describe(a_packet(reasons=tuple(a_reason(code) for code in ReasonCode)))

    assert all(code.value in told for code in ReasonCode)


@pytest.mark.parametrize(
    ("verdict", "way"),
    [
        ("approve", "reviewed"),
        ("edit", "reviewed"),
        ("respond", "reviewed"),
        ("reject", "ended"),
        ("dismiss", "ended"),
    ],
)
async def test_an_answer_goes_on_to_the_message_or_ends(verdict: str, way: str) -> None:
    assert await after_review({"customer_id": "ana", "review": {"verdict": verdict}}) == way


async def test_without_an_answer_nothing_is_written() -> None:
    assert await after_review({"customer_id": "ana"}) == "ended"


def test_the_ways_are_named_in_the_router_s_type() -> None:
    assert set(get_args(get_type_hints(after_review)["return"])) == {"reviewed", "ended"}
