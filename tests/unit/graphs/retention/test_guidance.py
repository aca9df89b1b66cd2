"""Guidance in a reviewer's words, as far as rules can follow it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.graphs.retention.guidance import Guidance


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please make it warmer", {"tone": Tone.WARM}),
        ("more FORMAL, please", {"tone": Tone.FORMAL}),
        ("Say sorry first!", {"tone": Tone.APOLOGETIC}),
        ("send it by SMS", {"channel": Channel.SMS}),
        ("by WhatsApp", {"channel": Channel.WHATSAPP}),
        ("as an e-mail", {"channel": Channel.EMAIL}),
        ("write it in Tamil", {"language": Language.TAMIL}),
        ("in hindi, friendly", {"language": Language.HINDI, "tone": Tone.WARM}),
        ("without the offer", {"no_offer": True}),
        ("No discount please", {"no_offer": True}),
        ("drop any discounts", {"no_offer": True}),
        ("formal, in Bengali, no offer", None),
    ],
)
def test_a_wish_that_templates_can_follow_is_understood(
    text: str, wish: dict[str, Any] | None
) -> None:
    wish = wish or {"tone": Tone.FORMAL, "language": Language.BENGALI, "no_offer": True}
    guidance = Guidance.parse(text)

    assert guidance == Guidance(**wish)
    assert guidance.understood


@pytest.mark.parametrize(
    "text", ["", "call them first", "mention the garden party", "informality", "यह ठीक नहीं है"]
)
def test_words_that_mean_nothing_to_the_rules_are_passed_over(text: str) -> None:
    assert not Guidance.parse(text).understood


@pytest.mark.parametrize(
    "text",
    [
        "less formal",
        "not so formal",
        "don't be sorry",
        "no SMS",
        "this is too formal",
        "Do not send her an email, she is on holiday",
        "Please stop, wrong customer, sorry",
        "she complained about our email, leave her alone",
        "don't contact by sms or email",
        "Her English is poor",
        "Do not contact this customer!",
        "warm, formal",
        "by sms or email",
    ],
)
def test_a_wish_is_never_followed_as_its_opposite(text: str) -> None:
    guidance = Guidance.parse(text)

    assert (guidance.tone, guidance.channel, guidance.language) == (None, None, None)


def test_speaking_of_the_text_does_not_make_it_a_text_message() -> None:
    assert Guidance.parse("the text should be in Hindi").channel is None


@given(text=st.text(max_size=200))
def test_any_words_can_be_read(text: str) -> None:
    Guidance.parse(text)
