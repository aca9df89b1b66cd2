"""What stories make of the customer tables."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects import (
    Told,
    consent,
    in_order,
    orders,
    products,
    rows_of_story,
)
from tests.unit.events.telling import START, only, rows, told


def test_a_failed_payment_is_a_row_of_the_payments() -> None:
    failed = told("payment.failed", amount="24.99", reason="card_declined", payment_id="pi_1")

    row = only(failed, table="payments", order_id="O1")

    assert row == {
        "payment_id": "pi_1",
        "order_id": "O1",
        "payment_date": START,
        "amount": Decimal("24.99"),
        "payment_method": None,
        "status": "failed",
        "failure_reason": "card_declined",
    }


def test_three_tries_of_one_payment_are_one_failure() -> None:
    tries = [told("payment.failed", hour, payment_id="pi_1", attempt=hour) for hour in (1, 2, 3)]

    [row] = rows(*tries, table="payments")

    assert row.since == START + timedelta(hours=3)


def test_a_success_undoes_the_failure_before_it() -> None:
    row = only(told("payment.failed", 1, reason="x"), told("invoice.paid", 2), table="payments")

    assert (row["status"], row["failure_reason"]) == ("success", None)


def test_a_failure_that_is_told_late_never_overrides_a_later_success() -> None:
    paid, late = told("payment.succeeded", 2), told("payment.failed", 1)

    assert only(paid, late, table="payments")["status"] == "success"


def test_of_one_moment_the_success_counts() -> None:
    both = told("payment.succeeded", 1, event_id="a"), told("payment.failed", 1, event_id="z")

    assert only(*both, table="payments")["status"] == "success"


def test_a_refund_told_by_its_id_and_as_a_sum_is_one_refund() -> None:
    by_sum = told("refund.made", 1, amount="5", refunded_in_all="5")
    by_id = told("refund.made", 2, amount="5", refund_id="re_1")

    assert only(by_sum, by_id, table="refunds")["refund_amount"] == 5


def test_what_the_ids_do_not_cover_of_a_sum_is_a_refund_of_its_own() -> None:
    found = rows(
        told("refund.made", 1, amount="5", refund_id="re_1"),
        told("refund.made", 2, amount="7", refunded_in_all="12"),
        table="refunds",
    )

    assert sorted(row.new["refund_amount"] for row in found) == [5, 7]  # type: ignore[type-var]


def test_a_request_stands_until_money_is_given() -> None:
    asked = told("refund.requested", 1, amount="20")
    given = told("refund.made", 49, amount="20")

    assert only(asked, table="refunds")["refund_status"] == "initiated"
    paid = only(asked, given, table="refunds")
    assert paid["refund_status"] == "processed"
    assert paid["refund_request_date"] == asked.occurred_at
    assert paid["refund_delay_days"] == 2


def test_a_ticket_goes_the_way_of_its_events() -> None:
    opened = told("support.ticket.created", 0, ticket_id="7", priority="low", subject="Broken")
    louder = told("support.ticket.escalated", 1, ticket_id="7", priority="urgent")
    solved = told("support.ticket.solved", 5, ticket_id="7")
    again = told("support.ticket.reopened", 6, ticket_id="7")

    escalated = only(opened, louder, table="support_tickets")
    assert (escalated["status"], escalated["escalation"]) == ("escalated", True)
    assert (escalated["priority"], escalated["initial_message"]) == ("urgent", "Broken")
    done = only(opened, louder, solved, table="support_tickets")
    assert (done["status"], done["resolution_time_hours"]) == ("resolved", 5)
    reopened = only(opened, louder, solved, again, table="support_tickets")
    assert (reopened["status"], reopened["resolution_time_hours"]) == ("open", None)


def test_a_rating_alone_says_nothing_of_the_state_of_a_ticket() -> None:
    [row] = rows(told("support.csat", score=2, ticket_id="7"), table="support_tickets")

    assert row.values == {"csat_score": 2}


def test_an_answer_without_a_score_is_no_answer() -> None:
    assert rows(told("nps.detractor"), table="nps_survey") == []


def test_an_answer_is_kept_with_what_the_customer_added() -> None:
    row = only(told("nps.detractor", score=2, text="slow", survey_id="R1"), table="nps_survey")

    assert (row["survey_id"], row["nps_score"], row["feedback_text"]) == ("R1", 2, "slow")


def test_every_type_of_a_story_is_one_row_of_the_customers_events() -> None:
    tries = [told("payment.failed", hour) for hour in (1, 2)]

    row = only(*tries, table="customer_events")

    assert row["event_type"] == "payment_failed"
    assert row["description"] == "payment.failed at 2"


def test_what_is_well_again_is_marked_so_and_what_fails_again_is_not() -> None:
    failed, paid = told("payment.failed", 1), told("payment.succeeded", 2)
    again = told("payment.failed", 3)

    def since(*events: Told) -> object:
        found = rows(*events, table="customer_events")
        return next(r.values["resolved_at"] for r in found if r.name == "payment.failed")

    assert since(failed) is None
    assert since(failed, paid) == paid.occurred_at
    assert since(failed, paid, again) is None


def test_a_cart_that_is_filled_is_something_the_customer_did() -> None:
    assert only(told("cart.updated"), table="customer_events")["event_type"] == "add_to_cart"


def test_an_order_takes_its_newest_state_whatever_story_tells_it() -> None:
    cancelled = told("order.cancelled", 1, order_id="O1")
    failed, paid = told("payment.failed", 2, order_id="O1"), told("order.paid", 3, order_id="O1")

    [row] = orders(in_order([paid, cancelled, failed]), "O1")

    assert row.values == {"order_status": "cancelled", "payment_status": "success"}
    assert row.since == paid.occurred_at


def test_an_order_is_made_only_of_what_tells_when_it_was_placed_and_what_it_cost() -> None:
    bare = told("order.cancelled", order_id="O1")
    full = told("order.cancelled", order_id="O1", ordered_at=START, order_amount="9")

    assert [row.makes for row in orders([bare], "O1")] == [False]
    assert [row.makes for row in orders([full], "O1")] == [True]


def test_one_no_is_a_no_and_holds_against_later_tables() -> None:
    yes, no = told("email.subscribe", 2), told("email.unsubscribe", 1, channel="sms")

    [row] = consent(in_order([yes, no]), "C1")

    assert row.values == {"opt_in_marketing": False}
    assert row.always == {"opt_in_marketing"}


def test_a_newer_yes_on_the_same_channel_ends_the_no() -> None:
    [row] = consent([told("email.unsubscribe", 1), told("email.subscribe", 2)], "C1")

    assert (row.values, row.always) == ({"opt_in_marketing": True}, frozenset())


def test_whoever_asks_to_be_forgotten_gets_no_marketing_again() -> None:
    [row] = consent([told("customer.redact_requested", 1), told("email.subscribe", 2)], "C1")

    assert row.values == {"opt_in_marketing": False}


def test_a_product_that_is_there_again_has_an_unknown_stock_unless_told() -> None:
    out, back = told("product.out_of_stock", 1), told("product.back_in_stock", 2)

    assert [row.values for row in products([out], "P1")] == [{"stock_qty": 0}]
    assert [row.values for row in products([out, back], "P1")] == [{"stock_qty": None}]


KINDS = st.sampled_from(
    [kind.value for kind in EventType if kind.value.startswith(("pay", "ref", "supp", "nps"))]
)


@given(
    st.lists(st.tuples(KINDS, st.integers(0, 5), st.integers(0, 10)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_of_telling_changes_nothing(
    happened: list[tuple[str, int, int]], shuffler: "object"
) -> None:
    events = [
        told(kind, hour, event_id=f"e{number}", score=score, ticket_id="7", amount=score)
        for number, (kind, hour, score) in enumerate(happened)
    ]
    mixed = list(events)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]

    assert rows_of_story(mixed, None) == rows_of_story(events, None)


@pytest.mark.parametrize("kind", list(EventType))
def test_every_type_has_traits_and_a_name_for_the_tables(kind: EventType) -> None:
    assert kind.traits.kind
    assert "." not in kind.column_value
