"""Bad rows and cells are set aside, named and counted; nothing is corrected."""

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.errors import DataError, RowError
from procx_graph.schema import TABLES
from procx_graph.tables.convert import DTYPES
from procx_graph.tables.report import LISTED
from procx_graph.tables.validate import Cleaned, clean

MOMENT = datetime.fromisoformat("2025-01-01T09:30:00.000001")
ORDER = {"customer_id": "C1", "order_date": "2025-01-01", "total_amount": "10"}


def orders(*changes: dict[str, Any], **how: Any) -> Cleaned:
    return clean(TABLES["orders"], pl.DataFrame([ORDER | change for change in changes]), **how)


def customers(*rows: dict[str, Any], **how: Any) -> Cleaned:
    return clean(TABLES["customers"], pl.DataFrame(rows, infer_schema_length=None), **how)


def test_a_table_has_every_declared_column_with_its_type() -> None:
    frame = orders({}).frame.collect()

    assert tuple(frame.columns) == TABLES["orders"].names
    assert frame.schema["total_amount"] == pl.Float64
    assert frame.schema["items_count"] == pl.Int64
    assert frame.schema["order_date"] == pl.Datetime("us")
    assert frame["promo_code"].to_list() == [None]


@pytest.mark.parametrize(
    ("change", "column", "text"),
    [
        ({"customer_id": ""}, "customer_id", "missing"),
        ({"order_date": "soon"}, "order_date", "not a date"),
        ({"total_amount": "-1"}, "total_amount", "below 0"),
        ({"total_amount": "ten"}, "total_amount", "not a number"),
    ],
)
def test_a_wrong_decisive_value_sets_the_row_aside(
    change: dict[str, str], column: str, text: str
) -> None:
    cleaned = orders({}, change, first_row=2)

    (issue,) = cleaned.issues
    assert (issue.table, issue.row, issue.column, issue.value) == (
        "orders",
        3,
        column,
        change[column],
    )
    assert issue.problem.startswith(text)
    assert issue.set_aside == "row"
    assert (cleaned.rows, cleaned.rows_kept) == (2, 1)


def test_an_order_of_unknown_amount_is_kept() -> None:
    cleaned = orders({}, {"total_amount": "NaN"}, strict=True)

    assert cleaned.frame.collect()["total_amount"].to_list() == [10.0, None]


def test_a_wrong_optional_value_empties_its_cell_only() -> None:
    cleaned = customers({"customer_id": "C1", "lifetime_value": "-5", "city": "Pune"})

    row = cleaned.frame.collect().row(0, named=True)
    assert (row["customer_id"], row["lifetime_value"], row["city"]) == ("C1", None, "Pune")
    assert [issue.set_aside for issue in cleaned.issues] == ["cell"]
    assert cleaned.counts == {"lifetime_value": 1}


def test_of_rows_with_one_key_the_first_good_one_is_kept() -> None:
    cleaned = orders(
        {"order_id": "O1", "total_amount": "-1"},
        {"order_id": "O1", "total_amount": "20"},
        {"order_id": "O1", "total_amount": "30"},
    )

    assert cleaned.frame.collect()["total_amount"].to_list() == [20.0]
    assert [(i.row, i.column) for i in cleaned.issues] == [(1, "total_amount"), (3, "order_id")]


def test_rows_without_a_key_are_no_duplicates() -> None:
    assert orders({}, {}).rows_kept == 2


def test_a_row_of_nobody_is_set_aside() -> None:
    cleaned = orders({}, {"customer_id": "C9"}, customers=pl.Series(["C1"]))

    assert cleaned.rows_kept == 1
    assert cleaned.issues[0].problem == "no such customer"


def test_strict_refuses_the_first_wrong_cell() -> None:
    with pytest.raises(RowError) as error:
        orders({}, {"total_amount": "ten"}, {"order_date": "soon"}, strict=True, first_row=2)

    assert (error.value.table, error.value.row, error.value.column, error.value.value) == (
        "orders",
        3,
        "total_amount",
        "ten",
    )


def test_strict_accepts_a_clean_table() -> None:
    assert orders({}, {}, strict=True).rows_kept == 2


def test_a_missing_required_column_names_those_that_are_there() -> None:
    with pytest.raises(DataError, match=r"orders has no column order_date.*customer_id, date"):
        clean(TABLES["orders"], pl.DataFrame({"customer_id": [], "date": []}))


def test_a_column_of_structures_is_refused() -> None:
    with pytest.raises(DataError, match=r"customers\.city holds Struct.*plain values"):
        customers({"customer_id": "C1", "city": {"name": "Pune"}})


def test_rows_without_any_cell_are_no_rows_but_count() -> None:
    blank = dict.fromkeys(ORDER)

    cleaned = orders(blank, {"total_amount": "ten"}, blank, first_row=2)

    assert (cleaned.rows, cleaned.rows_kept) == (1, 0)
    assert [issue.row for issue in cleaned.issues] == [3]


def test_columns_that_are_not_ours_are_left_out_and_named() -> None:
    cleaned = customers({"customer_id": "C1", "shoe_size": 43})

    assert cleaned.unknown_columns == ("shoe_size",)
    assert "shoe_size" not in cleaned.frame.collect_schema()


def test_all_issues_are_counted_and_the_first_thousand_listed() -> None:
    rows = [{"total_amount": "x"}] * (LISTED + 500)

    cleaned = orders(*rows)

    assert cleaned.counts == {"total_amount": LISTED + 500}
    assert len(cleaned.issues) == LISTED


def test_empty_everywhere_is_unknown_everywhere() -> None:
    names = TABLES["customers"].names
    cleaned = customers(dict.fromkeys(names, "NaN") | {"customer_id": "C1", "city": None})

    row = cleaned.frame.collect().row(0, named=True)
    texts = {"first_name", "last_name", "email", "country", "region"}
    assert {name for name, cell in row.items() if cell is not None} == {"customer_id", *texts}
    assert cleaned.counts == {}


def test_an_unknown_time_zone_or_currency_is_set_aside() -> None:
    cleaned = customers({"customer_id": "C1", "time_zone": "Mars/Base", "currency": "rupees"})

    assert cleaned.counts == {"time_zone": 1, "currency": 1}


def test_a_table_without_rows_is_a_table() -> None:
    cleaned = clean(TABLES["customers"], pl.DataFrame(schema={"customer_id": pl.String}))

    assert (cleaned.rows, cleaned.rows_kept) == (0, 0)
    assert tuple(cleaned.frame.collect_schema()) == TABLES["customers"].names


def test_a_lazy_table_as_declared_stays_a_plan_over_its_source(tmp_path: Any) -> None:
    orders({}).frame.collect().write_parquet(tmp_path / "orders.parquet")

    cleaned = clean(TABLES["orders"], pl.scan_parquet(tmp_path / "orders.parquet"))

    plan = cleaned.frame.explain()
    assert "Parquet SCAN" in plan
    assert "FILTER" not in plan
    assert "WITH_COLUMNS" not in plan
    assert "__row" not in plan


def test_a_lazy_table_with_bad_rows_stays_lazy_and_leaves_them_out(tmp_path: Any) -> None:
    frame = orders({"order_id": "O1"}, {"order_id": "O2"}, {"order_id": "O1"}).frame.collect()
    pl.concat([frame, frame.with_columns(total_amount=-1.0)]).write_parquet(tmp_path / "o.parquet")

    cleaned = clean(TABLES["orders"], pl.scan_parquet(tmp_path / "o.parquet"))

    assert (cleaned.rows, cleaned.rows_kept) == (4, 2)
    assert "Parquet SCAN" in cleaned.frame.explain()
    assert cleaned.frame.collect()["order_id"].to_list() == ["O1", "O2"]
    assert [issue.row for issue in cleaned.issues] == [3, 4]


MESSY = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from(["O1", "O2", "O10", " O1", "nan", None]),
        "customer_id": st.sampled_from(["C1", "C2", "C9", "", None]),
        "order_date": st.sampled_from([MOMENT, MOMENT.replace(year=1950), None]),
        "total_amount": st.sampled_from([0.0, 1.5, -1.0, float("nan"), float("inf"), None]),
        "items_count": st.sampled_from([1, 2, -1, None]),
        "product_ids": st.sampled_from(["P1,P2", "", None]),
        "order_status": st.sampled_from(["placed", " placed ", "None", None]),
    }
)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(MESSY, min_size=1, max_size=6), lazy=st.booleans())
def test_typed_columns_give_what_the_same_cells_written_as_text_give(
    rows: list[dict[str, Any]], lazy: bool
) -> None:
    orders = TABLES["orders"]
    dtypes = {name: DTYPES[orders.column(name).kind] for name in rows[0]}
    typed = pl.DataFrame(rows, schema=dtypes).filter(~pl.all_horizontal(pl.all().is_null()))
    known = pl.Series(["C2", "C1"])

    proven = clean(orders, typed.lazy() if lazy else typed, customers=known)
    read = clean(orders, typed.cast(pl.String), customers=known)

    assert proven.frame.collect().equals(read.frame.collect())
    assert (proven.rows, proven.rows_kept) == (read.rows, read.rows_kept)
    assert proven.counts == read.counts
    assert [(i.row, i.column, i.problem) for i in proven.issues] == [
        (i.row, i.column, i.problem) for i in read.issues
    ]


def test_a_scan_stays_one_where_only_a_rarely_read_column_is_text(tmp_path: Path) -> None:
    ticket = {"customer_id": ["C1"], "created_at": [MOMENT], "escalation": ["yes"]}
    pl.DataFrame(ticket).write_parquet(tmp_path / "tickets.parquet")

    cleaned = clean(TABLES["support_tickets"], pl.scan_parquet(tmp_path / "tickets.parquet"))

    assert "Parquet SCAN" in cleaned.frame.explain()
    assert cleaned.frame.collect()["escalation"].to_list() == [True]


def test_dates_written_as_text_are_read_once(tmp_path: Path) -> None:
    pl.DataFrame([ORDER]).write_parquet(tmp_path / "orders.parquet")

    cleaned = clean(TABLES["orders"], pl.scan_parquet(tmp_path / "orders.parquet"))

    assert "Parquet SCAN" not in cleaned.frame.explain()


def test_a_filter_reaches_down_into_the_files_of_a_table_that_is_not_clean(tmp_path: Path) -> None:
    row = {"customer_id": "C1", "order_date": MOMENT}
    rows = [row | {"total_amount": 1.0}, row | {"total_amount": float("nan")}]
    pl.DataFrame(rows).write_parquet(tmp_path / "orders.parquet")

    plan = clean(TABLES["orders"], pl.scan_parquet(tmp_path / "orders.parquet")).frame

    assert "SELECTION" in plan.filter(customer_id="C1").explain()


def test_a_filter_does_not_bring_back_a_repeated_row(tmp_path: Path) -> None:
    moment = {"order_date": MOMENT, "total_amount": 1.0, "order_id": "1"}
    rows = [moment | {"customer_id": "C1"}, moment | {"customer_id": "C2"}]
    pl.DataFrame(rows).write_parquet(tmp_path / "orders.parquet")

    plan = clean(TABLES["orders"], pl.scan_parquet(tmp_path / "orders.parquet")).frame

    assert plan.filter(customer_id="C1").collect().height == 1
    assert plan.filter(customer_id="C2").collect().height == 0
