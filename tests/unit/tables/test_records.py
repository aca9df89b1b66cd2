"""Records gather a customer's rows, newest first."""

from datetime import datetime
from typing import Any

import polars as pl

from procx_graph.schema import TABLES
from procx_graph.tables.records import fetch_records
from procx_graph.tables.validate import clean

at = datetime.fromisoformat


def tables(**rows: list[dict[str, Any]]) -> dict[str, pl.LazyFrame]:
    people: list[dict[str, Any]] = [
        {"customer_id": "C1", "email": "a@b.example", "city": "Pune"},
        {"customer_id": "C2"},
    ]
    given = {"customers": people, **rows}
    return {
        name: clean(TABLES[name], pl.DataFrame(content, infer_schema_length=None)).frame
        for name, content in given.items()
    }


def order(number: int, customer_id: str, day: str) -> dict[str, Any]:
    return {
        "order_id": f"O{number}",
        "customer_id": customer_id,
        "order_date": day,
        "total_amount": number,
    }


def test_a_record_has_the_customer_and_their_rows_newest_first() -> None:
    orders = [
        order(1, "C1", "2025-01-01"),
        order(2, "C1", "2025-02-01"),
        order(3, "C2", "2025-03-01"),
    ]

    record = fetch_records(tables(orders=orders), ["C1"])["C1"]

    assert record.customer.city == "Pune"
    assert record.orders is not None
    assert [row["order_id"] for row in record.orders] == ["O2", "O1"]
    assert record.orders[0]["order_date"] == at("2025-02-01")
    assert record.orders[0]["promo_code"] is None


def test_a_table_that_is_absent_is_none_and_one_without_rows_is_empty() -> None:
    record = fetch_records(tables(orders=[order(1, "C1", "2025-01-01")]), ["C2"])["C2"]

    assert record.payments is None
    assert record.orders == []


def test_addresses_stay_in_the_tables() -> None:
    records = fetch_records(tables(), ["C1", "C2"])

    assert records["C1"].customer.has_email is True
    assert records["C1"].customer.has_phone is False
    assert records["C2"].customer.has_email is False
    assert "a@b.example" not in repr(records)


def test_shipments_are_found_through_orders() -> None:
    shipments = [
        {"shipment_id": "S1", "order_id": "O1", "shipped_date": "2025-01-02"},
        {"shipment_id": "S2", "order_id": "O9", "shipped_date": "2025-01-02"},
    ]
    orders = [order(1, "C1", "2025-01-01"), order(9, "C2", "2025-01-01")]

    record = fetch_records(tables(orders=orders, shipments=shipments), ["C1"])["C1"]

    assert record.shipments is not None
    assert [row["shipment_id"] for row in record.shipments] == ["S1"]


def test_further_tables_of_the_customer_are_extra() -> None:
    labels = [{"customer_id": "C1", "is_churn": "1"}]

    record = fetch_records(tables(churn_labels=labels), ["C1"])["C1"]

    assert [row["is_churn"] for row in record.extra["churn_labels"]] == [True]
    assert "recommendations" not in record.extra


def test_rows_of_one_moment_come_in_the_order_of_their_keys() -> None:
    orders = [order(n, "C1", "2025-01-01") for n in (2, 3, 1)]

    record = fetch_records(tables(orders=orders), ["C1"])["C1"]

    assert record.orders is not None
    assert [row["order_id"] for row in record.orders] == ["O3", "O2", "O1"]
