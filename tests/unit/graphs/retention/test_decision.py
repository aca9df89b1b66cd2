"""The decision's proposal: playbook, priority, channel, language, and the way it goes."""

from typing import Any, get_args, get_type_hints

import pytest

from procx_graph.domain.decision import Action, Decision, Priority, ReasonCode
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Tone
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import SituationKind
from procx_graph.graphs.retention.choice import Choice, allowed_actions
from procx_graph.graphs.retention.decision import chosen, propose, route
from procx_graph.graphs.retention.state import RunOptions
from tests.unit.builders import a_customer, a_decision, a_policy, a_reason, a_score, a_situation


def choose(
    kind: SituationKind = SituationKind.ORDER_DELAYED,
    *,
    customer: dict[str, Any] | None = None,
    situation: dict[str, Any] | None = None,
    score: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    **options: Any,
) -> Decision:
    return propose(
        a_customer(**customer or {}),
        a_situation(kind, **situation or {}),
        a_score(**score or {}),
        policy=a_policy(**policy or {}),
        options=RunOptions(**options),
        event=None,
    )


def test_the_playbook_says_what_to_do_and_how() -> None:
    decision = choose(SituationKind.COMPLAINT)

    assert (decision.action, decision.tone) == (Action.APOLOGISE_AND_FIX, Tone.APOLOGETIC)
    assert decision.steps
    assert "complaint" in decision.why


@pytest.mark.parametrize(
    ("urgency", "level", "segment", "priority"),
    [
        (1, RiskLevel.LOW, "Regular", Priority.LOW),
        (3, RiskLevel.LOW, "Regular", Priority.MEDIUM),
        (1, RiskLevel.HIGH, "Regular", Priority.HIGH),
        (4, RiskLevel.MEDIUM, "Regular", Priority.HIGH),
        (5, None, "Regular", Priority.CRITICAL),
        (1, None, None, Priority.LOW),
        (1, RiskLevel.LOW, "VIP", Priority.MEDIUM),
        (4, RiskLevel.LOW, "VIP", Priority.CRITICAL),
        (5, RiskLevel.CRITICAL, "VIP", Priority.CRITICAL),
    ],
)
def test_priority_is_the_higher_of_urgency_and_risk_and_a_vip_s_is_one_more(
    urgency: int, level: RiskLevel | None, segment: str | None, priority: Priority
) -> None:
    decision = choose(
        customer={"segment": segment},
        situation={"urgency": urgency},
        score={"risk_level": level},
    )

    assert decision.priority is priority


def test_a_policy_may_treat_vips_like_everybody() -> None:
    decision = choose(
        customer={"segment": "VIP"},
        situation={"urgency": 1},
        policy={"priorities": {"vip_raises": False}},
    )

    assert decision.priority is Priority.LOW


@pytest.mark.parametrize(
    ("email", "phone", "wanted", "channel"),
    [
        (True, True, None, Channel.EMAIL),
        (False, True, None, Channel.WHATSAPP),
        (True, True, Channel.SMS, Channel.SMS),
        (True, False, Channel.SMS, Channel.EMAIL),
        (False, False, Channel.SMS, None),
    ],
)
def test_the_wanted_channel_is_used_if_it_reaches_the_customer(
    email: bool, phone: bool, wanted: Channel | None, channel: Channel | None
) -> None:
    decision = choose(customer={"has_email": email, "has_phone": phone}, channel=wanted)

    assert decision.channel is channel


@pytest.mark.parametrize(
    ("own", "wanted", "language"),
    [("ta", None, "ta"), (None, None, "en"), ("ta", "hi", "hi"), ("fr", "bn", "bn")],
)
def test_the_language_is_the_wanted_one_else_the_customer_s_else_the_default(
    own: str | None, wanted: str | None, language: str
) -> None:
    decision = choose(customer={"language": own}, language=wanted)

    assert decision.language == language
    assert not decision.escalate


def test_a_language_without_templates_goes_to_a_person_by_its_name() -> None:
    decision = choose(customer={"language": "fr"})
    (reason,) = decision.reasons

    assert decision.language is None
    assert decision.escalate
    assert reason.code is ReasonCode.UNSUPPORTED_LANGUAGE
    assert "fr" in reason.text


def test_an_offer_is_proposed_where_the_policy_has_one() -> None:
    offered = choose(SituationKind.GONE_QUIET, score={"risk_level": RiskLevel.HIGH})

    assert offered.offer is not None
    assert offered.offer.id == "come-back-10"
    assert not offered.offer.approved
    assert choose(SituationKind.COMPLAINT, score={"risk_level": RiskLevel.HIGH}).offer is None


@pytest.mark.parametrize("escalate", [True, False])
async def test_an_escalated_decision_goes_to_a_person_and_every_other_one_on(
    escalate: bool,
) -> None:
    reasons = (a_reason(),) if escalate else ()
    decision = a_decision(escalate=escalate, reasons=reasons).model_dump(mode="json")

    assert await route({"customer_id": "ana", "decision": decision}) == (
        "human" if escalate else "auto"
    )


def test_the_ways_are_named_in_the_router_s_type() -> None:
    assert set(get_args(get_type_hints(route)["return"])) == {"auto", "human"}


@pytest.mark.parametrize("written", ["hi", "HI", "hi-IN", "hi_IN"])
def test_a_language_is_known_however_it_is_tagged(written: str) -> None:
    assert choose(customer={"language": written}).language == "hi"


def test_a_vip_is_one_in_whatever_case() -> None:
    shouted = choose(SituationKind.GONE_QUIET, customer={"segment": "vip"})

    assert shouted.tone is choose(SituationKind.GONE_QUIET, customer={"segment": "VIP"}).tone
    assert a_policy().is_vip("Vip")
    assert not a_policy().is_vip(None)


@pytest.mark.parametrize("level", RiskLevel)
def test_a_dormant_customer_s_level_makes_winning_back_no_more_pressing(level: RiskLevel) -> None:
    decision = choose(SituationKind.WIN_BACK, situation={"urgency": 1}, score={"risk_level": level})

    assert (decision.action, decision.priority) == (Action.RE_ENGAGE, Priority.LOW)
    assert decision.offer is None


@pytest.mark.parametrize("lane", Lane)
def test_the_lane_of_the_options_proposes_nothing_by_itself(lane: Lane) -> None:
    assert choose(lane=lane) == choose()


def books(*own: dict[str, Any]) -> dict[str, Any]:
    """The default policy with these playbooks before its own."""
    return {"playbooks": [*own, *a_policy().model_dump(mode="json")["playbooks"]]}


def book(kind: str = "gone_quiet", **keys: Any) -> dict[str, Any]:
    return {
        "situation": kind, "action": "thank", "tone": "formal", "steps": ["Say it"], **keys,
    }  # fmt: skip


@pytest.mark.parametrize(("state", "action"), [("dormant", "thank"), ("active", "re_engage")])
def test_a_playbook_may_be_for_some_states_only(state: str, action: str) -> None:
    policy = books(book(states=["dormant", "new"]))
    decision = choose(SituationKind.GONE_QUIET, score={"state": state}, policy=policy)

    assert decision.action.value == action


@pytest.mark.parametrize(
    ("offers", "proposed"),
    [
        (["come-back-5", "come-back-10"], "come-back-5"),
        (["come-back-15"], None),
        ([], None),
        (None, "come-back-10"),
    ],
)
def test_a_playbook_says_which_offers_may_be_made_and_in_which_order(
    offers: list[str] | None, proposed: str | None
) -> None:
    policy = books(book(offers=offers))
    risky = {"risk_level": RiskLevel.HIGH}
    decision = choose(SituationKind.GONE_QUIET, score=risky, policy=policy)

    assert (decision.offer.id if decision.offer else None) == proposed


def test_a_playbook_says_by_which_channels_and_in_which_order() -> None:
    policy = books(book("order_delayed", channels=["sms", "email"]))

    assert choose(policy=policy).channel is Channel.SMS
    assert choose(policy=policy, customer={"has_phone": False}).channel is Channel.EMAIL
    assert choose(policy=policy, channel=Channel.WHATSAPP).channel is Channel.SMS
    assert choose(policy=policy, channel=Channel.EMAIL).channel is Channel.EMAIL


# What a model may choose


@pytest.mark.parametrize(
    ("kind", "more", "may_be_left_alone"),
    [
        (SituationKind.GONE_QUIET, {}, True),
        (SituationKind.GONE_QUIET, {"open_tickets": 1}, False),
        (SituationKind.PRAISE, {}, True),
        (SituationKind.PRAISE, {"from_event": True}, False),
        (SituationKind.CHECK_IN, {"from_event": True}, False),
        (SituationKind.ORDER_DELAYED, {}, False),
    ],
)
def test_nobody_is_left_alone_to_whom_something_happened(
    kind: SituationKind, more: dict[str, Any], may_be_left_alone: bool
) -> None:
    situation, proposal = a_situation(kind, **more), a_decision(priority=Priority.HIGH)
    choice = Choice.model_validate(
        {
            "sentiment": "neutral", "urgency": 1, "concern": "none", "action": "no_contact",
            "offer_id": None, "priority": "low", "why": "they would rather be left alone",
        }
    )  # fmt: skip

    decision = chosen(proposal, choice, situation, [])

    assert (Action.NO_CONTACT in allowed_actions(proposal, situation)) is may_be_left_alone
    assert (decision.action is Action.NO_CONTACT) is may_be_left_alone
    assert (decision.priority is Priority.LOW) is may_be_left_alone
