"""The handoff packet: what a person needs, and nothing that names the customer."""

from datetime import timedelta
from typing import Any

import pytest

from procx_graph.domain.dealings import NOTHING, Contact, Dealings, OfferMade, OfferStatus
from procx_graph.domain.decision import Offer, ReasonCode
from procx_graph.domain.message import Channel, Language, Purpose
from procx_graph.domain.pattern import Pattern, Resolution
from procx_graph.domain.review import HandoffPacket, ReviewKind
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.graphs.retention.appraisal import appraise
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.escalation import describe
from procx_graph.graphs.retention.packet import build_packet, review_id
from procx_graph.outreach.policies import load_policy
from procx_graph.scoring.profiles import load_profile
from tests.unit.builders import (
    NOW,
    a_base,
    a_customer,
    a_decision,
    a_payment,
    a_reason,
    a_record,
    a_score,
    a_situation,
    a_ticket,
)

POLICY = load_policy()
OFFER = Offer(id="come-back-15", percent_off=0.15, valid_days=30, expires=NOW + timedelta(days=30))
WAITING = {"offer": OFFER, "purpose": Purpose.MARKETING}


def pack(
    situation: Situation | None = None,
    *,
    decision: dict[str, Any] | None = None,
    customer: dict[str, Any] | None = None,
    score: dict[str, Any] | None = None,
    tickets: list[dict[str, Any]] | None = None,
    pattern: Pattern | None = None,
    matrix: list[dict[str, Any]] | None = None,
    dealings: Dealings = NOTHING,
) -> HandoffPacket:
    base = a_base(**({"escalation_matrix": matrix} if matrix else {}))
    asked = {"escalate": True, "reasons": (a_reason(ReasonCode.LOW_CSAT),)}
    return build_packet(
        a_record(a_customer(**customer or {}), support_tickets=tickets or []),
        situation or a_situation(),
        pattern or Pattern(name="late delivery", churn_risk=0.4),
        a_decision(**asked | (decision or {})),
        a_score(**score or {}),
        cohort=Cohort(base, profile=load_profile("default-v1")),
        policy=POLICY,
        run_id="scan:C1",
        now=NOW,
        dealings=dealings,
    )


def because(*codes: ReasonCode) -> dict[str, Any]:
    return {"reasons": tuple(a_reason(code) for code in codes)}


def test_a_packet_tells_the_whole_case() -> None:
    packet = pack(score={"risk_level": RiskLevel.HIGH})

    assert (packet.customer_id, packet.run_id) == ("C1", "scan:C1")
    assert (packet.language, packet.time_zone) == ("en", "Asia/Kolkata")
    assert (packet.state, packet.consent) == ("active", True)
    assert (packet.health, packet.churn_risk, packet.risk_level) == (55.0, 0.4, "high")
    assert packet.revenue_at_risk == 80.0
    assert [reason.code for reason in packet.reasons] == [ReasonCode.LOW_CSAT]
    assert packet.facts == a_situation().facts
    assert packet.wants
    assert packet.recommended
    assert packet.draft is not None
    assert not packet.draft.blocked


def test_a_packet_tells_what_was_sent_and_offered_before() -> None:
    made = OfferMade(
        run_id="old:C1", scan_id="old", customer_id="C1", offer_id="come-back-10", percent_off=0.1,
        expires=NOW, status=OfferStatus.PENDING, made_at=NOW - timedelta(days=30),
    )  # fmt: skip
    sent = Contact(at=NOW - timedelta(days=30), channel=Channel.EMAIL, purpose=Purpose.MARKETING)

    packet = pack(dealings=Dealings(contacts=(sent,), offers=(made,)))

    day, end = f"{made.made_at:%Y-%m-%d}", f"{NOW:%Y-%m-%d}"
    assert packet.offered_before == (
        f"come-back-10: 10% off, pending, made {day}, valid until {end}",
    )
    assert packet.tried[0] == f"marketing sent by email on {day}"
    assert "offered before: come-back-10" in describe(packet)


def test_what_is_not_known_of_a_case_is_none() -> None:
    packet = pack(
        customer={"language": None, "time_zone": None, "opt_in_marketing": None},
        score={"churn_risk": None, "risk_level": None, "revenue_at_risk": None},
    )

    assert (packet.language, packet.time_zone, packet.consent) == (None, None, None)
    assert (packet.churn_risk, packet.risk_level, packet.revenue_at_risk) == (None, None, None)
    assert any("consent" in question for question in packet.open_questions)


def test_a_packet_made_again_is_the_same() -> None:
    assert pack() == pack()
    assert pack().packet_id == review_id("scan:C1", ReviewKind.ESCALATION)


def test_every_run_and_kind_of_review_has_its_own_id() -> None:
    ids = {review_id(run, kind) for run in ("scan:C1", "scan:C2") for kind in ReviewKind}

    assert len(ids) == 4


@pytest.mark.parametrize("kind", SituationKind)
def test_every_situation_can_be_handed_over(kind: SituationKind) -> None:
    assert pack(a_situation(kind)).wants


# team and deadline


@pytest.mark.parametrize(
    ("codes", "topic", "team", "hours"),
    [
        ((ReasonCode.VIP_RISK,), "payment", "CX Tier 2", 12),
        ((ReasonCode.FRAUD_OR_SECURITY, ReasonCode.VIP_RISK), None, "Payments Team", 8),
        ((ReasonCode.LOW_CSAT, ReasonCode.HIGH_VALUE), "delivery", "CX Tier 2", 12),
        ((ReasonCode.LOW_CSAT,), "payment", "Payments Team", 8),
        ((ReasonCode.LOW_CSAT,), "delivery", "Logistics Team", 18),
        ((ReasonCode.LOW_CSAT,), "product", "Product Quality", 48),
        ((ReasonCode.LOW_CSAT,), "account", "CX Tier 1", 24),
        ((ReasonCode.LOW_CSAT,), None, "CX Tier 1", 24),
    ],
)
def test_the_reason_chooses_the_team_then_the_topic_and_the_team_the_deadline(
    codes: tuple[ReasonCode, ...], topic: str | None, team: str, hours: int
) -> None:
    packet = pack(a_situation(topic=topic), decision=because(*codes))

    assert packet.team == team
    assert packet.sla_due == NOW + timedelta(hours=hours)


def test_the_base_s_own_escalation_matrix_sets_the_deadline() -> None:
    matrix = [{"team": "CX Tier 2", "level": 2, "sla_hours": 4}]
    packet = pack(decision=because(ReasonCode.VIP_RISK), matrix=matrix)

    assert packet.team == "CX Tier 2"
    assert packet.sla_due == NOW + timedelta(hours=4)


def test_a_payment_that_failed_is_the_payments_team_s_whatever_the_bank_said() -> None:
    record = a_record(payments=[a_payment(failure_reason="insufficient_funds")])
    situation = appraise(record, score=a_score(), policy=POLICY, as_of=NOW)

    assert pack(situation).team == "Payments Team"


# the draft


def test_the_draft_has_the_offer_as_if_approved_and_the_packet_says_it_is_not() -> None:
    packet = pack(a_situation(SituationKind.GONE_QUIET), decision=WAITING)

    assert packet.draft is not None
    assert "15" in packet.draft.body
    assert not packet.draft.blocked
    assert packet.offer is not None
    assert not packet.offer.approved


def test_an_english_draft_needs_no_gloss() -> None:
    assert pack().gloss is None


@pytest.mark.parametrize("language", [each for each in Language if each != "en"])
def test_a_draft_in_another_language_comes_with_an_english_gloss(language: Language) -> None:
    packet = pack(customer={"language": language.value}, decision={"language": language.value})

    assert packet.draft is not None
    assert packet.draft.language is language
    assert packet.gloss == getattr(pack().draft, "body", None)


def test_without_templates_there_is_no_draft_but_an_english_text_to_start_from() -> None:
    packet = pack(customer={"language": "fr"}, decision={"language": None})

    assert packet.draft is None
    assert packet.gloss
    assert any("fr" in question for question in packet.open_questions)


# what was done, what helps


def test_the_latest_answered_tickets_tell_what_was_tried() -> None:
    answered = [
        a_ticket(d, ticket_id=f"T{d}", status="closed", csat_score=d, final_message_summary="sent")
        for d in (1, 2, 3, 4)
    ]
    packet = pack(tickets=[a_ticket(0, ticket_id="open one"), *answered])

    assert len(packet.tried) == 3
    assert "T1" in packet.tried[0]
    assert "sent" in packet.tried[0]
    assert "CSAT 1" in packet.tried[0]


def test_the_best_resolution_of_similar_tickets_is_recommended() -> None:
    best = Resolution(resolution="sent a replacement", tickets=9, mean_csat=4.4)
    packet = pack(pattern=Pattern(name="late", churn_risk=0.4, resolutions=(best,)))

    assert "Update on order" in packet.recommended
    assert '"sent a replacement" helped (9 times, mean CSAT 4.4)' in packet.recommended


def test_open_tickets_are_a_question() -> None:
    packet = pack(a_situation(open_tickets=2))

    assert any("2 open tickets" in question for question in packet.open_questions)


# privacy


@pytest.mark.parametrize(
    "said",
    [
        "write to m.subramanian@mail.example",
        "call +91 98765 43210",
        "Regards, Meenakshi Subramanian",
    ],
)
@pytest.mark.parametrize("column", ["initial_message", "final_message_summary"])
def test_no_name_and_no_address_gets_into_a_packet(said: str, column: str) -> None:
    tickets = [
        a_ticket(2, **{column: said}),
        a_ticket(3, ticket_id="T2", status="closed", csat_score=1, **{column: said}),
    ]
    record = a_record(support_tickets=tickets)
    situation = appraise(record, score=a_score(), policy=POLICY, as_of=NOW)
    packet = pack(situation, tickets=tickets).model_dump_json()

    for part in ("Meenakshi", "Subramanian", "m.subramanian", "mail.example", "43210"):
        assert part not in packet


def test_the_draft_greets_with_a_slot() -> None:
    packet = pack()

    assert packet.draft is not None
    assert "{first_name}" in packet.draft.body


def test_who_takes_over_a_win_back_is_to_find_out_why_they_stopped() -> None:
    packet = pack(a_situation(SituationKind.WIN_BACK))

    assert "Why did they stop buying?" in packet.open_questions
    assert "bought nothing for long" in packet.wants
