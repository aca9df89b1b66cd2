"""What the tables show about a customer: what counts, and how far back."""

from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.situation import SituationKind
from procx_graph.graphs.retention.evidence import (
    Sighting,
    is_open,
    plural,
    purchase_days,
    quote,
    sightings,
    within,
)
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import (
    AS_OF,
    a_customer,
    a_payment,
    a_record,
    a_survey,
    a_ticket,
    an_order,
    days_ago,
    told,
)

RULES = load_policy().evidence


def see(**tables: Any) -> list[Sighting]:
    return sightings(a_record(**tables), RULES, AS_OF, days=RULES.adverse_days)


def kinds(**tables: Any) -> list[SituationKind]:
    return [sighting.kind for sighting in see(**tables)]


def test_nothing_is_seen_where_there_is_nothing() -> None:
    assert see() == []
    assert see(orders=[], payments=[], support_tickets=[], nps_survey=[]) == []


@pytest.mark.parametrize(
    ("days", "inside"),
    [(-0.01, False), (-5, False), (0, True), (29.99, True), (30, False), (31, False)],
)
def test_a_window_is_whole_days_before_as_of(days: float, inside: bool) -> None:
    assert within({"at": days_ago(days)}, "at", 30, AS_OF) is inside


def test_what_has_no_date_is_in_no_window() -> None:
    assert not within({"at": None}, "at", 30, AS_OF)
    assert not within({}, "at", 30, AS_OF)


# tickets


@pytest.mark.parametrize("status", ["open", "in_progress", "escalated", "Open", None])
def test_an_unanswered_ticket_waits(status: str | None) -> None:
    assert is_open(a_ticket(status=status))
    assert kinds(support_tickets=[a_ticket(status=status)]) == [SituationKind.OPEN_TICKET]


@pytest.mark.parametrize("status", ["resolved", "closed", "Closed", " RESOLVED "])
def test_an_answered_ticket_is_no_news(status: str) -> None:
    assert not is_open(a_ticket(status=status))
    assert kinds(support_tickets=[a_ticket(status=status, sentiment_score=-1)]) == []


@pytest.mark.parametrize(
    ("sentiment", "kind"),
    [
        (-1.0, SituationKind.COMPLAINT),
        (-0.3, SituationKind.COMPLAINT),
        (-0.29, SituationKind.OPEN_TICKET),
        (1.0, SituationKind.OPEN_TICKET),
        (None, SituationKind.OPEN_TICKET),
    ],
)
def test_an_open_ticket_with_bad_sentiment_is_a_complaint(
    sentiment: float | None, kind: SituationKind
) -> None:
    assert kinds(support_tickets=[a_ticket(sentiment_score=sentiment)]) == [kind]


@pytest.mark.parametrize("days", [29.9, 30])
def test_a_ticket_counts_for_thirty_days(days: float) -> None:
    assert len(see(support_tickets=[a_ticket(days)])) == (days < 30)


@pytest.mark.parametrize(("csat", "seen"), [(1, True), (2, True), (3, False), (None, False)])
def test_a_bad_rating_of_an_answer_is_seen(csat: int | None, seen: bool) -> None:
    found = kinds(support_tickets=[a_ticket(status="closed", csat_score=csat)])

    assert found == ([SituationKind.POOR_RATING] if seen else [])


def test_a_ticket_s_sighting_tells_topic_age_words_and_source() -> None:
    ticket = a_ticket(3, category="Delivery", initial_message="Where is it?", order_id="O9")
    (sighting,) = see(support_tickets=[ticket])

    assert (sighting.source, sighting.topic) == ("support_tickets:T1", "delivery")
    assert sighting.order_id == "O9"
    assert "3 days" in sighting.text
    assert '"Where is it?"' in sighting.text


# payments


def test_a_failed_payment_is_seen_with_its_money_and_reason() -> None:
    (sighting,) = see(payments=[a_payment(3, failure_reason="card_expired")])

    assert sighting.kind is SituationKind.PAYMENT_FAILED
    assert (sighting.amount, sighting.order_id) == (1234.5, "O1")
    assert "card expired" in sighting.text
    assert sighting.source == "payments:P1"


@pytest.mark.parametrize("status", ["success", "pending", "refunded", None])
def test_a_payment_that_did_not_fail_is_no_failure(status: str | None) -> None:
    assert see(payments=[a_payment(status=status)]) == []


@pytest.mark.parametrize("days", [29.9, 30])
def test_a_failed_payment_counts_for_thirty_days(days: float) -> None:
    assert len(see(payments=[a_payment(days)])) == (days < 30)


def test_a_failed_payment_that_was_paid_later_is_none() -> None:
    paid = a_payment(1, payment_id="P2", status="success")

    assert see(payments=[paid, a_payment(3)]) == []


def test_a_payment_that_was_tried_until_it_went_through_is_none() -> None:
    tries = [a_payment(days, payment_id=f"P{days}") for days in (3, 4, 5)]

    assert see(payments=[a_payment(2, status="Success"), *tries]) == []


def test_an_earlier_payment_does_not_settle_a_later_failure() -> None:
    before = a_payment(5, payment_id="P0", status="success")

    assert kinds(payments=[a_payment(3), before]) == [SituationKind.PAYMENT_FAILED]


def test_another_order_s_payment_settles_nothing() -> None:
    other = a_payment(1, status="success", order_id="O2")
    nobody_s = a_payment(1, status="success", order_id=None)

    assert len(see(payments=[other, nobody_s, a_payment(3)])) == 1
    assert len(see(payments=[nobody_s, a_payment(3, order_id=None)])) == 1


def test_a_payment_of_which_little_is_known_is_still_seen() -> None:
    (sighting,) = see(payments=[a_payment(0, payment_id=None, order_id=None, amount=None)])

    assert sighting.source == "payments"
    assert sighting.amount is None
    assert "None" not in sighting.text


# orders


@pytest.mark.parametrize("days", [29.9, 30])
def test_a_cancelled_order_counts_for_thirty_days(days: float) -> None:
    found = kinds(orders=[an_order(days, order_status="Cancelled")])

    assert found == ([SituationKind.ORDER_CANCELLED] if days < 30 else [])


@pytest.mark.parametrize(
    ("late", "seen"), [(-3, False), (0, False), (1.9, False), (2, True), (29, True), (30, False)]
)
def test_an_order_is_late_from_the_second_day_after_its_date(late: float, seen: bool) -> None:
    order = an_order(40, order_status="shipped", estimated_delivery_date=days_ago(late))
    found = [s for s in see(orders=[order]) if s.kind is SituationKind.ORDER_DELAYED]

    assert [s.days for s in found] == ([int(late)] if seen else [])


def test_a_late_order_tells_which_and_by_how_many_days() -> None:
    order = an_order(9, order_status="shipped", estimated_delivery_date=days_ago(5))
    (sighting,) = see(orders=[order])

    assert (sighting.order_id, sighting.days, sighting.topic) == ("O1", 5, "delivery")
    assert "5 days late" in sighting.text
    assert sighting.source == "orders:O1"


@pytest.mark.parametrize("status", ["delivered", "returned", "Delivered"])
def test_an_order_that_came_to_its_end_is_not_late(status: str) -> None:
    order = an_order(9, order_status=status, estimated_delivery_date=days_ago(5))

    assert see(orders=[order]) == []


def test_an_order_that_came_late_but_came_is_no_sighting() -> None:
    order = an_order(
        9,
        estimated_delivery_date=days_ago(8),
        actual_delivery_date=days_ago(3),
        delivery_delay_days=5,
    )

    assert see(orders=[order]) == []


def test_a_cancelled_order_is_not_also_late() -> None:
    order = an_order(9, order_status="cancelled", estimated_delivery_date=days_ago(5))

    assert kinds(orders=[order]) == [SituationKind.ORDER_CANCELLED]


# surveys


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        (0, SituationKind.POOR_RATING),
        (6, SituationKind.POOR_RATING),
        (7, None),
        (8, None),
        (9, SituationKind.PRAISE),
        (10, SituationKind.PRAISE),
    ],
)
def test_a_survey_tells_detractors_from_promoters(score: int, kind: SituationKind | None) -> None:
    assert kinds(nps_survey=[a_survey(score)]) == ([kind] if kind else [])


def test_only_the_latest_answer_counts_and_a_fall_is_told() -> None:
    (sighting,) = see(nps_survey=[a_survey(3, 1), a_survey(9, 20)])

    assert sighting.kind is SituationKind.POOR_RATING
    assert "from 9 to 3" in sighting.text
    assert kinds(nps_survey=[a_survey(8, 1), a_survey(2, 20)]) == []


def test_an_answer_without_a_score_is_passed_over() -> None:
    blank = a_survey(0, 1) | {"nps_score": None}

    assert kinds(nps_survey=[blank, a_survey(2, 5)]) == [SituationKind.POOR_RATING]


@pytest.mark.parametrize("days", [29.9, 30])
def test_a_survey_counts_for_thirty_days(days: float) -> None:
    assert len(see(nps_survey=[a_survey(2, days)])) == (days < 30)


# silence


def bought(*days: float, **changes: Any) -> list[dict[str, Any]]:
    return [an_order(d, order_id=f"O{d}", **changes) for d in days]


@pytest.mark.parametrize(
    ("days", "quiet"),
    [
        ((59,), False),
        ((60,), True),
        ((59, 60), False),
        ((20, 30, 40), False),
        ((21, 31, 41), True),
        ((13, 15, 17), False),
        ((14, 16, 18), True),
        ((59, 89, 119), False),
    ],
    ids=lambda value: str(value),
)
def test_silence_is_measured_against_the_customer_s_own_rhythm(
    days: tuple[int, ...], quiet: bool
) -> None:
    assert kinds(orders=bought(*days)) == ([SituationKind.GONE_QUIET] if quiet else [])


def test_a_quiet_customer_s_rhythm_is_told() -> None:
    (sighting,) = see(orders=bought(70, 80, 90))

    assert sighting.days == 70
    assert "70 days" in sighting.text
    assert "every 10 days" in sighting.text


def test_whoever_never_bought_has_not_gone_quiet() -> None:
    assert see(orders=[]) == []


def test_a_cancelled_or_unpaid_order_does_not_break_the_silence() -> None:
    unpaid = an_order(2, payment_status="Failed")
    cancelled = an_order(40, order_status="cancelled")
    (sighting,) = see(orders=[unpaid, cancelled, *bought(70)])

    assert sighting.days == 70


def test_several_orders_of_a_day_are_one_purchase_day() -> None:
    assert len(purchase_days(bought(5, 5.1, 5.2, 9))) == 2


# told by other systems


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("order_delayed", SituationKind.ORDER_DELAYED),
        ("Shipment_Delayed", SituationKind.ORDER_DELAYED),
        ("review_negative", SituationKind.POOR_RATING),
        ("dispute_opened", SituationKind.COMPLAINT),
        ("subscription_cancelled", SituationKind.COMPLAINT),
        ("payment_failed", SituationKind.PAYMENT_FAILED),
        ("subscription_payment_failed", SituationKind.PAYMENT_FAILED),
        ("support_ticket_created", None),
        ("nps_detractor", None),
        ("cart_abandoned", None),
        ("view", None),
    ],
)
def test_what_was_told_is_seen_unless_a_table_of_its_own_tells_it(
    event: str, kind: SituationKind | None
) -> None:
    assert kinds(customer_events=[told(event)]) == ([kind] if kind else [])


def test_a_told_trouble_has_its_words_its_order_and_its_source() -> None:
    words = "Order O7 of Meenakshi is 4 days late; write to meena@mail.example."
    (sighting,) = see(customer_events=[told("order_delayed", description=words, order_id="O7")])

    assert sighting.text == "Order O7 of [name] is 4 days late; write to [contact]"
    assert (sighting.order_id, sighting.topic) == ("O7", "delivery")
    assert sighting.source == "customer_events:E1"


@pytest.mark.parametrize(
    "event",
    [
        told("dispute_opened", resolved_at=days_ago(1)),
        told("dispute_opened", description=None),
        told("dispute_opened", 30),
        {"event_type": "dispute_opened", "event_time": days_ago(1)},
    ],
    ids=["resolved", "without words", "old", "bare"],
)
def test_what_is_well_again_old_or_without_words_is_not_seen(event: dict[str, Any]) -> None:
    assert see(customer_events=[event]) == []


def test_the_delays_told_of_one_order_are_seen_once() -> None:
    delays = [told("shipment_delayed", 1, order_id="O1"), told("order_delayed", 2)]
    delays += [told("order_delayed", 3, order_id="O1"), told("order_delayed", 4)]

    assert [s.order_id for s in see(customer_events=delays)] == ["O1", None, None]


def test_an_order_that_the_orders_show_as_late_is_seen_once() -> None:
    order = an_order(9, order_status="shipped", estimated_delivery_date=days_ago(5))
    found = see(orders=[order], customer_events=[told("order_delayed", order_id="O1")])

    assert [s.source for s in found] == ["orders:O1"]


@pytest.mark.parametrize(
    "end",
    [{"order_status": "Delivered"}, {"order_status": None, "actual_delivery_date": days_ago(1)}],
    ids=["status", "date"],
)
def test_a_delay_is_over_once_the_order_has_come(end: dict[str, Any]) -> None:
    delay = told("order_delayed", order_id="O1")

    assert see(orders=[an_order(9, **end)], customer_events=[delay]) == []


@pytest.mark.parametrize(
    ("event", "payment", "seen"),
    [
        ({"order_id": "O1"}, a_payment(3), ["payments:P1"]),
        ({"order_id": "O1"}, a_payment(1, status="success"), []),
        ({"order_id": "O1"}, a_payment(9, status="success"), ["customer_events:E1"]),
        ({"order_id": "O2"}, a_payment(3, status="success"), ["customer_events:E1"]),
        ({}, a_payment(3), ["payments:P1"]),
        ({}, a_payment(3, status="success"), ["customer_events:E1"]),
        ({}, a_payment(40), ["customer_events:E1"]),
        ({}, a_payment(3, payment_date=None), ["customer_events:E1"]),
    ],
)
def test_a_failed_payment_is_told_by_the_payments_where_they_have_it(
    event: dict[str, Any], payment: dict[str, Any], seen: list[str]
) -> None:
    found = see(payments=[payment], customer_events=[told("payment_failed", 3, **event)])

    assert [s.source for s in found] == seen


# outside words


@pytest.mark.parametrize(
    "text",
    [
        "write to asha.verma@mail.example please",
        "<mailto:asha.verma@mail.example>",
        "call +91 98765 43210 now",
        "call 9876543210.",
        "ring (022) 2345-6789",
        "मेरा नंबर ९८७६५४३२१० है",
        "98765–43210",
        "+91 98765‑43210",
        "98765\u200b43210",
        "98765\u00ad43210",
        "98765\u200d43210",
        "98765·43210",
        "98765_43210",
        "asha@mail.example".replace("@", "＠"),
        "asha @ mail.example",
    ],
)
def test_addresses_in_a_quote_are_masked(text: str) -> None:
    said = quote(text)

    assert "[contact]" in said
    for part in ("asha", "mail.example", "98765", "43210", "6789", "९८७६५"):
        assert part not in said


@pytest.mark.parametrize(
    "text", ["order O500123 came 5 days late", "I paid 1,234.50", "since 2025-06-12", "12/06/2025"]
)
def test_what_is_no_address_is_left_in_a_quote(text: str) -> None:
    assert quote(text) == text


@given(text=st.text(max_size=400), limit=st.integers(10, 200))
def test_a_quote_is_one_short_line(text: str, limit: int) -> None:
    said = quote(text, limit=limit)

    assert len(said) <= limit
    assert len(said.splitlines()) <= 1


def test_a_name_is_masked_also_with_hidden_characters_or_written_in_parts() -> None:
    jose = a_customer(first_name="José", last_name="Verma")

    assert quote("I am Jose\u0301 Ver\u200bma", jose) == "I am [name] [name]"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("மீனாட்சி", "மீனாட்சிக்கு இன்னும் வரவில்லை"),
        ("குமார்", "குமாருக்கு இன்னும் வரவில்லை"),
        ("లక్ష్మీ", "లక్ష్మీకి ఇంకా రాలేదు"),
        ("সুচিত্রা", "সুচিত্রার এখনও আসেনি"),
        ("यशोधरा", "यशोधरा को अभी तक नहीं मिला"),
    ],
)
def test_a_name_with_a_case_ending_is_masked(name: str, text: str) -> None:
    said = quote(text, a_customer(first_name=name))

    assert said.startswith("[name] ")
    assert said.split(" ")[1:] == text.split(" ")[1:]


def test_an_address_is_not_uncovered_by_cutting() -> None:
    assert "asha" not in quote("x" * 150 + " asha@mail.example", limit=160)


def test_a_very_long_word_is_quoted_at_once() -> None:
    started = process_time()

    assert len(quote("a" * 20_000)) <= 160
    assert process_time() - started < 0.2


def test_one_is_not_many() -> None:
    assert [plural(count, "day") for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
