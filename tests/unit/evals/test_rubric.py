"""The rubric tells good messages from bad ones, in five languages."""

from datetime import UTC, datetime

import pytest

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.evals.rubric import Brief, Criterion, rate, share_met
from procx_graph.outreach.compose import compose
from procx_graph.outreach.policies import load_policy

LATE = Situation(
    kind=SituationKind.ORDER_DELAYED, sentiment=Sentiment.NEGATIVE, urgency=3, summary="late",
    order_id="ORD-48213", days=5,
)  # fmt: skip
FAILED = LATE.model_copy(
    update={"kind": SituationKind.PAYMENT_FAILED, "order_id": None, "days": None, "amount": 1299.5}
)
QUIET = LATE.model_copy(update={"kind": SituationKind.GONE_QUIET, "order_id": None, "days": 95})
TEN = Offer(
    id="come-back-10", percent_off=0.1, valid_days=30, approved=True,
    expires=datetime(2025, 11, 8, tzinfo=UTC),
)  # fmt: skip
OTHERS = {
    Language.ENGLISH: "வணக்கம் {first_name}, உங்கள் ஆர்டர் தாமதமாகிவிட்டது, வருந்துகிறோம்.",
    Language.HINDI: "Dear {first_name}, we are sorry that your order is late.",
    Language.TAMIL: "नमस्ते {first_name}, आपका ऑर्डर देर से आएगा, हमें खेद है।",
    Language.TELUGU: "প্রিয় {first_name}, আপনার অর্ডার দেরি হচ্ছে, আমরা দুঃখিত।",
    Language.BENGALI: "నమస్కారం {first_name} గారు, మీ ఆర్డర్ ఆలస్యం అయింది, క్షమించండి.",
}
"""For each language a text in another one."""


def brief(language: Language, situation: Situation = LATE, offer: Offer | None = None) -> Brief:
    customer = Customer(customer_id="C1", first_name="Mala", language=language, currency="USD")
    return Brief(language, situation, offer, customer, load_policy())


def template(
    language: Language,
    situation: Situation = LATE,
    offer: Offer | None = None,
    channel: Channel = Channel.EMAIL,
    purpose: Purpose = Purpose.TRANSACTIONAL,
) -> Message:
    return compose(
        situation, language=language, tone=Tone.APOLOGETIC, channel=channel, purpose=purpose,
        offer=offer, named=True, currency="USD", sender=None,
    )  # fmt: skip


def missed(message: Message, about: Brief) -> set[Criterion]:
    return {criterion for criterion, met in rate(message, about).items() if not met}


def saying(message: Message, *, more: str = "", body: str | None = None) -> Message:
    """Give a message with another text, or with something more before its closing lines."""
    if body is None:
        head, _, rest = message.body.partition("\n\n")
        body = f"{head}\n\n{more} {rest}"
    return message.model_copy(update={"body": body})


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("situation", [LATE, FAILED])
@pytest.mark.parametrize("channel", list(Channel))
def test_a_template_meets_everything(
    language: Language, situation: Situation, channel: Channel
) -> None:
    message = template(language, situation, channel=channel)

    found = rate(message, brief(language, situation))

    assert all(found.values())
    assert (Criterion.CONCRETE in found) is (channel is not Channel.SMS)
    assert (Criterion.CLOSING in found) is (channel is Channel.EMAIL)


@pytest.mark.parametrize("language", list(Language))
def test_a_template_with_an_offer_meets_everything(language: Language) -> None:
    message = template(language, QUIET, TEN, purpose=Purpose.MARKETING)

    found = rate(message, brief(language, QUIET, TEN))

    assert all(found.values())
    assert Criterion.CONCRETE not in found


@pytest.mark.parametrize("language", list(Language))
def test_another_language_is_seen(language: Language) -> None:
    text = saying(template(language), body=OTHERS[language])

    assert Criterion.LANGUAGE in missed(text, brief(language))


@pytest.mark.parametrize("language", list(Language))
def test_the_wrong_language_is_wrong_however_well_it_is_written(language: Language) -> None:
    other = Language.ENGLISH if language is not Language.ENGLISH else Language.HINDI

    assert missed(template(other), brief(language)) == {Criterion.LANGUAGE}


@pytest.mark.parametrize("language", list(Language))
def test_a_gift_that_nobody_approved_is_seen(language: Language) -> None:
    text = saying(template(language), more="20%")

    assert {Criterion.OFFER, Criterion.FIGURES, Criterion.CHECKS} <= missed(text, brief(language))


@pytest.mark.parametrize("language", list(Language))
def test_an_offer_left_out_is_seen(language: Language) -> None:
    without = template(language, QUIET, purpose=Purpose.MARKETING)

    assert missed(without, brief(language, QUIET, TEN)) == {Criterion.OFFER}


@pytest.mark.parametrize("language", list(Language))
def test_an_offer_of_another_size_is_seen(language: Language) -> None:
    more = TEN.model_copy(update={"percent_off": 0.15})
    text = template(language, QUIET, more, purpose=Purpose.MARKETING)

    assert Criterion.OFFER in missed(text, brief(language, QUIET, TEN))


@pytest.mark.parametrize("language", list(Language))
def test_a_figure_that_is_no_fact_is_seen(language: Language) -> None:
    text = saying(template(language), more="ORD-99999:")

    assert {Criterion.FIGURES, Criterion.CHECKS} == missed(text, brief(language))


@pytest.mark.parametrize("language", list(Language))
def test_a_text_that_names_nothing_is_vague(language: Language) -> None:
    nothing = LATE.model_copy(update={"order_id": None, "days": None})

    vague = template(language, nothing)

    assert missed(vague, brief(language)) == {Criterion.CONCRETE}
    assert Criterion.CONCRETE not in rate(vague, brief(language, nothing))


@pytest.mark.parametrize("language", list(Language))
def test_a_missing_greeting_and_a_missing_closing_are_seen(language: Language) -> None:
    whole = template(language)
    middle = whole.body.split("\n\n")[1]

    assert missed(saying(whole, body=middle), brief(language)) >= {
        Criterion.GREETING, Criterion.CLOSING,
    }  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
def test_a_name_filled_in_is_a_greeting_too(language: Language) -> None:
    whole = template(language)

    filled = saying(whole, body=whole.body.replace("{first_name}", "Mala"))

    assert missed(filled, brief(language)) == set()


@pytest.mark.parametrize("language", list(Language))
def test_too_long_and_too_short_are_seen(language: Language) -> None:
    whole = template(language)
    middle = whole.body.split("\n\n")[1]

    assert Criterion.LENGTH in missed(saying(whole, more=middle * 20), brief(language))
    assert Criterion.LENGTH in missed(saying(whole, body="{first_name}"), brief(language))


def test_marketing_that_cannot_be_stopped_has_no_closing() -> None:
    whole = template(Language.ENGLISH, QUIET, purpose=Purpose.MARKETING)
    text = saying(whole, body="\n\n".join(whole.body.split("\n\n")[:-1]))

    assert Criterion.CLOSING in missed(text, brief(Language.ENGLISH, QUIET))


def test_the_share_is_over_what_applies() -> None:
    assert share_met({}) is None
    assert share_met({Criterion.LANGUAGE: True, Criterion.OFFER: False}) == 0.5
