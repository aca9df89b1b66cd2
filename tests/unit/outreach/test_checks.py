"""The checks find what must not be sent, and nothing in what we write ourselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Severity, Tone
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.compose import compose
from procx_graph.outreach.names import fill_name

OFFER = Offer(
    id="thanks-10",
    percent_off=0.10,
    valid_days=14,
    expires=datetime(2026, 11, 30, tzinfo=UTC),
    approved=True,
)
FACTS = MessageFacts(
    days=frozenset({5}),
    amounts=frozenset({Decimal("1250.00")}),
    percents=frozenset({Decimal(10)}),
    dates=frozenset({date(2026, 11, 30)}),
    ids=frozenset({"O500123"}),
    links=frozenset({"https://acme.example/help", "care@acme.example", "+91 98765 43210"}),
    currency="INR",
    first_name="Priya",
    sender="Acme Care 24",
)
SUBJECTS = {
    Language.ENGLISH: "About your order",
    Language.HINDI: "आपके ऑर्डर के बारे में",
    Language.TAMIL: "உங்கள் ஆர்டர் குறித்து",
    Language.TELUGU: "మీ ఆర్డర్ గురించి",
    Language.BENGALI: "আপনার অর্ডার প্রসঙ্গে",
}


def email(body: str, language: str = "en", **parts: Any) -> Message:
    return Message(
        language=Language(language),
        channel=parts.pop("channel", Channel.EMAIL),
        tone=Tone.WARM,
        purpose=Purpose.SERVICE,
        subject=parts.pop("subject", SUBJECTS[Language(language)]),
        body=body,
        **parts,
    )


def found(body: str, language: str = "en", facts: MessageFacts = FACTS) -> set[tuple[str, str]]:
    """Give each finding's code and the text it points at."""
    return {
        (finding.code, body[finding.start : finding.end])
        for finding in check_message(email(body, language), facts)
    }


def codes(message: Message, facts: MessageFacts = FACTS) -> set[str]:
    return {finding.code for finding in check_message(message, facts)}


def situations() -> Iterator[Situation]:
    """Every situation with nothing known, with everything, and without an order."""
    everything = {"order_id": "O500123", "days": 12, "amount": 1_234_567.5, "topic": "delivery"}
    known: tuple[dict[str, Any], ...] = ({}, everything, everything | {"order_id": None})
    for kind, facts in product(SituationKind, known):
        yield Situation(
            kind=kind, sentiment=Sentiment.NEGATIVE, urgency=3, summary="a summary", **facts
        )


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("language", Language)
def test_what_our_templates_write_passes_every_check(language: Language, channel: Channel) -> None:
    seen: set[str] = set()
    offers = (None, OFFER, OFFER.model_copy(update={"applied": True}))
    ways = ((Purpose.SERVICE, None), *((Purpose.MARKETING, offer) for offer in offers))
    for about, tone, (purpose, offer) in product(situations(), Tone, ways):  # least known first
        facts = MessageFacts.of(about, offer, currency="INR", sender="Acme Care 24")
        for named in (True, False):
            message = compose(
                about,
                language=language,
                tone=tone,
                channel=channel,
                purpose=purpose,
                offer=offer,
                named=named,
                currency="INR",
                sender="Acme Care 24",
            )
            if message.body not in seen:
                assert check_message(message, facts) == (), message.body
            seen.add(message.body)


@pytest.mark.parametrize("name", ["Priya", "प्रिया", "VIP", "Null", "x" * 40, "{first_name}", None])
@pytest.mark.parametrize("channel", Channel)
def test_a_message_passes_with_the_name_filled_in_whatever_the_name(
    name: str | None, channel: Channel
) -> None:
    about = Situation(
        kind=SituationKind.COMPLAINT, sentiment=Sentiment.NEGATIVE, urgency=3, summary="a summary"
    )
    message = compose(
        about,
        language=Language.ENGLISH,
        tone=Tone.WARM,
        channel=channel,
        purpose=Purpose.MARKETING,
        offer=OFFER,
        named=True,
        currency=None,
        sender=None,
    )
    filled = message.model_copy(
        update={"body": fill_name(message.body, name, language=Language.ENGLISH)}
    )

    assert check_message(filled, MessageFacts.of(about, OFFER, first_name=name)) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Dear Priya, order O500123 is late by 5 days. Acme Care 24"),
        (
            "en",
            "Five days late; ten percent off until 30 November; one of us reads it; None is lost.",
        ),
        ("en", "You paid ₹1,250.00, that is Rs. 1250, INR 1,250 or 1,250 rupees."),
        ("en", "10% off until November 30, 2026, or 30th November, 30 Nov 2026 or 30/11/2026."),
        ("en", "See https://acme.example/help, or write to care@acme.example, or +91 98765 43210."),
        ("en", "Thank you! 🙏🏽 We are here 👩‍👩‍👧."),
        ("hi", "आपके ऑर्डर O500123 में ५ दिन की देरी है। १० प्रतिशत छूट ३० नवंबर तक। १,२५० रुपये।"),
        ("hi", "एक बार फिर धन्यवाद। पाँच दिन। दस प्रतिशत, ३० नवंबर तक। हमारी टीम का क्\u200dषमा संदेश।"),
        ("ta", "உங்கள் ஆர்டர் 5 நாட்கள் தாமதம். 10 சதவீத தள்ளுபடி. ₹1,250.00 நவம்பர் 30 வரை."),
        ("te", "మీ ఆర్డర్ ౫ రోజులు ఆలస్యం. 10 శాతం తగ్గింపు, ₹1,250, 30 నవంబర్, 2026 వరకు."),
        ("bn", "আপনার O500123-এর ৫ দিন দেরি। ১০ শতাংশ ছাড়, ১,২৫০ টাকা, ৩০ নভেম্বর ২০২৬।"),
    ],
)
def test_a_text_that_states_only_facts_is_left_alone(language: str, text: str) -> None:
    assert found(text, language) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hi", "Aapka order late hai, hum dekh rahe hain."),
        ("hi", "உங்கள் ஆர்டர் தாமதமாகியுள்ளது."),
        ("ta", "Your order is late, please reply to this message."),
        ("ta", "మీ ఆర్డర్ ఆలస్యమైంది."),
        ("te", "आपके ऑर्डर में देरी हो रही है।"),
        ("te", "Mee order aalasyam ayyindi."),
        ("bn", "Apnar order deri hochche."),
        ("bn", "आपके ऑर्डर में देरी हो रही है।"),
        ("en", "आपके ऑर्डर में देरी हो रही है।"),
        ("en", "আপনার অর্ডার আসতে দেরি হচ্ছে।"),
    ],
)
def test_another_script_is_found(language: str, text: str) -> None:
    assert found(text, language) == {("wrong_script", text)}


def test_latin_brands_ids_and_names_do_not_make_a_text_foreign() -> None:
    assert found("Priya जी, O500123 में देरी है। Acme Care 24", "hi") == set()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Hello\u202e there", "\u202e"),
        ("Hel\u200blo there", "\u200b"),
        ("Hello\u2066 there", "\u2066"),
        ("Hello\ufeff there", "\ufeff"),
        ("Hello\x00 there", "\x00"),
        ("Hello\x1b there", "\x1b"),
        ("Hello\u2028 there", "\u2028"),
        ("Hello\U000e0041 there", "\U000e0041"),
        ("Hel\u200dlo there", "\u200d"),
    ],
)
def test_a_hidden_character_is_found(text: str, hidden: str) -> None:
    assert found(text) == {("hidden_character", hidden)}


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "Your churn risk is high.", "churn risk"),
        ("en", "As a VIP you come first.", "VIP"),
        ("en", "As a vip you come first.", "vip"),
        ("en", "As a ＶＩＰ you come first.", "ＶＩＰ"),
        ("en", "Your health-score fell.", "health-score"),
        ("en", "Your risk_level is up.", "risk_level"),
        ("en", "Your LIFETIME  VALUE is high.", "LIFETIME  VALUE"),
        ("hi", "हमारे लिए आप वीआईपी हैं।", "वीआईपी"),
        ("hi", "आपका चर्न जोखिम अधिक है।", "चर्न जोखिम"),
        ("hi", "आपका हेल्थ स्कोर कम है।", "हेल्थ स्कोर"),
        ("hi", "आप हमारे VIP ग्राहक हैं।", "VIP"),
        ("ta", "நீங்கள் எங்கள் VIP வாடிக்கையாளர்.", "VIP"),
        ("te", "మీరు మా VIP కస్టమర్.", "VIP"),
        ("bn", "VIPদের জন্য বিশেষ সুবিধা আছে।", "VIP"),
    ],
)
def test_an_internal_word_is_found(language: str, text: str, word: str) -> None:
    assert found(text, language) == {("internal_word", word)}


@pytest.mark.parametrize("language", Language)
def test_every_language_knows_its_own_internal_words(language: Language) -> None:
    word = {"en": "churn", "hi": "चर्न", "ta": "வி.ஐ.பி", "te": "వీఐపీ", "bn": "ভিআইপি"}[language]

    assert "internal_word" in codes(email(f"{SUBJECTS[language]} {word}.", language))


@pytest.mark.parametrize("text", ["Vipin and Aida say hello.", "We used a segmented tray."])
def test_a_word_that_merely_contains_an_internal_one_is_left_alone(text: str) -> None:
    assert found(text) == set()


def test_an_indic_word_ends_after_its_vowel_signs() -> None:
    assert found("यह चर्नी का नाम है।", "hi") == set()
    assert found("यह चर्न का नाम है।", "hi") == {("internal_word", "चर्न")}


def test_a_word_split_by_a_hidden_character_is_still_read() -> None:
    assert ("internal_word", "ch\u200burn") in found("We spoke of ch\u200burn today.")


@pytest.mark.parametrize(
    ("language", "text", "code", "span"),
    [
        ("en", "You get 15% off.", "unknown_percent", "15"),
        ("en", "You get fifteen per cent off.", "unknown_percent", "fifteen"),
        ("hi", "आपको १५ प्रतिशत छूट है।", "unknown_percent", "१५"),
        ("ta", "உங்களுக்கு ௧௫ சதவீத தள்ளுபடி.", "unknown_percent", "௧௫"),
        ("te", "మీకు పదిహేను శాతం తగ్గింపు.", "unknown_percent", "పదిహేను"),
        ("bn", "আপনি ১৫% ছাড় পাবেন।", "unknown_percent", "১৫"),
        ("en", "It is 12 days late.", "unknown_duration", "12"),
        ("en", "It is 10 days late.", "unknown_duration", "10"),
        ("en", "We come in one hour.", "unknown_duration", "one"),
        ("en", "We come in 5 hours.", "unknown_duration", "5"),
        ("en", "We waited two-and-more weeks.", "unknown_number", "two"),
        ("hi", "एक घंटे में बताएँगे।", "unknown_duration", "एक"),
        ("te", "౧౨ రోజులు ఆలస్యం.", "unknown_duration", "౧౨"),
        ("bn", "১২ দিন দেরি।", "unknown_duration", "১২"),
        ("en", "You paid ₹2,000.", "unknown_amount", "2,000"),
        ("en", "You paid Rs500 then.", "unknown_amount", "500"),
        ("hi", "आपने 500 रुपये दिए।", "unknown_amount", "500"),
        ("en", "You paid $1,250.00 then.", "wrong_currency", "1,250.00"),
        ("en", "You paid 1,250 dollars.", "wrong_currency", "1,250"),
        ("en", "You paid USD 1250 then.", "wrong_currency", "1250"),
        ("en", "Valid until December 1, 2026.", "unknown_date", "December 1, 2026"),
        ("en", "Valid until 30 November 2027.", "unknown_date", "30 November 2027"),
        ("hi", "३१ दिसंबर तक मान्य है।", "unknown_date", "३१ दिसंबर"),
        ("ta", "1/12/2026 வரை செல்லும்.", "unknown_date", "1/12/2026"),
        ("en", "Order O999999 is late.", "unknown_id", "O999999"),
        ("en", "Order O5001234 is late.", "unknown_id", "O5001234"),
        ("en", "Order #777 is late.", "unknown_id", "#777"),
        ("en", "Use the code SAVE20 now.", "unknown_id", "SAVE20"),
        ("en", "There are 7 items.", "unknown_number", "7"),
        ("en", "There are twenty-five thousand.", "unknown_number", "twenty-five thousand"),
        ("en", "There is ½ left.", "unknown_number", "½"),
        ("hi", "वहाँ सात चीज़ें हैं।", "unknown_number", "सात"),
    ],
)
def test_a_figure_that_is_no_fact_is_found(language: str, text: str, code: str, span: str) -> None:
    assert found(text, language) == {(code, span)}


def test_a_pending_offer_is_no_fact() -> None:
    about = Situation(
        kind=SituationKind.CHECK_IN, sentiment=Sentiment.NEUTRAL, urgency=1, summary="quiet"
    )
    pending = OFFER.model_copy(update={"approved": False})
    text = email("10% off until November 30, 2026.")

    assert codes(text, MessageFacts.of(about, OFFER)) == set()
    assert codes(text, MessageFacts.of(about, pending)) == {"unknown_percent", "unknown_date"}


def test_an_amount_without_a_known_currency_cannot_be_told() -> None:
    facts = MessageFacts(amounts=frozenset({Decimal(50)}))

    assert codes(email("You paid ₹50 then."), facts) == {"wrong_currency"}


@pytest.mark.parametrize(
    ("language", "text", "code", "span"),
    [
        ("en", "See https://evil.example/x now.", "unknown_link", "https://evil.example/x"),
        ("en", "See www.evil.example now.", "unknown_link", "www.evil.example"),
        ("en", "Visit shop.com/help now.", "unknown_link", "shop.com/help"),
        ("en", "Go to javascript:alert now.", "unknown_link", "javascript:alert"),
        ("en", "Try https://acme.example/help/me now.", "unknown_link", None),
        ("en", "Write to me@evil.example now.", "unknown_email", "me@evil.example"),
        ("en", "Pay priya@okbank now.", "unknown_email", "priya@okbank"),
        ("hi", "हमें evil@evil.com पर लिखकर बताएँ।", "unknown_email", "evil@evil.com"),
        ("en", "Call +44 20 7946 0000 now.", "unknown_phone", "+44 20 7946 0000"),
        ("en", "Call 98765-00000 now.", "unknown_phone", "98765-00000"),
        ("hi", "हमें ९८७६५००००० पर बताएँ।", "unknown_phone", "९८७६५०००००"),
    ],
)
def test_an_address_that_is_no_fact_is_found(
    language: str, text: str, code: str, span: str | None
) -> None:
    assert (code, span or "https://acme.example/help/me") in found(text, language)


@pytest.mark.parametrize(
    ("language", "text", "code", "span"),
    [
        ("en", "Dear {name}, hello.", "placeholder", "{name}"),
        ("en", "Dear {{first_name}}, hello.", "placeholder", "{{first_name}}"),
        ("en", "Dear ${name}, hello.", "placeholder", "${name}"),
        ("en", "Dear [Your Name], hello.", "placeholder", "[Your Name]"),
        ("en", "Dear <name>, hello.", "placeholder", "<name>"),
        ("en", "Dear %s, hello.", "placeholder", "%s"),
        ("en", "A stray } brace.", "placeholder", "}"),
        ("te", "నమస్కారం {పేరు} గారు.", "placeholder", "{పేరు}"),
        ("en", "Dear None, hello.", "missing_value", "None"),
        ("en", "Your order nan is late.", "missing_value", "nan"),
        ("en", "Your order null is late.", "missing_value", "null"),
        ("hi", "नमस्ते None जी, धन्यवाद।", "missing_value", "None"),
        ("bn", "প্রিয় None, ধন্যবাদ।", "missing_value", "None"),
        ("en", "Dear , how are you?", "missing_value", "D"),
        ("hi", "जी, आपका ऑर्डर आ रहा है।", "missing_value", "ज"),
    ],
)
def test_what_was_left_unfilled_is_found(language: str, text: str, code: str, span: str) -> None:
    assert (code, span) in found(text, language)


@pytest.mark.parametrize(
    ("body", "parts", "code"),
    [
        ("", {}, "empty_body"),
        (" \n\t", {}, "empty_body"),
        ("{first_name}", {}, "empty_body"),
        ("a" * 5_001, {}, "too_long"),
        ("a" * 1_025, {"channel": Channel.WHATSAPP, "subject": None}, "too_long"),
        ("a" * 307, {"channel": Channel.SMS, "subject": None}, "too_long"),
        ("a “quote” " * 14, {"channel": Channel.SMS, "subject": None}, "too_long"),
        ("Fine.", {"subject": "One\nBcc: everyone"}, "subject_newline"),
        ("Fine.", {"subject": "One\r\n"}, "subject_newline"),
    ],
)
def test_a_text_that_does_not_fit_its_channel_is_refused(
    body: str, parts: dict[str, Any], code: str
) -> None:
    message = email(body, **parts)
    message = message.model_copy(update={"findings": check_message(message, FACTS)})

    assert code in {finding.code for finding in message.findings}
    assert message.blocked


@pytest.mark.parametrize(
    ("subject", "code"), [("x" * 61, "subject_too_long"), (None, "missing_subject")]
)
def test_a_weak_subject_only_warns(subject: str | None, code: str) -> None:
    (finding,) = check_message(email("Fine.", subject=subject), FACTS)

    assert (finding.code, finding.field, finding.severity) == (code, "subject", Severity.WARN)


def test_the_number_of_segments_is_the_callers_choice() -> None:
    message = email("क" * 100, "hi", channel=Channel.SMS, subject=None)

    assert check_message(message, FACTS) == ()
    assert check_message(message, FACTS, max_segments=1)[0].code == "too_long"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a@",
        "a_",
        "__",
        "{",
        "<",
        "1 ",
        "10%",
        "two ",
        "क्",
        " ",
        "\u200b",
        "! ",
        "C12345 ",
        "4539 1488 ",
        "<b>",
        "happy ",
        "your ",
        "&a",
    ],
)
def test_a_huge_text_takes_no_longer_than_its_length(piece: str) -> None:
    message = email("Fine. " + (piece * 20_000)[:60_000])
    begin = process_time()

    assert "too_long" in codes(message)
    assert process_time() - begin < 5


@settings(max_examples=150, deadline=None)
@given(
    body=st.text() | st.text("5१௫ ₹$%#O0123456789.,/-{}<>@ABCaprılnovember दिन"),
    subject=st.text(max_size=80),
    name=st.none() | st.text(max_size=60),
    language=st.sampled_from(Language),
)
def test_any_text_is_read_and_every_span_lies_in_it(
    body: str, subject: str, name: str | None, language: Language
) -> None:
    message = email(body, language, subject=subject)
    texts = {"body": body, "subject": subject}

    for finding in check_message(message, replace(FACTS, first_name=name)):
        assert 0 <= finding.start <= finding.end <= len(texts[finding.field])


def test_a_month_misspelt_with_a_dotless_letter_is_no_known_date() -> None:
    facts = MessageFacts(dates=frozenset({date(2026, 4, 5)}))

    assert codes(email("It ends on 5 Apr\u0131l."), facts) == {"unknown_date"}


def test_the_subject_is_read_too() -> None:
    (finding,) = check_message(email("Fine.", subject="For our VIP friends"), FACTS)

    assert (finding.field, finding.start, finding.end) == ("subject", 8, 11)


def test_findings_point_into_the_text_as_it_is_sent() -> None:
    text = "ﬁne \u200b ｗｏｒｄｓ, then churn."

    assert ("internal_word", "churn") in found(text)
    assert ("hidden_character", "\u200b") in found(text)
