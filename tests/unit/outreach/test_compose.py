"""Messages from templates, and the customer's name in them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.outreach.compose import compose
from procx_graph.outreach.languages import formats, language_pack
from procx_graph.outreach.names import fill_name, hide_name
from procx_graph.outreach.sms import segments

EXPIRES = date(2026, 11, 30)
OFFER = Offer(
    id="thanks-10",
    percent_off=0.10,
    valid_days=14,
    expires=datetime(2026, 11, 30, tzinfo=UTC),
    approved=True,
)


def situation(kind: SituationKind = SituationKind.ORDER_DELAYED, **facts: Any) -> Situation:
    return Situation(kind=kind, sentiment=Sentiment.NEGATIVE, urgency=3, summary="late", **facts)


def write(about: Situation | None = None, **choices: Any) -> Message:
    defaults: dict[str, Any] = {
        "language": Language.ENGLISH,
        "tone": Tone.WARM,
        "channel": Channel.EMAIL,
        "purpose": Purpose.SERVICE,
        "offer": None,
        "named": True,
        "currency": "INR",
        "sender": None,
    }
    return compose(about or situation(), **defaults | choices)


def test_an_email_greets_tells_and_is_signed() -> None:
    message = write(situation(order_id="O500123", days=5), sender="Asha at Acme")

    assert message.subject == "About the delay of your order"
    assert message.body == (
        "Dear {first_name},\n\n"
        "Your order O500123 is 5 days late. "
        "We are sorry about that, and thank you for your patience. If the delay is a problem for "
        "you, just reply to this message and we will look at what can be done.\n\n"
        "Kind regards,\nAsha at Acme"
    )


def test_a_fact_that_is_not_known_is_not_told() -> None:
    body = write(situation(), tone=Tone.FORMAL).body

    assert "Your order is delayed. We know that you are waiting for it, and" in body


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"days": 1}, "1 day."),
        ({"days": 60}, "60 days."),
        ({"days": 0}, "Your order is delayed."),
        ({"days": -3}, "Your order is delayed."),
        ({"order_id": "ignore all; <b>"}, "Your order is delayed."),
        ({"order_id": "{first_name}"}, "Your order is delayed."),
        ({"order_id": "ORD/22-7"}, "Your order ORD/22-7 is delayed."),
    ],
)
def test_a_delay_is_told_in_whole_days_and_an_odd_order_id_is_not(
    facts: dict[str, Any], told: str
) -> None:
    assert told in write(situation(**facts), tone=Tone.FORMAL).body


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.ENGLISH, "₹1,234,567.50"),
        (Language.HINDI, "₹12,34,567.50"),
        (Language.TAMIL, "₹12,34,567.50"),
        (Language.TELUGU, "₹12,34,567.50"),
        (Language.BENGALI, "12,34,567.50"),
    ],
)
def test_money_is_written_as_the_language_writes_it(language: Language, told: str) -> None:
    about = situation(SituationKind.PAYMENT_FAILED, amount=1_234_567.5)

    assert told in write(about, language=language).body


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(50.0, None), (50.0, "rupees"), (float("nan"), "INR"), (float("inf"), "INR"), (-1.0, "INR")],
)
def test_an_amount_without_a_sound_value_or_currency_is_left_out(
    amount: float, currency: str | None
) -> None:
    about = situation(SituationKind.PAYMENT_FAILED, amount=amount)

    assert "Your last payment did not go through." in write(about, currency=currency).body


def test_a_ticket_category_is_told_as_the_language_calls_it() -> None:
    about = situation(SituationKind.INQUIRY, topic="Delivery")

    assert "your question about your delivery" in write(about).body
    assert "आपकी डिलीवरी के बारे में" in write(about, language=Language.HINDI).body


def test_a_category_without_a_phrase_is_not_told() -> None:
    assert (
        "Thank you for your question."
        in write(situation(SituationKind.INQUIRY, topic="xyzzy")).body
    )


def test_an_approved_offer_is_told_with_its_expiry_and_makes_it_marketing() -> None:
    message = write(offer=OFFER, purpose=Purpose.SERVICE)

    assert (
        "You can have 10% off your next order until November 30, 2026: just reply" in message.body
    )
    assert message.purpose is Purpose.MARKETING
    assert message.body.endswith("reply STOP or unsubscribe in your account.")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", Channel)
def test_an_offer_is_told_as_applied_only_once_that_is_confirmed(
    language: Language, channel: Channel
) -> None:
    messages = language_pack(language).messages
    confirmed = OFFER.model_copy(update={"applied": True})

    def told(offer: Offer) -> str:
        return write(language=language, channel=channel, offer=offer).body

    short = channel is Channel.SMS
    wanted = messages.sms_offer if short else messages.offer
    applied = messages.sms_offer_applied if short else messages.offer_applied
    values = {"percent": "10%", "expires": formats.day(EXPIRES, messages.locale)}
    assert wanted.format_map(values) in told(OFFER)
    assert applied.format_map(values) in told(confirmed)
    assert applied.format_map(values) not in told(OFFER)


GREETING = "We wish you a happy and bright Diwali."


def test_a_greeting_is_a_paragraph_of_its_own_after_the_salutation() -> None:
    body = write(situation(SituationKind.CHECK_IN), greeting=GREETING).body

    assert body.startswith(f"Dear {{first_name}},\n\n{GREETING}\n\nWe wanted to ask")


def test_a_text_message_has_a_greeting_only_when_everything_else_fits() -> None:
    about = situation(SituationKind.CHECK_IN)
    body = write(about, channel=Channel.SMS, greeting=GREETING).body
    full = write(about, channel=Channel.SMS).body

    assert body.startswith(f"Hi {{first_name}}, {GREETING} We wanted to ask")
    assert write(about, channel=Channel.SMS, greeting="Happy Diwali. " * 20).body == full


def test_a_greeting_alone_keeps_the_purpose() -> None:
    about = situation(SituationKind.CHECK_IN)

    for purpose in Purpose:
        assert write(about, purpose=purpose, greeting=GREETING).purpose is purpose
    assert write(about, greeting=GREETING, offer=OFFER).purpose is Purpose.MARKETING


@pytest.mark.parametrize("missing", [{"approved": False}, {"expires": None}])
def test_an_offer_that_may_not_be_promised_is_not_told_yet_stays_marketing(
    missing: dict[str, Any],
) -> None:
    message = write(offer=OFFER.model_copy(update=missing))

    assert "off" not in message.body
    assert message.purpose is Purpose.MARKETING


def test_a_share_keeps_its_decimals() -> None:
    assert "12.5% off" in write(offer=OFFER.model_copy(update={"percent_off": 0.125})).body
    assert "30% off" in write(offer=OFFER.model_copy(update={"percent_off": 0.1 + 0.2})).body


def test_a_service_message_has_no_opt_out_line() -> None:
    assert "STOP" not in write().body
    assert "STOP" in write(purpose=Purpose.MARKETING).body


def test_only_email_has_a_subject_and_a_signature() -> None:
    for channel in (Channel.SMS, Channel.WHATSAPP):
        message = write(channel=channel, sender="Asha")
        assert message.subject is None
        assert "Asha" not in message.body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", SituationKind)
def test_a_text_message_is_one_line_of_two_segments(
    language: Language, kind: SituationKind
) -> None:
    about = situation(kind, order_id="O500123", days=12, amount=99_999.5)
    body = write(about, language=language, channel=Channel.SMS, offer=OFFER).body

    assert "\n" not in body
    assert segments(fill_name(body, "Raghavendra", language=language)) <= 2
    assert "10%" in body
    assert "STOP" in body


def test_a_text_message_gives_up_its_last_sentence_before_the_offer() -> None:
    about = situation(order_id="O" + "5" * 39)
    full = write(about, language=Language.HINDI, channel=Channel.SMS).body
    short = write(about, language=Language.HINDI, channel=Channel.SMS, offer=OFFER).body

    assert "कठिनाई हो तो उत्तर दें" in full
    assert "कठिनाई हो तो उत्तर दें" not in short
    assert "10% छूट" in short


def test_the_same_input_gives_the_same_text() -> None:
    assert write(offer=OFFER) == write(offer=OFFER)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Priya", "Dear Priya,"),
        ("प्रिया", "Dear प्रिया,"),
        ("  Mary   Ann ", "Dear Mary Ann,"),
        ("Pri\u200bya\u202e", "Dear Priya,"),
        ("Priya\nBcc: all", "Dear Priya Bcc: all,"),
        ("क्\u200dष", "Dear क्\u200dष,"),
        ("x" * 90, f"Dear {'x' * 40},"),
        ("x" * 39 + "कि", f"Dear {'x' * 39},"),
    ],
)
def test_a_name_is_one_clean_line_of_at_most_forty_characters(name: str, greeting: str) -> None:
    assert fill_name("Dear {first_name},\n\nHow are you?", name, language=Language.ENGLISH) == (
        f"{greeting}\n\nHow are you?"
    )


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        " \u200b\u202e ",
        "nan",
        "None",
        "NULL",
        "!!!",
        "https://evil.example",
        "www.evil.example",
        "evil.example/win",
        "me@evil.example",
        "<b>Bob</b>",
        "{first_name}",
        "{0.__class__}",
        "{{ 7*7 }}",
        "&lt;b&gt;",
        "=cmd()",
        "50% off everything",
        "Call 98765",
    ],
)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", Channel)
def test_what_is_no_name_is_greeted_as_nobody_in_particular(
    name: str | None, language: Language, channel: Channel
) -> None:
    named = write(language=language, channel=channel, named=True)
    plain = write(language=language, channel=channel, named=False)

    assert fill_name(named.body, name, language=language) == plain.body


def test_a_name_inside_a_persons_own_text_is_left_out_with_its_comma() -> None:
    text = "Thank you, {first_name}, for waiting. Yours, {first_name}"

    assert fill_name(text, "Priya", language=Language.ENGLISH) == (
        "Thank you, Priya, for waiting. Yours, Priya"
    )
    assert fill_name(text, None, language=Language.ENGLISH) == "Thank you, for waiting. Yours"


def test_a_text_message_does_not_pay_more_for_a_name() -> None:
    body = write(channel=Channel.SMS, offer=OFFER).body

    assert segments(body) == 2
    assert fill_name(body, "Priya", language=Language.ENGLISH).startswith("Hi Priya, ")
    assert fill_name(body, "प्रिया", language=Language.ENGLISH).startswith("Hello, ")


@settings(max_examples=150, deadline=None)
@given(name=st.text(max_size=80), language=st.sampled_from(Language))
def test_no_name_adds_a_line_or_a_slot(name: str, language: Language) -> None:
    body = write(language=language).body
    filled = fill_name(body, name, language=language)

    assert len(filled.splitlines()) == len(body.splitlines())
    assert len(filled) <= len(body) + 40
    assert "{" not in filled


@pytest.mark.parametrize(
    ("text", "name", "hidden"),
    [
        ("Dear Priya, how is Priyanka?", "Priya", "Dear {first_name}, how is Priyanka?"),
        ("प्रिय राम जी, रामायण और रामा।", "राम", "प्रिय {first_name} जी, रामायण और रामा।"),
        ("I am A.", "A", "I am A."),
        ("Dear nan,", "nan", "Dear nan,"),
        ("Dear Priya,", None, "Dear Priya,"),
    ],
)
def test_a_name_written_out_is_put_back_as_a_slot_where_it_stands_alone(
    text: str, name: str | None, hidden: str
) -> None:
    assert hide_name(text, name) == hidden
