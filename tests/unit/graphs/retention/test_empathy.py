"""The message that a person's answer leads to."""

from typing import Any

import pytest

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.review import Review
from procx_graph.domain.situation import SituationKind
from procx_graph.graphs.retention.reviewing import reviewed_message
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import NOW, a_customer, a_decision, a_message, a_situation

OFFER = Offer(id="come-back-15", percent_off=0.15, valid_days=30, expires=NOW)
DRAFT = a_message(
    body="Dear {first_name},\n\nwe are sorry, and are looking into it.",
    purpose=Purpose.TRANSACTIONAL,
)


def after(
    answer: Any, stored: Message | None = DRAFT, *, offer: Offer | None = None, **customer: Any
) -> Message | None:
    purpose = Purpose.MARKETING if offer else Purpose.SERVICE
    return reviewed_message(
        a_situation(SituationKind.GONE_QUIET if offer else SituationKind.ORDER_DELAYED),
        a_decision(offer=offer, purpose=purpose),
        a_customer(**customer),
        stored,
        Review.model_validate(answer),
        policy=load_policy(),
    )


def edited(body: str, **more: Any) -> dict[str, Any]:
    return {"verdict": "edit", "body": body, **more}


def test_an_approved_draft_is_used_as_it_is() -> None:
    assert after("approve") == DRAFT


def test_an_edited_text_is_used_and_keeps_the_subject_unless_it_is_given() -> None:
    kept, changed = after(edited("New text.")), after(edited("New text.", subject="New subject"))

    assert kept is not None
    assert changed is not None
    assert (kept.body, kept.subject) == ("New text.", DRAFT.subject)
    assert changed.subject == "New subject"
    assert (kept.language, kept.channel) == (DRAFT.language, DRAFT.channel)


@pytest.mark.parametrize("body", ["You get 50% off!", "Your churn risk is high.", "[Your Name]"])
def test_what_a_person_wrote_is_checked_like_anything_else(body: str) -> None:
    message = after(edited(body))

    assert message is not None
    assert message.blocked


def test_approving_a_draft_with_an_offer_approves_its_figures() -> None:
    stored = a_message(
        body="Dear {first_name}, you get 15% off until June 30, 2025. Reply STOP to opt out.",
        purpose=Purpose.MARKETING,
    )
    message = after("approve", stored, offer=OFFER)

    assert message is not None
    assert not message.blocked


@pytest.mark.parametrize("answer", ["approve", edited("My own text.")])
def test_without_a_draft_there_is_nothing_to_approve(answer: Any) -> None:
    assert after(answer, None) is None


def test_guidance_writes_the_draft_again() -> None:
    message = after("formal, in Tamil, by SMS")

    assert message is not None
    assert (message.tone, message.language) == (Tone.FORMAL, Language.TAMIL)
    assert message.channel is Channel.SMS
    assert not message.blocked


def test_guidance_cannot_choose_a_channel_that_does_not_reach_the_customer() -> None:
    message = after("by SMS", has_phone=False)

    assert message is not None
    assert message.channel is Channel.EMAIL


def test_guidance_keeps_the_approved_offer_or_drops_it() -> None:
    approved = OFFER.model_copy(update={"percent_off": 0.10, "approved": True})
    kept, dropped = after("warmer", offer=approved), after("no discount, warmer", offer=approved)

    assert kept is not None
    assert dropped is not None
    assert "10%" in kept.body
    assert "%" not in dropped.body


def test_guidance_approves_no_offer() -> None:
    message = after("warmer", offer=OFFER)

    assert message is not None
    assert "15" not in message.body


def test_guidance_can_give_a_language_where_there_was_no_draft() -> None:
    message = after("write it in Hindi", None)

    assert message is not None
    assert message.language is Language.HINDI
