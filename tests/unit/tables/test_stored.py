"""Another engine may read the Parquet files itself where they hold what is declared."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.schema import TABLES
from procx_graph.tables.convert import DTYPES
from procx_graph.tables.frames import frames_source
from procx_graph.tables.load import load
from procx_graph.tables.mapping import TableMapping

NOON = datetime(2025, 1, 31, 12)  # noqa: DTZ001 - as in the tables

CUSTOMERS: dict[str, Any] = {"customer_id": ["C1", "C2"], "segment": ["VIP", None]}
ORDERS: dict[str, Any] = {
    "order_id": ["O2", "O1", None],
    "customer_id": ["C1", "C2", "C2"],
    "order_date": [NOON, NOON, NOON],
    "total_amount": [1.0, 2.5, 0.0],
    "order_status": ["delivered", None, "placed"],
}
COLUMNS = ("customer_id", "order_date", "total_amount")


def shop(folder: Path, *, mapping: Any = None, **changes: Any) -> CustomerBase:
    pl.DataFrame(CUSTOMERS).write_parquet(folder / "customers.parquet")
    pl.DataFrame(ORDERS | changes).write_parquet(folder / "orders.parquet")
    return CustomerBase.from_folder(folder, mapping=mapping)


def exact(base: CustomerBase, name: str, columns: Sequence[str]) -> tuple[Path, ...] | None:
    """Give the files whose columns are the declared ones without any cast."""
    stored = base.parquet_table(name, columns)
    if stored is None:
        return None
    declared = {column: DTYPES[TABLES[name].column(column).kind] for column in columns}
    return stored.files if stored.dtypes == declared else None


def test_columns_as_declared_are_given_with_their_files(tmp_path: Path) -> None:
    base = shop(tmp_path)

    assert exact(base, "orders", COLUMNS) == (tmp_path / "orders.parquet",)
    assert exact(base, "orders", ("order_id", "order_status")) is not None
    assert exact(base, "payments", COLUMNS) is None


def test_a_folder_of_parts_is_given_in_the_order_of_its_rows(tmp_path: Path) -> None:
    shop(tmp_path)
    (tmp_path / "orders.parquet").unlink()
    (tmp_path / "orders").mkdir()
    rows = pl.DataFrame(ORDERS)
    for number in (10, 2, 1):
        name = f"part-{number:02}.parquet"
        rows.with_columns(order_id=pl.lit(f"O{number}") + pl.row_index().cast(pl.String)).head(
            number
        ).write_parquet(tmp_path / "orders" / name)

    base = CustomerBase.from_folder(tmp_path)

    files = exact(base, "orders", COLUMNS)
    assert files is not None
    assert [file.name for file in files] == [
        "part-01.parquet",
        "part-02.parquet",
        "part-10.parquet",
    ]
    assert base.table("orders").collect()["order_id"].to_list()[0] == "O10"


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": ["C1", "C2", "C9"]},
        {"order_id": ["O1", "O1", "O2"]},
        {"total_amount": [1.0, -2.5, 0.0]},
        {"total_amount": [1.0, float("nan"), 0.0]},
        {"customer_id": ["C1", " C2", "C2"]},
        {"order_date": ["2025-01-31"] * 3},
    ],
)
def test_what_is_not_as_declared_is_not_given(tmp_path: Path, change: dict[str, Any]) -> None:
    base = shop(tmp_path, **change)

    assert exact(base, "orders", COLUMNS) is None
    assert base.parquet_table("orders", COLUMNS) is None


def test_a_wrong_cell_keeps_back_its_column_only(tmp_path: Path) -> None:
    base = shop(tmp_path, items_count=[1, -1, 2])

    assert exact(base, "orders", COLUMNS) is not None
    assert exact(base, "orders", ("items_count",)) is None


@pytest.mark.parametrize(
    "mapping",
    [
        {"columns": {"orders": {"order_status": "payment_status"}}},
        {"values": {"orders": {"order_status": {"placed": "shipped"}}}},
    ],
)
def test_columns_that_a_mapping_touches_are_not_given(tmp_path: Path, mapping: Any) -> None:
    base = shop(tmp_path, mapping=mapping)

    assert exact(base, "orders", COLUMNS) is not None
    assert exact(base, "orders", ("order_status",)) is None
    assert exact(base, "orders", ("payment_status",)) is None


def test_a_currency_that_the_mapping_gives_is_not_in_the_file(tmp_path: Path) -> None:
    base = shop(tmp_path, mapping={"currency": "INR"})

    assert exact(base, "customers", ("customer_id", "segment")) is not None
    assert base.parquet_table("customers", ("currency",)) is None


def test_moments_of_another_zone_are_not_given(tmp_path: Path) -> None:
    base = shop(tmp_path, mapping={"time_zone": "Asia/Kolkata"})

    assert exact(base, "orders", ("order_date",)) is None
    assert exact(base, "orders", ("total_amount",)) is not None


def test_columns_that_a_cast_makes_ours_come_with_their_types(tmp_path: Path) -> None:
    aware = [NOON.replace(tzinfo=UTC)] * 3
    base = shop(tmp_path, total_amount=[1, 2, 3], order_date=aware)

    stored = base.parquet_table("orders", (*COLUMNS, "promo_code"))

    assert exact(base, "orders", COLUMNS) is None
    assert stored is not None
    assert stored.files == (tmp_path / "orders.parquet",)
    assert stored.dtypes == {
        "customer_id": pl.String,
        "order_date": pl.Datetime("us", "UTC"),
        "total_amount": pl.Int64,
    }


def test_tables_from_elsewhere_have_no_files() -> None:
    frames = {"customers": pl.DataFrame(CUSTOMERS), "orders": pl.DataFrame(ORDERS)}
    base = CustomerBase.from_frames(frames)

    assert exact(base, "orders", COLUMNS) is None
    assert base.parquet_table("orders", COLUMNS) is None


IDS: dict[str, Any] = {"customer_id": [2, 10, 2], "order_id": [7, 8, None]}


def numbered(folder: Path | None = None, people: Any = (10, 2), **changes: Any) -> CustomerBase:
    frames = {
        "customers": pl.DataFrame({"customer_id": people, "signup_date": [None, "2025-01-31"]}),
        "orders": pl.DataFrame(ORDERS | IDS | changes),
    }
    if folder is None:
        return CustomerBase.from_frames(frames)
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return CustomerBase.from_folder(folder)


@pytest.mark.parametrize("stored", [True, False])
def test_whole_numbers_stay_ids_where_compact_is_asked_for(tmp_path: Path, stored: bool) -> None:
    base = numbered(tmp_path if stored else None)

    compact, full = (base.table("orders", compact=c).collect() for c in (True, False))

    assert base.integer_ids
    assert compact["customer_id"].to_list() == [2, 10, 2]
    assert compact["order_id"].to_list() == [7, 8, None]
    assert compact["order_id"].dtype == pl.Int64
    assert full["customer_id"].to_list() == ["2", "10", "2"]
    assert compact.cast({"customer_id": pl.String, "order_id": pl.String}).equals(full)
    assert base.customer_ids.to_list() == ["10", "2"]


def test_rows_of_nobody_are_set_aside_among_whole_numbers_too(tmp_path: Path) -> None:
    base = numbered(tmp_path, customer_id=[2, 11, 2])

    assert base.integer_ids
    assert base.table("orders", compact=True).collect()["customer_id"].to_list() == [2, 2]


def test_customers_who_are_not_there_yet_are_left_out_of_compact_tables(tmp_path: Path) -> None:
    then = numbered(tmp_path).at("2025-01-31T00:00")
    before = then.at("2025-01-30")

    assert before.customer_ids.to_list() == []
    assert not before.shows_everyone
    assert before.table("customers", compact=True).collect().is_empty()
    assert then.table("customers", compact=True).collect()["customer_id"].to_list() == [2]


@pytest.mark.parametrize(
    "change", [{"customer_id": ["2", "10", "2"]}, {"order_id": ["A1", "A2", None]}]
)
def test_ids_are_text_when_one_table_has_text(tmp_path: Path, change: dict[str, Any]) -> None:
    base = numbered(tmp_path, **change)

    assert not base.integer_ids
    assert base.table("orders", compact=True).collect().equals(base.table("orders").collect())


def test_ids_beyond_64_bits_are_text() -> None:
    people = pl.DataFrame({"customer_id": pl.Series([2**64 - 1, 1], dtype=pl.UInt64)})

    loaded = load(frames_source({"customers": people}), TableMapping())

    assert not loaded.integer_ids
    assert loaded.customer_ids.to_list() == ["1", "18446744073709551615"]
