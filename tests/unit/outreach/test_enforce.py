"""Whatever anybody proposes, what leaves `enforce` keeps the policy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.decision import Action, Decision, Offer, Priority, Reason, ReasonCode
from procx_graph.domain.message import Channel, Language, Purpose, Tone
from procx_graph.domain.permit import Permit
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.outreach.enforce import enforce
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import NOW, a_decision, a_reason, a_situation

POLICY = load_policy()
CATALOGUE = {rule.id: rule for rule in POLICY.offers.catalogue}
ALL = Permit()
SERVICE_ONLY = Permit(
    purposes=frozenset({Purpose.SERVICE, Purpose.TRANSACTIONAL}), code="no_consent", text="unknown"
)
NOBODY = Permit(purposes=frozenset(), code="open_case", text="a person has it")

offers = st.builds(
    Offer,
    id=st.sampled_from([*CATALOGUE, "half-price", ""]) | st.text(max_size=10),
    percent_off=st.sampled_from([0.01, 0.10, 0.15, 0.9, 1.0]),
    valid_days=st.integers(1, 10_000),
    expires=st.none() | st.datetimes(timezones=st.just(NOW.tzinfo)),
    approved=st.booleans(),
)
proposals = st.builds(
    Decision,
    action=st.sampled_from(Action),
    priority=st.sampled_from(Priority),
    channel=st.none() | st.sampled_from(Channel),
    language=st.none() | st.sampled_from(Language).map(str),
    tone=st.sampled_from(Tone),
    purpose=st.sampled_from(Purpose),
    offer=st.none() | offers,
    escalate=st.booleans(),
    reasons=st.lists(
        st.builds(Reason, code=st.sampled_from(ReasonCode), text=st.text(max_size=10)), max_size=3
    ).map(tuple),
    refused=st.none() | st.text(max_size=5),
)
situations = st.builds(
    Situation,
    kind=st.sampled_from(SituationKind),
    sentiment=st.sampled_from(Sentiment),
    urgency=st.integers(1, 5),
    summary=st.just("something happened"),
    open_tickets=st.sampled_from([0, 0, 1, 4]),
    from_event=st.booleans(),
)
permits = st.sampled_from([ALL, SERVICE_ONLY, NOBODY])


def settle(
    proposal: Decision,
    permit: Permit = ALL,
    situation: Situation | None = None,
    *,
    segment: str | None = "VIP",
    level: RiskLevel | None = RiskLevel.CRITICAL,
) -> Decision:
    return enforce(
        proposal,
        policy=POLICY,
        permit=permit,
        situation=situation or a_situation(SituationKind.GONE_QUIET),
        segment=segment,
        level=level,
        now=NOW,
    )


def offering(offer_id: str, percent: float = 0.9) -> Decision:
    return a_decision(offer=Offer(id=offer_id, percent_off=percent, valid_days=999, approved=True))


@given(proposal=proposals, permit=permits, situation=situations)
def test_an_offer_is_the_catalogue_s_own_and_within_the_hard_cap(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    offer = settle(proposal, permit, situation).offer

    if offer is not None:
        rule = CATALOGUE[offer.id]
        assert (offer.percent_off, offer.valid_days) == (rule.percent_off, rule.valid_days)
        assert offer.percent_off <= POLICY.offers.hard_cap
        assert offer.expires == NOW + timedelta(days=rule.valid_days)
        assert situation.kind in rule.situations


@given(proposal=proposals, permit=permits, situation=situations)
def test_an_offer_above_the_automatic_limit_always_waits_for_a_person(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)
    codes = [reason.code for reason in decision.reasons]

    if decision.offer is not None:
        large = decision.offer.percent_off > POLICY.offers.automatic_limit
        assert decision.offer.approved is not large
        assert codes.count(ReasonCode.OFFER_APPROVAL) == large
        assert decision.escalate or not large
    else:
        assert ReasonCode.OFFER_APPROVAL not in codes


@given(proposal=proposals, permit=permits, situation=situations)
def test_no_offer_is_made_while_a_ticket_is_open_or_consent_is_missing(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)

    if situation.open_tickets or not permit.allows(Purpose.MARKETING):
        assert decision.offer is None


@given(proposal=proposals, permit=permits, situation=situations)
def test_the_purpose_of_a_contact_is_one_that_is_permitted(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)

    if decision.action is not Action.NO_CONTACT:
        assert permit.allows(decision.purpose)


@given(proposal=proposals, permit=permits, situation=situations)
def test_service_answers_something_concrete_and_carries_no_offer(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)

    if decision.purpose is not Purpose.MARKETING:
        assert situation.kind.adverse or situation.from_event
        assert decision.offer is None


@given(proposal=proposals, permit=permits, situation=situations)
def test_whoever_is_not_contacted_gets_nothing_by_no_channel(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)

    if decision.action is Action.NO_CONTACT:
        assert decision.channel is None
        assert decision.offer is None


@given(proposal=proposals, permit=permits, situation=situations)
def test_a_person_is_asked_exactly_when_there_is_a_reason(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    decision = settle(proposal, permit, situation)

    assert decision.escalate == bool(decision.reasons)


@given(proposal=proposals, permit=permits, situation=situations)
def test_enforcing_twice_changes_nothing_more(
    proposal: Decision, permit: Permit, situation: Situation
) -> None:
    once = settle(proposal, permit, situation)

    assert settle(once, permit, situation) == once


def test_an_offer_of_ninety_percent_becomes_the_catalogue_s_ten() -> None:
    offer = settle(offering("come-back-10", 0.9)).offer

    assert offer is not None
    assert (offer.percent_off, offer.valid_days, offer.approved) == (0.10, 30, True)


def test_an_invented_offer_is_dropped() -> None:
    decision = settle(offering("half-price"))

    assert decision.offer is None
    assert not decision.escalate


def test_an_offer_for_another_situation_is_dropped() -> None:
    assert settle(offering("come-back-10"), situation=a_situation()).offer is None


def test_an_offer_above_the_automatic_limit_goes_to_a_person_with_the_figures() -> None:
    decision = settle(offering("come-back-15"))

    assert decision.offer is not None
    assert not decision.offer.approved
    assert [reason.code for reason in decision.reasons] == [ReasonCode.OFFER_APPROVAL]
    assert "15%" in decision.reasons[0].text
    assert "10%" in decision.reasons[0].text


def test_other_reasons_stand_and_an_approval_that_nobody_needs_is_dropped() -> None:
    asked = (a_reason(), a_reason(ReasonCode.OFFER_APPROVAL))
    decision = settle(a_decision(reasons=asked, escalate=True))

    assert decision.reasons == (a_reason(),)
    assert decision.escalate


@pytest.mark.parametrize("permit", [ALL, SERVICE_ONLY])
@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        (SituationKind.ORDER_DELAYED, Purpose.TRANSACTIONAL),
        (SituationKind.PAYMENT_FAILED, Purpose.TRANSACTIONAL),
        (SituationKind.COMPLAINT, Purpose.SERVICE),
    ],
)
def test_a_concrete_problem_is_answered_without_consent(
    permit: Permit, kind: SituationKind, purpose: Purpose
) -> None:
    decision = settle(a_decision(purpose=Purpose.MARKETING), permit, a_situation(kind))

    assert decision.purpose is purpose
    assert decision.action is Action.UPDATE_ON_ORDER
    assert decision.refused is None


@pytest.mark.parametrize(
    "kind", [SituationKind.GONE_QUIET, SituationKind.SPENDING_LESS, SituationKind.CHECK_IN]
)
def test_without_consent_nobody_is_wooed(kind: SituationKind) -> None:
    decision = settle(offering("come-back-5"), SERVICE_ONLY, a_situation(kind))

    assert decision.action is Action.NO_CONTACT
    assert decision.refused == "no_consent"


def test_a_refusal_is_told_and_nobody_is_asked() -> None:
    decision = settle(a_decision(reasons=(a_reason(),), escalate=True), NOBODY, a_situation())

    assert (decision.action, decision.refused) == (Action.NO_CONTACT, "open_case")
    assert decision.why == "a person has it"
    assert not decision.escalate
    assert decision.steps == ()


@pytest.mark.parametrize(
    ("segment", "level"),
    [("Regular", RiskLevel.CRITICAL), (None, RiskLevel.CRITICAL), ("VIP", RiskLevel.MEDIUM)],
)
def test_an_offer_for_others_is_not_given(segment: str | None, level: RiskLevel) -> None:
    decision = settle(offering("come-back-15"), segment=segment, level=level)

    assert decision.offer is None


def test_an_unknown_level_fits_no_offer() -> None:
    assert settle(offering("come-back-5"), level=None).offer is None


@pytest.mark.parametrize(("offers", "kept"), [(None, True), (["come-back-5"], True), ([], False)])
def test_only_what_playbook_and_budget_leave_is_offered(
    offers: list[str] | None, kept: bool
) -> None:
    decision = enforce(
        offering("come-back-5"), policy=POLICY, permit=ALL,
        situation=a_situation(SituationKind.GONE_QUIET), segment="VIP", level=RiskLevel.HIGH,
        now=NOW, offers=offers,
    )  # fmt: skip

    assert bool(decision.offer) is kept


def test_where_a_channel_is_barred_the_next_one_that_is_not_takes_its_place() -> None:
    permit = Permit(barred={Channel.EMAIL: frozenset({Purpose.MARKETING})})
    wooed = settle(a_decision(), permit, a_situation(SituationKind.GONE_QUIET))
    helped = settle(a_decision(), permit, a_situation())

    assert (wooed.channel, helped.channel) == (Channel.WHATSAPP, Channel.EMAIL)


def test_without_any_channel_left_nobody_is_contacted() -> None:
    permit = Permit(channels=frozenset())

    assert settle(a_decision(), permit, a_situation()).refused == "no_channel"
