"""A source becomes clean tables, and the report tells what it took."""

import json
from typing import Any

import polars as pl
import pytest

from procx_graph.errors import DataError, RowError
from procx_graph.tables.frames import frames_source
from procx_graph.tables.load import Loaded, load
from procx_graph.tables.mapping import TableMapping

CUSTOMERS = pl.DataFrame({"customer_id": ["C2", "C1"]})
ORDERS = pl.DataFrame(
    {
        "customer_id": ["C1", "C9", "C2"],
        "order_date": ["2025-01-01", "2025-01-02", "never"],
        "total_amount": [10, 20, 30],
    }
)


def read(
    mapping: TableMapping | None = None, *, strict: bool = False, **tables: pl.DataFrame
) -> Loaded:
    return load(frames_source(tables, name="shop"), mapping or TableMapping(), strict=strict)


def test_tables_are_read_in_the_order_of_the_schema_and_ids_sorted() -> None:
    loaded = read(orders=ORDERS, customers=CUSTOMERS)

    assert list(loaded.tables) == ["customers", "orders"]
    assert loaded.customer_ids.to_list() == ["C1", "C2"]


def test_rows_of_nobody_and_bad_rows_are_set_aside_and_told() -> None:
    report = read(customers=CUSTOMERS, orders=ORDERS).report

    assert [(i.row, i.column, i.value) for i in report.issues] == [
        (2, "customer_id", "C9"),
        (3, "order_date", "never"),
    ]
    assert report.rows_set_aside == 2
    assert report.issue_count == 2
    assert str(report) == "2 tables, 5 rows read, 2 set aside, 2 issues"
    assert str(report.issues[0]) == "orders row 2, column customer_id: no such customer ('C9')"


def test_strict_refuses_them() -> None:
    with pytest.raises(RowError, match="no such customer"):
        read(customers=CUSTOMERS, orders=ORDERS, strict=True)


def test_the_report_is_a_frame_and_json() -> None:
    report = read(customers=CUSTOMERS, orders=ORDERS, data_dictionary=CUSTOMERS).report

    told = json.loads(json.dumps(report.to_dict()))
    assert report.to_frame()["row"].tolist() == [2, 3]
    assert told["tables"][1]["counts"] == {"customer_id": 1, "order_date": 1}
    assert told["tables"][1]["issues"][0]["set_aside"] == "row"
    assert told["unused"] == ["data_dictionary"]


def test_a_clean_report_is_an_empty_frame_with_columns() -> None:
    frame = read(customers=CUSTOMERS).report.to_frame()

    assert frame.empty
    assert list(frame.columns) == ["table", "row", "column", "value", "problem", "set_aside"]


def test_tables_and_columns_of_others_are_named() -> None:
    report = read(customers=CUSTOMERS.with_columns(shoe_size=43), weather=CUSTOMERS).report

    assert report.unknown == ("weather",)
    assert report.tables[0].unknown_columns == ("shoe_size",)


def test_translations_are_named() -> None:
    mapping = TableMapping(
        tables={"Kunden": "customers"}, columns={"customers": {"Nr": "customer_id"}}
    )

    report = read(mapping, Kunden=pl.DataFrame({"Nr": [1]})).report

    assert report.mappings == ("Kunden → customers", "customers: Nr → customer_id")
    assert report.tables[0].source == "Kunden"


def test_without_customers_there_is_no_base() -> None:
    with pytest.raises(DataError, match=r"shop has no table customers \(it has: orders\)"):
        read(orders=ORDERS)


def test_a_mapping_to_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="no table 'Kunden', which the mapping names"):
        read(TableMapping(tables={"Kunden": "customers"}), customers=CUSTOMERS)


def test_a_table_without_even_a_header_is_not_used() -> None:
    loaded = read(customers=CUSTOMERS, orders=pl.DataFrame())

    assert list(loaded.tables) == ["customers"]
    assert loaded.report.warnings == ("orders is empty, without even a header, and is not used",)


def test_orders_without_amounts_are_read_and_the_missing_column_is_told() -> None:
    loaded = read(customers=CUSTOMERS, orders=ORDERS.head(1).rename({"total_amount": "net"}))

    assert loaded.report.issue_count == 0
    (warning,) = loaded.report.warnings
    assert warning.startswith("orders has no column total_amount")


def test_customers_without_a_header_are_refused() -> None:
    with pytest.raises(DataError, match="customers has no column customer_id"):
        read(customers=pl.DataFrame())


@pytest.mark.parametrize("ids", [[1, 2], [1.0, 2.0], ["1", "2"], ["1.0", "2.0"]])
def test_ids_agree_whatever_their_type(ids: list[Any]) -> None:
    orders = ORDERS.with_columns(
        customer_id=pl.Series(["1", "2", "2"]), order_date=pl.lit("2025-01-01")
    )

    assert read(customers=pl.DataFrame({"customer_id": ids}), orders=orders).report.issue_count == 0
