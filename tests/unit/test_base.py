"""The base shows a business from one moment, and nothing later exists in it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from procx_graph.base import REMEMBERED, CustomerBase
from procx_graph.errors import ConfigError, DataError, RowError, UnknownCustomer
from procx_graph.schema import TABLES

at = datetime.fromisoformat

CUSTOMERS: dict[str, list[Any]] = {
    "customer_id": ["C1", "C2", "C3"],
    "first_name": ["Asha", "দীপ", "<b>=1+1"],
    "signup_date": ["2024-01-01", "2025-05-01", None],
}
ORDERS: dict[str, list[Any]] = {
    "order_id": ["O1", "O2", "O3", "O4"],
    "customer_id": ["C1", "C1", "C2", "C3"],
    "order_date": ["2025-01-10", "2025-06-10T09:30:00", "2025-05-20", "2025-02-01"],
    "total_amount": [10.0, 20.0, 30.0, 40.0],
    "actual_delivery_date": ["2025-01-15", "2025-06-20", "2025-05-25", None],
    "delivery_delay_days": [0, 3, 0, None],
}
LATEST = datetime(2025, 6, 10, 9, 30, tzinfo=UTC)


def shop(*, as_of: Any = None, **tables: Any) -> CustomerBase:
    given = {"customers": CUSTOMERS, "orders": ORDERS} | tables
    frames = {name: pl.DataFrame(content) for name, content in given.items()}
    return CustomerBase.from_frames(frames, as_of=as_of, name="shop")


def ids(base: CustomerBase, table: str, column: str) -> list[str]:
    return base.table(table).collect()[column].to_list()


def test_the_base_shows_the_latest_thing_customers_did() -> None:
    base = shop()

    assert base.as_of == LATEST
    assert base.is_current
    assert base.tables == ("customers", "orders")
    assert repr(base) == "CustomerBase('shop', 3 customers, as_of=2025-06-10)"


def test_rows_and_customers_of_later_do_not_exist() -> None:
    base = shop(as_of="2025-03-01")

    assert base.customer_ids.to_list() == ["C1", "C3"]
    assert ids(base, "customers", "customer_id") == ["C1", "C3"]
    assert ids(base, "orders", "order_id") == ["O1", "O4"]
    assert len(base) == 2
    assert "C2" not in base
    assert not base.is_current


def test_rows_appended_after_the_moment_change_nothing() -> None:
    longer = {name: [*cells, *cells[:1]] for name, cells in ORDERS.items()}
    longer["order_id"][-1], longer["order_date"][-1] = "O5", "2030-01-01"

    before, after = shop(as_of=LATEST), shop(as_of=LATEST, orders=longer)

    assert before.table("orders").collect().equals(after.table("orders").collect())
    assert not after.is_current


def test_a_customer_without_a_signup_begins_with_the_first_row_on_record() -> None:
    people = {"customer_id": ["seen", "later", "silent"], "signup_date": [None, None, None]}
    visits = {
        "customer_id": ["later", "seen"],
        "event_time": ["2025-03-01", "2025-02-01"],
        "event_type": ["view", "view"],
    }
    orders = {
        "customer_id": ["seen", "later", "later"],
        "order_date": ["2025-04-01", "2025-04-02", "2025-05-02"],
        "total_amount": [10.0, 20.0, 30.0],
    }

    base = shop(customers=people, orders=orders, customer_events=visits)

    assert len(base) == 3
    assert base.at("2025-02-15").customer_ids.to_list() == ["seen", "silent"]
    assert ids(base.at("2025-02-15"), "customers", "customer_id") == ["seen", "silent"]
    assert base.at("2025-03-15").customer_ids.to_list() == ["later", "seen", "silent"]


def test_how_a_ticket_ended_is_unknown_before_it_was_resolved() -> None:
    tickets = {
        "ticket_id": ["T1", "T2", "T3"],
        "customer_id": ["C1", "C1", "C1"],
        "created_at": ["2025-03-01", "2025-03-01", "2025-03-01"],
        "status": ["resolved", "closed", "open"],
        "resolution_time_hours": [24.0, 480.0, None],
        "csat_score": [5, 1, 3],
        "sentiment_score": [0.5, -0.5, 0.0],
    }
    base = shop(support_tickets=tickets)

    then = base.at("2025-03-05").table("support_tickets").sort("ticket_id").collect()

    assert then["status"].to_list() == ["resolved", None, None]
    assert then["csat_score"].to_list() == [5, None, None]
    assert then["resolution_time_hours"].to_list() == [24.0, None, None]
    assert then["sentiment_score"].to_list() == [0.5, -0.5, 0.0]
    assert base.table("support_tickets").collect()["csat_score"].to_list() == [5, 1, 3]


def test_values_known_only_later_are_unknown() -> None:
    orders = shop().table("orders").collect()

    assert orders["actual_delivery_date"].to_list() == [
        at("2025-01-15"),
        None,
        at("2025-05-25"),
        None,
    ]
    assert orders["delivery_delay_days"].to_list() == [0.0, None, 0.0, None]


def test_rows_of_customers_who_are_not_there_yet_do_not_exist() -> None:
    tickets = {"ticket_id": ["T1"], "customer_id": ["C2"], "created_at": ["2025-01-02"]}
    chats = {"message_id": ["M1"], "ticket_id": ["T1"], "timestamp": ["2025-01-02"]}

    early = shop(as_of="2025-03-01", support_tickets=tickets, chat_transcripts=chats)

    assert ids(early, "support_tickets", "ticket_id") == []
    assert ids(early, "chat_transcripts", "message_id") == []
    assert ids(early.at("2025-06-01"), "chat_transcripts", "message_id") == ["M1"]


def test_the_same_tables_are_seen_from_another_moment() -> None:
    base = shop()
    early = base.at("2025-01-31")

    assert early.as_of == datetime(2025, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert early.customer_ids.to_list() == ["C1"]
    assert len(base) == 3
    assert early.at(LATEST).is_current


def test_a_later_moment_is_allowed_and_current() -> None:
    assert shop(as_of="2026-01-01").is_current


def test_undated_rows_of_reference_tables_are_kept() -> None:
    base = shop(
        as_of="2025-01-31",
        shipments={"shipment_id": ["S1"], "order_id": ["O1"], "shipped_date": [None]},
        products={"product_id": ["P1"]},
    )

    assert ids(base, "shipments", "shipment_id") == ["S1"]
    assert ids(base, "products", "product_id") == ["P1"]


def test_a_label_of_later_does_not_exist() -> None:
    labels = {
        "customer_id": ["C1", "C3"],
        "is_churn": [1, 0],
        "churn_date": ["2025-06-01", None],
    }

    assert ids(shop(as_of="2025-05-01", churn_labels=labels), "churn_labels", "customer_id") == [
        "C3"
    ]


def test_a_date_from_the_far_future_does_not_date_the_base() -> None:
    days = pl.datetime_range(at("2025-01-01"), at("2025-06-10"), "1h", eager=True)
    events = {
        "customer_id": ["C1"] * (len(days) + 1),
        "event_time": [*days.to_list(), at("2099-01-01")],
        "event_type": ["view"] * (len(days) + 1),
    }

    base = shop(customer_events=events)

    assert base.as_of == LATEST
    assert len(ids(base, "customer_events", "customer_id")) == len(days)
    assert "2099-01-01" in base.report.warnings[0]
    assert base.is_current


def test_without_behaviour_the_moment_must_be_given() -> None:
    with pytest.raises(DataError, match="pass as_of"):
        CustomerBase.from_frames({"customers": pd.DataFrame(CUSTOMERS)})

    base = CustomerBase.from_frames({"customers": pd.DataFrame(CUSTOMERS)}, as_of="2025-06-01")
    assert len(base) == 3
    assert base.is_current


def test_an_empty_base_is_a_base() -> None:
    empty = pd.DataFrame({"customer_id": []})

    base = CustomerBase.from_frames({"customers": empty}, as_of="2025-06-01")

    assert len(base) == 0
    assert "C1" not in base
    assert base.records([]) == {}
    assert base.frame("customers").empty


def test_one_customer_is_a_base() -> None:
    base = CustomerBase.from_frames(
        {
            "customers": pd.DataFrame({"customer_id": [1]}),
            "orders": pd.DataFrame(
                {"customer_id": [1], "order_date": ["2025-01-01"], "total_amount": [9.5]}
            ),
        }
    )

    assert base.record("1").orders is not None
    assert base.customer("1").first_name is None


def test_a_customer_appears_once() -> None:
    base = shop(customers={"customer_id": ["C1", "C1", "C2", "C3"], "city": ["A", "B", "C", "D"]})

    assert base.customer_ids.to_list() == ["C1", "C2", "C3"]
    assert base.customer("C1").city == "A"
    assert base.report.rows_set_aside == 1


def test_nothing_but_nan_is_an_empty_base() -> None:
    nan = float("nan")
    base = CustomerBase.from_frames(
        {"customers": pd.DataFrame({"customer_id": [nan, nan], "city": ["Pune", nan]})},
        as_of="2025-01-01",
    )

    assert len(base) == 0
    assert [issue.problem for issue in base.report.issues] == ["missing"]


def test_names_are_kept_verbatim() -> None:
    base = shop()

    assert base.customer("C2").first_name == "দীপ"
    assert base.customer("C3").first_name == "<b>=1+1"


def test_a_customer_is_found_or_unknown() -> None:
    base = shop()

    assert "C1" in base
    assert "" not in base
    assert 7 not in base
    with pytest.raises(UnknownCustomer, match="C9") as error:
        base.record("C9")
    assert error.value.customer_id == "C9"
    with pytest.raises(UnknownCustomer):
        base.records(["C1", "zz"])


def test_records_come_in_the_order_asked_for_and_are_remembered() -> None:
    base = shop()

    records = base.records(["C3", "C1", "C3"])

    assert list(records) == ["C3", "C1"]
    assert base.record("C1") is records["C1"]


def test_another_moment_has_its_own_records() -> None:
    base = shop()
    base.records(["C1"])

    orders = base.at("2025-03-01").record("C1").orders

    assert orders is not None
    assert [row["order_id"] for row in orders] == ["O1"]


def test_every_declared_column_is_there() -> None:
    base = shop()

    for name in base.tables:
        assert tuple(base.table(name).collect_schema()) == TABLES[name].names
    assert isinstance(base.frame("orders"), pd.DataFrame)


def test_an_absent_table_is_named() -> None:
    base = shop()

    assert not base.has("payments")
    with pytest.raises(DataError, match="shop has no table payments; it has customers, orders"):
        base.table("payments")


def test_the_fingerprint_tells_the_content_whatever_its_order() -> None:
    turned = {name: cells[::-1] for name, cells in ORDERS.items()}
    changed = ORDERS | {"total_amount": [20.0, 10.0, 30.0, 40.0]}

    assert shop().fingerprint == shop(orders=turned).fingerprint
    assert shop().fingerprint == shop().at("2025-01-31").fingerprint
    assert shop().fingerprint != shop(orders=changed).fingerprint


def test_strict_refuses_a_bad_row() -> None:
    frames = {"customers": pl.DataFrame({"customer_id": ["C1", "C1"]})}

    with pytest.raises(RowError, match="customers row 2, column customer_id: appears again"):
        CustomerBase.from_frames(frames, strict=True, as_of="2025-01-01")


def test_a_mapping_translates_the_base(tmp_path: Path) -> None:
    toml = '[tables]\nKunden = "customers"\n[columns.customers]\nNr = "customer_id"\n'
    (tmp_path / "map.toml").write_text(toml, encoding="utf-8")

    base = CustomerBase.from_frames(
        {"Kunden": pl.DataFrame({"Nr": [1]})}, mapping=tmp_path / "map.toml", as_of="2025-01-01"
    )

    assert base.customer_ids.to_list() == ["1"]


def test_a_column_that_the_mapping_cannot_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[columns.customers]\nNr = "custmer_id"\n', encoding="utf-8")

    with pytest.raises(
        ConfigError, match="'custmer_id' is no column of customers; near: customer_id"
    ):
        CustomerBase.from_frames({}, mapping=tmp_path / "map.toml")


@pytest.mark.parametrize("source", ["nothing.xlsx", "nowhere", "nosuch://host/shop", "shop.txt"])
def test_a_source_that_is_not_there_is_one_clear_error(source: str) -> None:
    with pytest.raises(DataError):
        CustomerBase.open(source)


def test_every_customer_of_many_is_found_and_no_other() -> None:
    many = [f"C{number}" for number in range(0, 3_000, 3)]
    base = CustomerBase.from_frames(
        {"customers": pl.DataFrame({"customer_id": many})}, as_of=LATEST
    )

    assert all(customer_id in base for customer_id in many)
    assert not any(f"C{number}" in base for number in range(1, 3_000, 3))


def test_no_more_records_are_kept_than_can_be_held() -> None:
    many = [f"C{number}" for number in range(REMEMBERED + 1)]
    base = CustomerBase.from_frames(
        {"customers": pl.DataFrame({"customer_id": many})}, as_of=LATEST
    )

    first = base.record(many[0])
    base.records(many[1:])

    assert base.record(many[-1]) is base.record(many[-1])
    assert base.record(many[0]) is not first


def test_the_sample_is_a_current_base_without_a_bad_cell() -> None:
    base = CustomerBase.sample()

    assert len(base) == 1_000
    assert base.is_current
    assert base.report.issue_count == 0
    assert base.name == "procx_sample.xlsx"


def test_a_base_whose_dates_are_all_wrong_says_so() -> None:
    tables = {
        "customers": pd.DataFrame({"customer_id": ["A"]}),
        "orders": pd.DataFrame(
            {"customer_id": ["A"], "order_date": ["01/02/2025"], "total_amount": [1.0]}
        ),
    }

    with pytest.raises(DataError, match="1 rows were set aside, the first: orders row 1, column"):
        CustomerBase.from_frames(tables)


def test_dates_before_1970_date_a_base_like_any_other() -> None:
    orders = {
        "customer_id": ["C1", "C1"],
        "order_date": ["1899-12-31T23:59:59", "1969-12-31T23:59:59.999999"],
        "total_amount": [1.0, 2.0],
    }
    base = shop(customers={"customer_id": ["C1"]}, orders=orders)

    assert base.as_of == datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert base.at("1900-01-01").table("orders").collect()["total_amount"].to_list() == [1.0]


def test_time_zones_mixed_in_one_column_are_one_time() -> None:
    tokyo = timezone(timedelta(hours=9))
    orders = pd.DataFrame(
        {
            "customer_id": ["C1", "C1", "C1"],
            "order_date": pd.Series(
                [
                    datetime(2025, 1, 1, 9, tzinfo=tokyo),
                    datetime(2025, 1, 1, 1, tzinfo=UTC),
                    at("2025-01-01T02:00:00"),
                ],
                dtype=object,
            ),
            "total_amount": [1.0, 2.0, 3.0],
        }
    )
    base = CustomerBase.from_frames(
        {"customers": pd.DataFrame({"customer_id": ["C1"]}), "orders": orders}
    )

    assert base.table("orders").collect()["order_date"].to_list() == [
        at(f"2025-01-01T0{hour}:00:00") for hour in range(3)
    ]


def test_orders_of_one_moment_are_all_kept() -> None:
    orders = {
        "order_id": ["O1", "O2", None, None],
        "customer_id": ["C1"] * 4,
        "order_date": ["2025-01-01"] * 4,
        "total_amount": [5.0] * 4,
    }

    base = shop(orders=orders)

    assert base.table("orders").collect().height == 4
    assert base.report.issue_count == 0


def test_an_order_from_before_the_signup_is_kept_once_the_customer_is_there() -> None:
    orders = {"customer_id": ["C2"], "order_date": ["2025-01-01"], "total_amount": [5.0]}
    base = shop(orders=orders, as_of="2025-06-01")

    assert base.table("orders").collect().height == 1
    assert base.at("2025-02-01").table("orders").collect().is_empty()


def test_the_only_row_of_a_base_dates_it() -> None:
    orders = {"customer_id": ["C1"], "order_date": ["2025-01-01T10:00"], "total_amount": [0.0]}

    base = shop(customers={"customer_id": ["C1"]}, orders=orders)

    assert base.as_of == datetime(2025, 1, 1, 10, tzinfo=UTC)
    assert base.is_current


def test_amounts_below_zero_are_set_aside_and_told() -> None:
    orders = ORDERS | {"total_amount": [10.0, -20.0, -0.0, 40.0]}
    refunds = {
        "customer_id": ["C1"],
        "refund_request_date": ["2025-02-01"],
        "refund_amount": [-5.0],
    }

    base = shop(orders=orders, refunds=refunds)

    assert ids(base, "orders", "order_id") == ["O1", "O3", "O4"]
    assert base.table("refunds").collect()["refund_amount"].to_list() == [None]
    assert [(i.table, i.row, i.problem, i.set_aside) for i in base.report.issues] == [
        ("orders", 2, "below 0", "row"),
        ("refunds", 1, "below 0", "cell"),
    ]
