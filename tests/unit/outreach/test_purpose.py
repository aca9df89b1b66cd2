"""What a message is for, worked out from its text."""

import pytest

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Purpose, Tone
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.draft import checked
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.policies import load_policy
from procx_graph.outreach.purpose import UNDER_WAY, promotes, purpose_of
from tests.unit.builders import a_customer, a_message, a_situation

OFFER = Offer(id="come-back-5", percent_off="5%", valid_days=30)
PLAIN = "We are looking into it."


@pytest.mark.parametrize("kind", SituationKind)
def test_the_purpose_follows_from_what_is_answered(kind: SituationKind) -> None:
    purpose = purpose_of(PLAIN, offer=None, situation=a_situation(kind))

    if kind in UNDER_WAY:
        assert purpose is Purpose.TRANSACTIONAL
    else:
        assert purpose is (Purpose.SERVICE if kind.adverse else Purpose.MARKETING)


def test_an_offer_makes_any_answer_marketing() -> None:
    assert purpose_of(PLAIN, offer=OFFER, situation=a_situation()) is Purpose.MARKETING


@pytest.mark.parametrize(
    "text",
    [
        "We are sorry. Here is a DISCOUNT code.",
        "Your payment failed. Shop now in our sale!",
        "Sorry for the delay - 20% off",
        "Use coupon SORRY",
        "आपके लिए विशेष छूट है।",
        "अगले ऑर्डर पर ऑफ़र",
        "உங்களுக்குச் சிறப்புச் சலுகைகள்",
        "మీకు తగ్గింపుతో కొత్త ఆఫర్లు",
        "আপনার জন্য ছাড় আছে",
        "নতুন অফারগুলি দেখুন",
        "Special\u200b offers for you",
        "ｄｉｓｃｏｕｎｔ for you",
    ],
)
def test_a_promotion_in_any_language_makes_it_marketing(text: str) -> None:
    assert purpose_of(text, offer=None, situation=a_situation()) is Purpose.MARKETING
    assert purpose_of(PLAIN, text, offer=None, situation=a_situation()) is Purpose.MARKETING


@pytest.mark.parametrize(
    "text",
    [
        "We can offer you help with your order.",
        "Our after-sales team will call. The parcel may be wholesale.",
        "आपके बिना हम कुछ नहीं कर सकते।",
        "আপনাকে ছাড়া আমরা পারি না।",
    ],
)
def test_ordinary_words_advertise_nothing(text: str) -> None:
    assert not promotes(text)


@pytest.mark.parametrize("language", Language)
def test_templates_advertise_in_their_offers_and_nowhere_else(language: Language) -> None:
    messages = language_pack(language).messages

    assert promotes(messages.offer)
    assert promotes(messages.sms_offer)
    for texts in messages.situations.values():
        for channel in (Channel.EMAIL, Channel.SMS):
            for tone in Tone:
                told = texts.items(channel, tone)
                for item in told:
                    for sentence in (item,) if isinstance(item, str) else item:
                        assert not promotes(sentence, texts.subject), sentence
    assert not promotes(messages.opt_out, messages.sms_opt_out, messages.greeting.plain)


def test_a_writer_cannot_keep_a_promotion_a_service_message() -> None:
    written = a_message(body="Dear {first_name}, our sale starts now. Reply STOP to opt out.")
    message = checked(written, a_situation(), None, a_customer(), policy=load_policy())

    assert written.purpose is Purpose.SERVICE
    assert message.purpose is Purpose.MARKETING
