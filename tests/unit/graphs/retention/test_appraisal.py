"""From evidence to the situation: what leads, how it feels, how soon."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.health import Driver, DriverUnit, Factor, Measure
from procx_graph.domain.risk import RiskLevel, Score
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.graphs.retention.appraisal import appraise, has_escalated_ticket
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import (
    AS_OF,
    NOW,
    a_payment,
    a_record,
    a_score,
    a_survey,
    a_ticket,
    an_order,
    days_ago,
    told,
)

POLICY = load_policy()
MOODS = list(Sentiment)
LATE = an_order(9, order_id="O7", order_status="shipped", estimated_delivery_date=days_ago(5))
ANGRY = a_ticket(2, sentiment_score=-0.9)
CALM = a_ticket(2, ticket_id="T2", sentiment_score=0.1)


def look(
    event: Event | None = None,
    score: Score | None = None,
    win_back: bool = False,
    **tables: Any,
) -> Situation:
    return appraise(
        a_record(**tables),
        score=score or a_score(),
        policy=POLICY,
        as_of=NOW,
        event=event,
        win_back=win_back,
    )


def an_event(kind: EventKind = EventKind.COMPLAINT, **values: Any) -> Event:
    return Event(kind=kind, **values)


@pytest.mark.parametrize(
    ("tables", "kind"),
    [
        ({"support_tickets": [ANGRY]}, SituationKind.COMPLAINT),
        ({"payments": [a_payment()]}, SituationKind.PAYMENT_FAILED),
        ({"customer_events": [told("payment_failed")]}, SituationKind.PAYMENT_FAILED),
        ({"customer_events": [told("shipment_delayed")]}, SituationKind.ORDER_DELAYED),
        ({"customer_events": [told("dispute_opened")]}, SituationKind.COMPLAINT),
        ({"customer_events": [told("review_negative")]}, SituationKind.POOR_RATING),
        ({"orders": [an_order(order_status="cancelled")]}, SituationKind.ORDER_CANCELLED),
        ({"orders": [LATE]}, SituationKind.ORDER_DELAYED),
        ({"support_tickets": [CALM]}, SituationKind.OPEN_TICKET),
        ({"nps_survey": [a_survey(2)]}, SituationKind.POOR_RATING),
        ({"nps_survey": [a_survey(10)]}, SituationKind.PRAISE),
        ({"orders": [an_order(70)]}, SituationKind.GONE_QUIET),
        ({}, SituationKind.CHECK_IN),
    ],
)
def test_each_situation_is_told_from_its_rows(tables: dict[str, Any], kind: SituationKind) -> None:
    assert look(**tables).kind is kind


@pytest.mark.parametrize(
    ("tables", "days"),
    [
        ({"orders": [an_order(300)]}, 300),
        ({"orders": [an_order(300)], "nps_survey": [a_survey(10)]}, 300),
        ({"orders": [an_order(days) for days in (200, 500, 800)]}, None),
        ({}, None),
    ],
)
def test_a_dormant_customer_without_trouble_is_one_to_win_back(
    tables: dict[str, Any], days: int | None
) -> None:
    slow = a_score(sub_scores={Factor.SPENDING_TREND: 0.1})
    situation = look(win_back=True, score=slow, **tables)

    assert (situation.kind, situation.days) == (SituationKind.WIN_BACK, days)
    assert not situation.calls_for_service
    assert look(score=slow, **tables).kind is not SituationKind.WIN_BACK


@pytest.mark.parametrize(
    "tables",
    [
        {"support_tickets": [ANGRY]},
        {"support_tickets": [CALM]},
        {"payments": [a_payment()]},
        {"nps_survey": [a_survey(2)]},
    ],
)
def test_trouble_comes_before_winning_back(tables: dict[str, Any]) -> None:
    tables = tables | {"orders": [an_order(300)]}

    assert look(win_back=True, **tables) == look(**tables)
    assert look(win_back=True, **tables).calls_for_service


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_comes_before_winning_back(kind: EventKind) -> None:
    told = an_event(kind)

    assert look(told, win_back=True) == look(told)


def test_the_most_concrete_thing_leads() -> None:
    everything: dict[str, Any] = {
        "nps_survey": [a_survey(2)],
        "support_tickets": [CALM],
        "orders": [LATE, an_order(8, order_status="cancelled")],
        "payments": [a_payment()],
    }

    assert look(**everything).kind is SituationKind.PAYMENT_FAILED
    assert look(**everything | {"support_tickets": [CALM, ANGRY]}).kind is SituationKind.COMPLAINT
    del everything["payments"]
    assert look(**everything).kind is SituationKind.ORDER_CANCELLED


def test_of_two_alike_the_newest_leads() -> None:
    older = a_payment(9, payment_id="P2", order_id="O2", amount=9.0)

    assert look(payments=[a_payment(3, amount=3.0), older]).amount == 3.0


@pytest.mark.parametrize(
    ("trend", "kind"),
    [
        (0.49, SituationKind.SPENDING_LESS),
        (0.5, SituationKind.CHECK_IN),
        (1.0, SituationKind.CHECK_IN),
        (None, SituationKind.CHECK_IN),
    ],
)
def test_falling_spend_is_a_situation_where_nothing_more_concrete_is(
    trend: float | None, kind: SituationKind
) -> None:
    score = a_score(sub_scores={Factor.SPENDING_TREND: trend})

    assert look(score=score).kind is kind
    assert look(score=score, payments=[a_payment()]).kind is SituationKind.PAYMENT_FAILED


def test_falling_spend_weighs_more_than_praise() -> None:
    score = a_score(sub_scores={Factor.SPENDING_TREND: 0.2})

    assert look(score=score, nps_survey=[a_survey(10)]).kind is SituationKind.SPENDING_LESS


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (EventKind.COMPLAINT, SituationKind.COMPLAINT),
        (EventKind.INQUIRY, SituationKind.INQUIRY),
        (EventKind.FEEDBACK, SituationKind.CHECK_IN),
        (EventKind.ORDER_DELAYED, SituationKind.ORDER_DELAYED),
        (EventKind.ORDER_CANCELLED, SituationKind.ORDER_CANCELLED),
        (EventKind.PAYMENT_FAILED, SituationKind.PAYMENT_FAILED),
    ],
)
def test_an_event_of_the_run_leads_whatever_the_tables_say(
    event: EventKind, kind: SituationKind
) -> None:
    situation = look(an_event(event, description="something"), support_tickets=[ANGRY])

    assert situation.kind is kind
    assert situation.from_event
    assert situation.facts[0].source == "event"
    assert "something" in situation.facts[0].text


def test_an_event_s_order_is_its_own_or_that_of_the_row_it_is_about() -> None:
    named = look(an_event(EventKind.ORDER_DELAYED, order_id="O1"), orders=[LATE])
    found = look(an_event(EventKind.ORDER_DELAYED), orders=[LATE])

    assert (named.order_id, found.order_id) == ("O1", "O7")


def test_facts_are_numbered_from_one_and_name_their_rows() -> None:
    driver = Driver(
        of=Measure.HEALTH,
        factor="recency",
        contribution=-3.0,
        unit=DriverUnit.POINTS,
        text="last purchase 9 days ago",
    )
    situation = look(score=a_score(drivers=(driver,)), support_tickets=[ANGRY], orders=[LATE])

    assert [fact.id for fact in situation.facts] == ["f1", "f2", "f3"]
    assert [fact.source for fact in situation.facts] == [
        "support_tickets:T1",
        "orders:O7",
        "scores",
    ]
    assert situation.facts[0].at is not None


def test_nobody_s_address_gets_into_a_situation() -> None:
    said = "I am at asha@mail.example or +91 98765 43210"
    situation = look(
        an_event(description=said),
        support_tickets=[a_ticket(initial_message=said)],
        nps_survey=[a_survey(1, feedback_text=said)],
    )

    assert "asha@" not in situation.model_dump_json()
    assert "43210" not in situation.model_dump_json()


def test_a_colleague_s_summary_has_no_name() -> None:
    assert "Meenakshi" not in look(support_tickets=[ANGRY]).summary
    assert "Regular customer worth 800" in look(support_tickets=[ANGRY]).summary


def test_a_name_signed_under_a_ticket_does_not_get_into_a_situation() -> None:
    said = "Where is my parcel? Regards, Meenakshi Subramanian"
    situation = look(support_tickets=[a_ticket(initial_message=said)])

    assert "Meenakshi" not in situation.model_dump_json()


# counts


def test_open_tickets_are_counted_however_old() -> None:
    tickets = [CALM, a_ticket(200, ticket_id="T3"), a_ticket(2, ticket_id="T4", status="closed")]

    assert look(support_tickets=tickets).open_tickets == 2


@pytest.mark.parametrize("status", ["escalated", "Escalated"])
def test_an_escalated_ticket_is_known_however_old_and_however_spelled(status: str) -> None:
    ticket = a_ticket(500, status=status)

    assert has_escalated_ticket(a_record(support_tickets=[ticket]))


def test_an_ordinary_ticket_is_not_escalated() -> None:
    assert not has_escalated_ticket(a_record(support_tickets=[ANGRY]))
    assert not has_escalated_ticket(a_record())


def test_ratings_of_the_last_half_year_are_averaged() -> None:
    rated = [
        a_ticket(days, ticket_id=f"T{days}", status="closed", csat_score=csat)
        for days, csat in [(10, 4), (179, 1), (180, 5), (20, None)]
    ]
    situation = look(support_tickets=rated)

    assert (situation.mean_csat, situation.rated_tickets) == (2.5, 2)
    assert look().mean_csat is None


def test_failures_are_counted_over_the_history_not_over_the_last_month() -> None:
    failures = [a_payment(d, payment_id=f"P{d}", order_id=f"O{d}") for d in (3, 60, 100, 200)]

    assert look(payments=failures).repeated == 3


def test_failures_of_one_month_are_counted_and_quiet_times_are_not() -> None:
    failures = [a_payment(d, payment_id=f"P{d}", order_id=f"O{d}") for d in (3, 9, 20)]

    assert look(payments=failures).repeated == 3
    assert look(orders=[an_order(70)]).repeated == 0


# feeling and urgency


def mood(**tables: Any) -> int:
    """Rank of the sentiment, 0 is the most content."""
    return MOODS.index(look(**tables).sentiment)


@given(low=st.floats(-1, 1), high=st.floats(-1, 1))
def test_a_worse_ticket_never_makes_the_customer_happier(low: float, high: float) -> None:
    low, high = sorted((low, high))
    worse, better = (
        mood(support_tickets=[a_ticket(status="closed", sentiment_score=s)]) for s in (low, high)
    )

    assert worse >= better


@given(low=st.integers(0, 10), high=st.integers(0, 10))
def test_a_worse_survey_never_makes_the_customer_happier(low: int, high: int) -> None:
    low, high = sorted((low, high))

    assert mood(nps_survey=[a_survey(low)]) >= mood(nps_survey=[a_survey(high)])


@given(low=st.integers(1, 5), high=st.integers(1, 5))
def test_a_worse_rating_never_makes_the_customer_happier(low: int, high: int) -> None:
    low, high = sorted((low, high))
    worse, better = (
        mood(support_tickets=[a_ticket(status="closed", csat_score=s)]) for s in (low, high)
    )

    assert worse >= better


def test_the_two_ends_of_the_scale_are_reached() -> None:
    furious = look(
        support_tickets=[a_ticket(sentiment_score=-1, csat_score=1)], nps_survey=[a_survey(0)]
    )
    delighted = look(
        an_event(EventKind.FEEDBACK, sentiment=Sentiment.VERY_POSITIVE), nps_survey=[a_survey(10)]
    )

    assert furious.sentiment is Sentiment.VERY_NEGATIVE
    assert delighted.sentiment is Sentiment.VERY_POSITIVE


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        (Sentiment.VERY_POSITIVE, SituationKind.PRAISE),
        (Sentiment.POSITIVE, SituationKind.PRAISE),
        (Sentiment.NEGATIVE, SituationKind.POOR_RATING),
        (Sentiment.VERY_NEGATIVE, SituationKind.POOR_RATING),
    ],
)
def test_feedback_is_what_its_sender_says_it_is(mood: Sentiment, kind: SituationKind) -> None:
    situation = look(an_event(EventKind.FEEDBACK, sentiment=mood))

    assert (situation.kind, situation.sentiment) == (kind, mood)


def test_old_contentment_does_not_brighten_a_complaint() -> None:
    situation = look(an_event(EventKind.COMPLAINT), nps_survey=[a_survey(10)])

    assert situation.sentiment is Sentiment.NEGATIVE


def test_an_event_of_long_ago_is_a_fact_and_no_reason() -> None:
    situation = look(
        an_event(EventKind.COMPLAINT, description="late", occurred_at=NOW - timedelta(days=400))
    )

    assert not situation.kind.adverse
    assert not situation.from_event
    assert "late" in situation.facts[0].text


def test_a_critical_risk_makes_it_more_urgent_by_one() -> None:
    calm = look(payments=[a_payment()])
    critical = look(score=a_score(risk_level=RiskLevel.CRITICAL), payments=[a_payment()])

    assert critical.urgency == calm.urgency + 1


def test_the_third_time_makes_it_more_urgent_and_five_is_the_most() -> None:
    failures = [a_payment(d, payment_id=f"P{d}", order_id=f"O{d}") for d in (3, 9, 20)]
    twice, thrice = look(payments=failures[:2]), look(payments=failures)
    worst = look(score=a_score(risk_level=RiskLevel.CRITICAL), payments=failures)

    assert thrice.urgency == twice.urgency + 1
    assert worst.urgency == 5


@pytest.mark.parametrize("as_of", [AS_OF, NOW])
def test_a_naive_moment_is_utc(as_of: Any) -> None:
    record = a_record(payments=[a_payment(3)])
    situation = appraise(record, score=a_score(), policy=POLICY, as_of=as_of)

    assert situation.kind is SituationKind.PAYMENT_FAILED
