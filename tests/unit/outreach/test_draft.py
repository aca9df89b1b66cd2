"""Drafts: composed, checked, and never more than the decision allows."""

from typing import Any

import pytest

from procx_graph.domain.decision import Decision, Offer
from procx_graph.domain.message import Channel, Language, Message, Purpose, Tone
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.outreach.draft import checked, draft
from tests.unit.builders import NOW, a_customer, a_decision, a_message, a_policy, a_situation

POLICY = a_policy()
OFFER = Offer(id="come-back-10", percent_off=0.10, valid_days=30, expires=NOW, approved=True)


def write(
    situation: Situation | None = None,
    decision: Decision | None = None,
    customer: dict[str, Any] | None = None,
    **choices: Any,
) -> Message:
    message = draft(
        situation or a_situation(),
        decision or a_decision(),
        a_customer(**customer or {}),
        policy=POLICY,
        **choices,
    )
    assert message is not None
    return message


def test_a_draft_follows_the_decision() -> None:
    decision = a_decision(language="ta", tone=Tone.FORMAL, channel=Channel.SMS)
    message = write(decision=decision)

    assert message.language is Language.TAMIL
    assert (message.tone, message.channel) == (Tone.FORMAL, Channel.SMS)
    assert message.purpose is Purpose.SERVICE


def test_a_choice_goes_before_the_decision_s() -> None:
    message = write(language=Language.HINDI, tone=Tone.APOLOGETIC, channel=Channel.WHATSAPP)

    assert message.language is Language.HINDI
    assert (message.tone, message.channel) == (Tone.APOLOGETIC, Channel.WHATSAPP)


@pytest.mark.parametrize("missing", ["language", "channel"])
def test_there_is_no_draft_without_a_language_or_a_channel(missing: str) -> None:
    decision = a_decision(**{missing: None})

    assert draft(a_situation(), decision, a_customer(), policy=POLICY) is None


def test_a_gloss_can_be_made_where_the_language_has_no_templates() -> None:
    assert write(decision=a_decision(language=None), language=Language.ENGLISH).body


def test_the_name_is_a_slot_and_never_in_the_text() -> None:
    message = write(customer={"first_name": "Meenakshi"})

    assert "{first_name}" in message.body
    assert "Meenakshi" not in message.model_dump_json()


@pytest.mark.parametrize("name", [None, "", "nan", "<b>", "a@b.example"])
def test_whose_name_is_not_usable_is_greeted_without(name: str | None) -> None:
    assert "{first_name}" not in write(customer={"first_name": name}).body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", SituationKind)
def test_our_own_templates_pass_our_own_checks(kind: SituationKind, language: Language) -> None:
    situation = a_situation(kind, order_id="O500123", days=5, amount=1234.5, topic="delivery")

    for channel in Channel:
        message = write(situation, a_decision(language=language.value, channel=channel))
        assert not message.blocked, message.findings


@pytest.mark.parametrize("language", Language)
def test_an_approved_offer_is_told_and_passes_the_checks(language: Language) -> None:
    decision = a_decision(language=language.value, offer=OFFER, purpose=Purpose.MARKETING)
    message = write(a_situation(SituationKind.GONE_QUIET, days=70), decision)

    assert message.purpose is Purpose.MARKETING
    assert "10" in message.body
    assert not message.blocked, message.findings


def test_an_offer_that_waits_for_approval_is_not_told() -> None:
    waiting = OFFER.model_copy(update={"approved": False})
    decision = a_decision(offer=waiting, purpose=Purpose.MARKETING)

    assert "10" not in write(a_situation(SituationKind.GONE_QUIET), decision).body


def test_the_policy_says_who_signs() -> None:
    message = draft(
        a_situation(), a_decision(), a_customer(), policy=a_policy(sender="Asha at Acme")
    )

    assert message is not None
    assert "Asha at Acme" in message.body


@pytest.mark.parametrize(
    "body",
    [
        "Dear {first_name}, you get 50% off.",
        "Dear {first_name}, you get 10% off.",
        "Dear {first_name}, your churn risk is high.",
        "Dear [Your Name], we are sorry.",
        "प्रिय ग्राहक, हमें खेद है।",
    ],
)
def test_whatever_others_wrote_is_read_by_the_same_checks(body: str) -> None:
    written = a_message(body=body)
    message = checked(written, a_situation(), None, a_customer(), policy=POLICY)

    assert message.blocked
    assert message.body == body


def test_old_findings_do_not_stick_to_a_text() -> None:
    bad = checked(a_message(body="50% off!"), a_situation(), None, a_customer(), policy=POLICY)
    good = bad.model_copy(update={"body": "Dear {first_name}, we are sorry."})

    assert not checked(good, a_situation(), None, a_customer(), policy=POLICY).blocked


def test_an_offer_s_own_figures_may_be_stated() -> None:
    written = a_message(
        body="Dear {first_name}, you get 10% off until June 30, 2025. Reply STOP to opt out.",
        purpose=Purpose.MARKETING,
    )
    about = a_situation(SituationKind.GONE_QUIET)

    assert not checked(written, about, OFFER, a_customer(), policy=POLICY).blocked


def test_marketing_must_say_how_to_stop_it() -> None:
    written = a_message(body="Dear {first_name}, come and see.", purpose=Purpose.MARKETING)

    about = a_situation(SituationKind.CHECK_IN)
    message = checked(written, about, None, a_customer(), policy=POLICY)

    assert [finding.code for finding in message.findings] == ["missing_opt_out"]
    assert message.blocked


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("named", [True, False])
def test_whoever_is_won_back_is_asked_honestly_and_told_how_to_stop_it(
    language: Language, channel: Channel, tone: Tone, named: bool
) -> None:
    message = write(
        a_situation(SituationKind.WIN_BACK, days=320),
        a_decision(language=language.value, channel=channel, tone=tone, purpose=Purpose.MARKETING),
        {} if named else {"first_name": None},
    )

    assert not message.findings
    assert "STOP" in message.body
    assert ("{first_name}" in message.body) is named
    assert not any(letter.isdigit() or letter == "%" for letter in message.body)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", Channel)
def test_an_offer_to_come_back_is_told_only_when_it_is_approved(
    language: Language, channel: Channel
) -> None:
    situation = a_situation(SituationKind.WIN_BACK)

    def told(offer: Offer) -> Message:
        decision = a_decision(
            language=language.value, channel=channel, offer=offer, purpose=Purpose.MARKETING
        )
        return write(situation, decision)

    approved, waiting = told(OFFER), told(OFFER.model_copy(update={"approved": False}))
    assert "10" in approved.body
    assert "10" not in waiting.body
    assert not approved.findings
    assert not waiting.findings
