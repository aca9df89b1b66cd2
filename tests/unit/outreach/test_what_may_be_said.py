"""What the checks take into account: allowed promises, known hosts, real numbers, other limits."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import procx_graph
from procx_graph.domain.message import Channel, Language
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.draft import checked
from tests.unit.builders import a_customer, a_message, a_policy, a_situation

NOTHING = MessageFacts(situation=SituationKind.INQUIRY)


def codes(body: str, facts: MessageFacts = NOTHING, **parts: Any) -> set[str]:
    limits = {"whatsapp_length": parts.pop("whatsapp_length")} if "whatsapp_length" in parts else {}
    return {f.code for f in check_message(a_message(body=body, **parts), facts, **limits)}


def found(body: str, facts: MessageFacts = NOTHING) -> list[tuple[str, str]]:
    findings = check_message(a_message(body=body), facts)
    return [(finding.code, body[finding.start : finding.end]) for finding in findings]


def test_a_promise_is_found_where_it_stands() -> None:
    assert found("Well, we guarantee it.") == [("promise", "guarantee")]


def test_an_allowed_promise_may_be_made_as_it_is_written() -> None:
    facts = replace(NOTHING, promises=("within 24 hours",))

    assert codes("We answer within 24 hours.", facts) == set()
    assert codes("We answer within 48 hours.", facts) == {"promise", "unknown_duration"}


def test_a_playbook_says_what_may_be_promised() -> None:
    books = [
        book.model_dump(mode="json") | {"promises": ["within 24 hours"]}
        for book in a_policy().playbooks
    ]
    message = a_message(body="We are sorry. We answer within 24 hours.")

    def blocked(policy: procx_graph.Policy) -> bool:
        return checked(message, a_situation(), None, a_customer(), policy=policy).blocked

    assert blocked(a_policy())
    assert not blocked(a_policy(playbooks=books))


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://acme.example/help", None),
        ("https://acme.example.", None),
        ("https://shop.acme.example/a?b=c", None),
        ("http://acme.example/help", "insecure_link"),
        ("www.acme.example", "insecure_link"),
        ("https://evilacme.example/help", "unknown_link"),
        ("https://acme.example.evil.org/help", "unknown_link"),
        ("https://acme.example:8443/help", "unknown_link"),
        ("https://acme.example@evil.org/help", "unknown_email"),
        ("https://[acme.example/help", "unknown_link"),
        ("javascript:alert", "unknown_link"),
    ],
)
def test_a_link_leads_to_a_known_host_by_https(link: str, code: str | None) -> None:
    facts = replace(NOTHING, domains=frozenset({"acme.example"}))

    assert (code is None and not codes(f"See {link} please.", facts)) or code in codes(
        f"See {link} please.", facts
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4539 1488 0343 6467", "card_number"),
        ("4539-1488-0343-6467", "card_number"),
        ("४५३९१४८८०३४३६४६७", "card_number"),
        ("378282246310005", "card_number"),
        ("2341 2341 2346", "aadhaar_number"),
        ("২৩৪১২৩৪১২৩৪৬", "aadhaar_number"),
        ("ABCPK1234L", "pan_number"),
        ("abcpk1234l", "pan_number"),
        ("C118902", "other_customer"),
    ],
)
def test_a_personal_number_is_told_from_others(text: str, code: str) -> None:
    assert found(f"We noted {text} here.") == [(code, text)]


@pytest.mark.parametrize(
    "text", ["4539 1488 0343 6468", "0000 0000 0000 0000", "2341 2341 2347", "1341 2341 2346"]
)
def test_digits_that_fail_the_test_of_a_card_or_an_aadhaar_are_plain_figures(text: str) -> None:
    assert not codes(f"We noted {text} here.") & {"card_number", "aadhaar_number"}


def test_the_customers_own_id_is_no_other_customers() -> None:
    facts = replace(NOTHING, customer_id="CUST-7001")

    assert codes("Your number is CUST-7001.", facts) == set()
    assert codes("Your number is CUST-7002.", facts) == {"other_customer"}


@pytest.mark.parametrize(
    ("greeting", "right"),
    [
        ("Dear Priya,", True),
        ("Dear priya,", True),
        ("Dear Ms Priya,", True),
        ("Dear Priya Sharma,", True),
        ("Dear {first_name},", True),
        ("Dear customer,", True),
        ("Dear Sir or Madam,", True),
        ("Hi there,", True),
        ("Hello and welcome,", True),
        ("Hello, your order is on its way,", True),
        ("Dear प्रिया,", True),
        ("Dear Priyanka,", False),
        ("Hi Rahul,", False),
        ("Good morning Mr Rao,", False),
    ],
)
def test_whoever_is_greeted_is_the_customer(greeting: str, right: bool) -> None:
    facts = replace(NOTHING, first_name="Priya")

    assert ("wrong_name" in codes(f"{greeting}\n\nthank you.", facts)) is not right
    assert "wrong_name" not in codes(f"{greeting}\n\nthank you.")


@pytest.mark.parametrize(
    ("sender", "signed", "right"),
    [
        ("Asha from Acme", "Asha from Acme", True),
        ("Acme", "Asha, Acme", True),
        (None, "Your customer care team", True),
        ("Asha from Acme", "Reserve Bank", False),
        (None, "Reserve Bank", False),
    ],
)
def test_the_right_one_signs(sender: str | None, signed: str, right: bool) -> None:
    facts = replace(NOTHING, sender=sender)

    assert ("wrong_sender" in codes(f"Thank you.\n\nBest regards,\n{signed}", facts)) is not right


def test_a_weekday_may_be_named_when_a_known_date_falls_on_it() -> None:
    facts = replace(NOTHING, dates=frozenset({date(2026, 11, 30)}))  # a Monday

    assert codes("It ends on Monday.", facts) == set()
    assert codes("It ends on Tuesday.", facts) == {"unknown_date"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Thank you! We are glad!", None),
        ("Thank you! We are glad! Truly!", "exclamations"),
        ("Thank you!!", "exclamations"),
        ("WE ARE GLAD THAT YOU WROTE TO US ABOUT IT", "shouting"),
        ("Use the NFC or the USB port.", None),
    ],
)
def test_a_text_does_not_shout(text: str, code: str | None) -> None:
    assert codes(text) == ({code} if code else set())


@pytest.mark.parametrize(
    ("kind", "owed"),
    [
        (SituationKind.COMPLAINT, True),
        (SituationKind.ORDER_DELAYED, True),
        (SituationKind.ORDER_CANCELLED, False),
        (SituationKind.CHECK_IN, False),
    ],
)
def test_an_apology_is_owed_for_what_was_our_fault(kind: SituationKind, owed: bool) -> None:
    facts = MessageFacts.of(a_situation(kind), None)

    assert ("missing_apology" in codes("We have read your note.", facts)) is owed
    assert codes("We are sorry and have read your note.", facts) == set()


def test_a_known_offer_may_be_told_in_words_of_ones_own() -> None:
    facts = replace(
        NOTHING, percents=frozenset({Decimal(10)}), dates=frozenset({date(2026, 11, 30)})
    )

    assert codes("You get a discount of 10% until 30 November.", facts) == set()
    assert codes("You get a discount of 10%.", facts) == {"missing_expiry"}
    assert codes("10% until 30 November, and a free gift.", facts) == {"unknown_offer"}


def test_names_do_not_make_two_messages_different() -> None:
    facts = replace(NOTHING, first_name="Priya", earlier=("Hi {first_name}, are you well?",))

    assert codes("Hi Priya, are you well?", facts) == {"near_copy"}
    assert codes("Priya, the blue kettle is back in our shop.", facts) == set()


def test_ten_pictures_are_enough_for_a_chat() -> None:
    def chat(text: str, **limits: Any) -> set[str]:
        return codes(text, channel=Channel.WHATSAPP, subject=None, **limits)

    assert chat("Hi " + "👩‍👩‍👧" * 5 + "👍🏽" * 5) == set()
    assert chat("Hi " + "👍" * 11) == {"too_many_emoji"}
    assert codes("Hi " + "👍" * 11) == set()
    assert chat("Thanks. " * 80, whatsapp_length=550) == {"too_long"}
    assert chat("Thanks. " * 80) == set()


def test_a_lookalike_letter_is_found_and_greek_alone_is_not() -> None:
    assert found("Pay with PаyPal.") == [("confusable_letter", "PаyPal")]
    assert found("The β version and 日本 are fine.") == []


@pytest.mark.parametrize(
    "text", ["<b>Hi</b>", "<img src=x onerror=y>", "a&nbsp;b", "a&#8203;b", "<!-- x"]
)
def test_markup_is_found(text: str) -> None:
    assert "markup" in codes(f"Thanks. {text}")


@pytest.mark.parametrize("blank", ["\u3164", "\u2800", "\u115f", "\u202e", "\u2067"])
def test_what_shows_nothing_is_found_in_the_subject_too(blank: str) -> None:
    assert "hidden_character" in codes("Thank you.", subject=f"Your{blank}order")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hi", "तुमचा ऑर्डर मिळाला आहे आणि आम्ही पाहत आहोत."),
        ("hi", "तपाईंको अर्डर ढिलो भएको छ।"),
        ("bn", "আপোনাৰ অৰ্ডাৰ পলম হৈছে।"),
        ("en", "Aapka order late hai, hum dekh rahe hain."),
    ],
)
def test_a_neighbouring_language_is_found(language: str, text: str) -> None:
    assert "wrong_language" in codes(text, language=Language(language), subject=None)


def test_one_foreign_word_is_a_name() -> None:
    assert codes("Ka Sing update", subject=None, channel=Channel.SMS) == set()


def test_half_the_price_is_no_offer_of_ours() -> None:
    facts = replace(NOTHING, percents=frozenset({Decimal(10)}))

    assert codes("Everything at half price.", facts) == {"unknown_offer"}


def test_the_checks_are_public() -> None:
    assert procx_graph.check_message is check_message
    assert procx_graph.MessageFacts is MessageFacts
