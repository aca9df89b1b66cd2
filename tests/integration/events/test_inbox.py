"""Events change the customer tables: once, whatever their order, and only the right customer's."""

from datetime import timedelta

import pandas as pd

from procx_graph.base import CustomerBase
from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.events import load_base
from procx_graph.events.inbox import take_in
from procx_graph.events.providers.provider import Delivery, Merge
from procx_graph.events.receipt import Outcome
from procx_graph.events.unmatched import link, unmatched
from procx_graph.store import Store
from procx_graph.store.audit import entries
from procx_graph.store.event_log import Standing
from procx_graph.store.marks import marked
from tests.integration.stores import NOW, base, table, tell

ACCOUNT, EMAIL = ReferenceKind.ACCOUNT, ReferenceKind.EMAIL
ORDER, PHONE = ReferenceKind.ORDER, ReferenceKind.PHONE


def test_a_failed_payment_becomes_a_row_and_marks_its_customer(store: Store) -> None:
    receipt = tell(store, "payment.failed", payment_id="pi_1", amount="24.99", order_id="O1")

    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.events[0].customer_id == "C1"
    [payment] = table(store, "payments")
    assert payment["status"] == "failed"
    assert payment["customer_id"] == "C1"
    assert payment["order_id"] == "O1"
    assert [row["payment_status"] for row in table(store, "orders")] == [
        "failed",
        "success",
        "success",
    ]
    with store.reading() as connection:
        assert {who: mark.changes for who, mark in marked(connection, 10).items()} == {"C1": 1}


def test_the_same_delivery_twice_changes_nothing(store: Store) -> None:
    first = tell(store, "payment.failed", key="evt_1")
    again = tell(store, "payment.failed", key="evt_1")

    assert again.outcome is Outcome.DUPLICATE
    assert again.status == 200
    assert again.events == first.events
    assert again.changes == ()
    assert len(table(store, "payments")) == 1


def test_one_failure_told_three_ways_is_one_condition(store: Store) -> None:
    tell(store, "payment.failed", thing="charge:ch_1", hour=1)
    tell(store, "payment.failed", thing="intent:pi_1", hour=2)
    assert len(table(store, "payments")) == 2

    tell(store, "subscription.payment_failed", thing=("intent:pi_1", "charge:ch_1"), hour=3)

    assert len(table(store, "payments")) == 1
    assert {row["event_type"] for row in table(store, "customer_events")} == {
        "payment_failed",
        "subscription_payment_failed",
    }


def test_a_late_failure_never_overrides_a_later_success(store: Store) -> None:
    tell(store, "payment.succeeded", thing="intent:pi_1", hour=2, order_id="O1")
    tell(store, "payment.failed", thing="intent:pi_1", hour=1, order_id="O1")

    assert [row["status"] for row in table(store, "payments")] == ["success"]
    assert table(store, "orders")[0]["payment_status"] == "success"


def test_a_loaded_row_that_is_newer_than_the_event_knows_better(store: Store) -> None:
    tell(store, "order.cancelled", order_id="O1", thing="order:O1", hour=-48)

    assert table(store, "orders")[0]["order_status"] == "placed"


def test_a_refund_finds_its_customer_through_the_order(store: Store) -> None:
    receipt = tell(store, "refund.made", (ORDER, "O2"), order_id="O2", amount="9", refund_id="r")

    assert receipt.events[0].customer_id == "C2"
    [refund] = table(store, "refunds")
    assert (refund["customer_id"], refund["order_id"]) == ("C2", "O2")


def test_a_refund_that_comes_before_its_order_waits_for_it(store: Store) -> None:
    tell(store, "refund.made", (ORDER, "O9"), order_id="O9", amount="9", refund_id="r")
    assert table(store, "refunds") == []

    tell(
        store,
        "order.cancelled",
        (EMAIL, "ADA@example.com "),
        thing=("order:O9", "order:#1009"),
        order_ids=("#1009", "O9"),
        ordered_at=NOW,
        order_amount="40",
        provider="shopify",
    )

    made = next(row for row in table(store, "orders") if row["order_id"] == "#1009")
    assert (made["customer_id"], made["order_status"]) == ("C1", "cancelled")
    [refund] = table(store, "refunds")
    assert (refund["customer_id"], refund["order_id"]) == ("C1", "#1009")


def test_an_address_that_two_customers_have_is_a_conflict_and_audited(store: Store) -> None:
    receipt = tell(store, "payment.failed", (EMAIL, "shared@example.com"))

    assert receipt.events[0].standing is Standing.CONFLICT
    assert table(store, "payments") == []
    with store.reading() as connection:
        [entry] = entries(connection)
    assert entry.action == "conflict"
    assert "shared" not in str(entry)


def test_two_references_to_two_customers_are_a_conflict(store: Store) -> None:
    tell(store, "payment.failed", (EMAIL, "ada@example.com"), (PHONE, "+1 555 0101"))

    [parked] = unmatched(store)
    assert parked.standing is Standing.CONFLICT
    assert parked.why == "two customers are named: C1 by email; C2 by phone"


def test_an_address_that_is_not_verified_finds_nobody(store: Store) -> None:
    receipt = tell(store, "payment.failed", (EMAIL, "ada@example.com"), verified=False)

    assert receipt.events[0].standing is Standing.UNMATCHED


def test_an_account_is_learned_at_the_first_match_and_frees_what_waited(store: Store) -> None:
    tell(store, "payment.failed", (ACCOUNT, "cus_1"), thing="intent:1")
    assert len(unmatched(store)) == 1

    tell(store, "invoice.paid", (ACCOUNT, "cus_1"), (EMAIL, "ada@example.com"), thing="intent:2")

    assert unmatched(store) == []
    assert sorted(row["status"] for row in table(store, "payments")) == ["failed", "success"]


def test_a_person_links_an_account_and_that_is_audited(store: Store) -> None:
    tell(store, "payment.failed", (ACCOUNT, "cus_1"))
    [parked] = unmatched(store)

    changes = link(store, parked.accounts[0], "C3", now=NOW, who="ada")

    assert {change.table for change in changes} == {"payments", "customer_events"}
    assert unmatched(store) == []
    with store.reading() as connection:
        assert [(one.actor, one.action) for one in entries(connection)] == [("ada", "link")]


def test_a_link_that_is_mended_moves_what_was_told(store: Store) -> None:
    tell(store, "payment.failed", (ACCOUNT, "cus_1"))
    link(store, "stripe||cus_1", "C3", now=NOW, who="ada")

    link(store, "stripe||cus_1", "C2", now=NOW, who="bo")

    assert [row["customer_id"] for row in table(store, "payments")] == ["C2"]
    with store.reading() as connection:
        assert set(marked(connection, 10)) == {"C2", "C3"}


def test_unsubscribing_is_a_no_that_a_later_load_does_not_undo(store: Store) -> None:
    tell(store, "email.unsubscribe", hour=-100)
    load_base(base(), store, at=NOW)

    assert [row.get("opt_in_marketing") for row in table(store, "customers")] == [
        False,
        True,
        None,
    ]


def test_a_newer_load_does_not_undo_what_events_tell_of_later(store: Store) -> None:
    tell(store, "order.cancelled", order_id="O1", thing="order:O1")
    load_base(base(), store, at=NOW)

    assert table(store, "orders")[0]["order_status"] == "cancelled"


def test_a_payment_that_is_loaded_later_takes_the_place_of_the_events_row(store: Store) -> None:
    tell(store, "payment.failed", payment_id="pi_1", thing="intent:pi_1")
    tables = {name: base().frame(name) for name in ("customers", "orders")}
    tables["payments"] = pd.DataFrame(
        {
            "payment_id": ["pi_1"],
            "customer_id": ["C1"],
            "payment_date": [NOW - timedelta(hours=1)],
            "status": ["pending"],
            "amount": [24.99],
        }
    )
    load_base(CustomerBase.from_frames(tables), store, at=NOW)

    [payment] = table(store, "payments")
    assert (payment["status"], payment["amount"]) == ("failed", 24.99)


def test_a_product_without_a_customer_changes_the_stock_and_waits_for_nobody(store: Store) -> None:
    receipt = tell(store, "product.out_of_stock", nobody=True, product_id="P1", product="Lamp")

    assert receipt.events[0].standing is Standing.NOBODY
    assert unmatched(store) == []
    assert table(store, "products") == [{"product_id": "P1", "name": "Lamp", "stock_qty": 0}]

    tell(store, "product.back_in_stock", nobody=True, product_id="P1", quantity=4, hour=2)

    assert table(store, "products")[0]["stock_qty"] == 4


def test_a_score_is_an_answer_to_the_survey(store: Store) -> None:
    tell(store, "nps.detractor", score=3, survey_id="R1", text="too slow")

    [answer] = table(store, "nps_survey")
    assert (answer["nps_score"], answer["feedback_text"]) == (3, "too slow")


def test_ids_of_merged_customers_lead_to_the_same_one(store: Store) -> None:
    merge = Delivery(
        provider="shopify",
        key="m",
        topic="customers/merge",
        occurred_at=NOW,
        merges=(Merge(gone="1", kept="2"),),
    )
    take_in(store, merge, now=NOW, digest="0")
    tell(store, "payment.failed", (ACCOUNT, "1"), provider="shopify")
    assert len(unmatched(store)) == 1

    tell(store, "nps.promoter", (ACCOUNT, "2"), (EMAIL, "ada@example.com"), provider="shopify")

    assert unmatched(store) == []
    assert [row["customer_id"] for row in table(store, "payments")] == ["C1"]
