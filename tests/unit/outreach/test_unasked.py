"""What a model may not bring into a message."""

import pytest

from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.unasked import unasked


def message(body: str, language: str = "en", subject: str | None = None) -> Message:
    return Message(
        body=body, subject=subject, language=Language(language), channel=Channel.WHATSAPP,
        tone=Tone.WARM, purpose=Purpose.SERVICE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "Please reply with your password and your card number."),
        ("en", "Our system thinks that you will leave us soon."),
        ("en", "You are one of our most valuable customers."),
        ("en", "That was a stupid thing to do."),
        ("hi", "कृपया अपना पासवर्ड और कार्ड नंबर भेजें।"),
        ("ta", "உங்கள் கடவுச்சொல் மற்றும் கார்டு எண் அனுப்புங்கள்."),
        ("te", "మీ పాస్‌వర్డ్ మరియు కార్డు నంబర్ పంపండి."),
        ("bn", "আপনার পাসওয়ার্ড ও কার্ড নম্বর পাঠান।"),
        ("hi", "Please send your OTP."),
    ],
)
def test_secrets_judgements_and_insults_are_found(language: str, body: str) -> None:
    found = unasked(message(body, language), message("Hello", language))

    assert {finding.code for finding in found} == {"unasked_word"}


def test_what_the_template_says_may_stay() -> None:
    template = message("Never tell anybody your password.")

    assert unasked(message("Please never share your password."), template) == ()


@pytest.mark.parametrize("language", list(Language))
def test_no_template_of_ours_has_such_a_word(language: Language) -> None:
    texts = str(language_pack(language).messages.model_dump())

    assert unasked(message(texts, language.value), message("x", language.value)) == ()


def test_a_text_that_leaves_out_most_of_the_draft_is_found() -> None:
    template = message("Dear {first_name},\n\nyour order is late, and we are sorry.\n\nYour team")

    assert [one.code for one in unasked(message("body"), template)] == ["too_short"]
    assert (
        unasked(message("Dear {first_name}, sorry, your order is late. Your team"), template) == ()
    )
