"""Whoever looks a customer up finds the rows that a whole load keeps."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.errors import DataError
from procx_graph.tables.lookup import (
    BaseLookup,
    Lookup,
    ParquetLookup,
    SqlLookup,
    open_lookup,
)
from tests.unit.scoring.bases import AS_OF, messy

Tables = dict[str, pd.DataFrame]

NEEDED = {
    "customers": ("customer_id", "segment", "lifetime_value", "signup_date"),
    "orders": ("order_id", "customer_id", "order_date", "total_amount", "delivery_delay_days"),
    "payments": ("order_id", "customer_id", "payment_date", "status"),
    "support_tickets": ("customer_id", "created_at", "csat_score"),
    "nps_survey": ("customer_id", "date", "nps_score"),
    "customer_events": ("customer_id", "event_type", "event_time", "order_id", "resolved_at"),
    "refunds": ("order_id", "customer_id", "refund_request_date", "refund_amount", "refund_status"),
    "churn_labels": ("customer_id", "is_churn", "churn_date"),
}


def as_sqlite(tables: Tables, folder: Path, *, indexed: bool = True) -> str:
    path = folder / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        for name, frame in tables.items():
            frame.to_sql(name, connection, index=False)
            for column in ("customer_id", "order_id"):
                if indexed and column in frame:
                    connection.execute(f"create index {name}_{column} on {name} ({column})")
    return f"sqlite:///{path}"


def in_sqlite(tables: Tables, folder: Path) -> Lookup:
    return open_lookup(as_sqlite(tables, folder))


def in_parquet(tables: Tables, folder: Path) -> Lookup:
    for name, frame in tables.items():
        pl.from_pandas(frame).write_parquet(folder / f"{name}.parquet")
    return open_lookup(folder)


def in_csv(tables: Tables, folder: Path) -> Lookup:
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return open_lookup(str(folder))


def in_a_base(tables: Tables, folder: Path) -> Lookup:
    return open_lookup(CustomerBase.from_frames(tables, as_of="2030-01-01"))


PLACES = (in_sqlite, in_parquet, in_csv, in_a_base)


def by_hand(tables: Tables, ids: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Pick the rows out of the whole base."""
    base = CustomerBase.from_frames(tables, as_of="2030-01-01")
    orders = base.table("orders").filter(pl.col("customer_id").is_in(ids)).select("order_id")
    mine = orders.collect()["order_id"].drop_nulls()
    found = {}
    for name, columns in NEEDED.items():
        chosen = pl.col("customer_id").is_in(ids)
        if name in ("payments", "refunds"):
            chosen |= pl.col("order_id").is_in(mine.implode()).fill_null(value=False)
        found[name] = base.table(name).filter(chosen).select(columns).collect()
    return found


def assert_equal(given: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    assert list(given) == list(expected)
    for name, frame in expected.items():
        assert_frame_equal(given[name], frame, check_row_order=False)


@pytest.mark.parametrize("place", PLACES)
def test_every_lookup_gives_the_rows_of_a_whole_load(
    place: Callable[[Tables, Path], Lookup], tmp_path: Path
) -> None:
    tables = messy(seed=3, customers=60)
    everybody = tables["customers"]["customer_id"].tolist()

    lookup = place(tables, tmp_path)

    for ids in (["c7"], ["c1", "c59", "c1", "nobody"], everybody, ["nobody"], []):
        assert_equal(lookup.rows(ids, NEEDED), by_hand(tables, ids))
    lookup.close()


def test_rows_that_name_a_customers_order_but_somebody_else_come_too(tmp_path: Path) -> None:
    tables = messy(seed=3, customers=30)
    tables["refunds"] = pd.DataFrame(
        {
            "refund_id": ["R1", "R2", "R3", "R4"],
            "order_id": ["O1", "O1", "O1", "O2"],
            "customer_id": ["c2", "c1", "a stranger", "c2"],
            "refund_request_date": AS_OF,
        }
    )
    tables["orders"].loc[1, "customer_id"] = "c1"
    tables["orders"].loc[2, "customer_id"] = "c3"

    with SqlLookup(as_sqlite(tables, tmp_path)) as lookup:
        both = {"orders": ("order_id",), "refunds": ("customer_id", "order_id")}
        assert set(lookup.rows(["c1"], both)["refunds"].rows()) == {("c1", "O1"), ("c2", "O1")}
        alone = {"refunds": ("customer_id", "order_id")}
        assert lookup.rows(["c1"], alone)["refunds"].rows() == [("c1", "O1")]


def test_a_row_that_a_load_sets_aside_is_not_found(tmp_path: Path) -> None:
    tables: Tables = {
        "customers": pd.DataFrame({"customer_id": ["C1", "C1", None], "lifetime_value": [1, 2, 3]}),
        "orders": pd.DataFrame(
            {
                "order_id": ["O1", "O2", "O2", "O3", "O4"],
                "customer_id": ["C1", "C1", "C1", "C1", "C9"],
                "order_date": ["2025-01-01", "2025-01-02", "2025-01-03", "yesterday", "2025-01-04"],
                "total_amount": [10.0, 20.0, 30.0, 40.0, 50.0],
                "items_count": [-1, 2, 3, 4, 5],
            }
        ),
    }
    asked = {"customers": ("lifetime_value",), "orders": ("order_id", "items_count")}

    with SqlLookup(as_sqlite(tables, tmp_path)) as lookup:
        found = lookup.rows(["C1", "C9"], asked)

    assert found["customers"].rows() == [(1.0,)]
    assert found["orders"].rows() == [("O1", None), ("O2", 2)]


@pytest.mark.parametrize(
    ("stored", "ids"),
    [
        ([1, 2, 30], ["1", "30"]),
        ([1.0, 2.0, 30.0], ["1", "30"]),
        (["1", "02", "A 3"], ["1", "02", "A 3"]),
        (["1.0", "2.0", "A-3.0"], ["1", "2", "A-3.0"]),
        ([2**60, 2**60 + 1, 5], [str(2**60), str(2**60 + 1)]),
        (["ä'\"%s", "x" * 150, ":i0"], ["ä'\"%s", "x" * 150, ":i0"]),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_ids_are_found_however_they_are_stored(
    place: Callable[[Tables, Path], Lookup], stored: list[Any], ids: list[str], tmp_path: Path
) -> None:
    lookup = place({"customers": pd.DataFrame({"customer_id": stored})}, tmp_path)

    found = lookup.rows([*ids, "01", "1.0", "nobody", ""], {"customers": ("customer_id",)})

    assert found["customers"]["customer_id"].sort().to_list() == sorted(ids)


def test_names_values_zones_and_currency_are_translated(tmp_path: Path) -> None:
    mapping = {
        "tables": {"Kunden": "customers", "Bestellungen": "orders"},
        "columns": {"customers": {"Kunden-Nr": "customer_id"}, "orders": {"Nr %": "customer_id"}},
        "values": {
            "customers": {"segment": {"Gold": "VIP"}, "customer_id": {"alt": "neu"}},
            "orders": {"customer_id": {"alt": "neu"}},
        },
        "time_zone": "Asia/Kolkata",
        "currency": "INR",
    }
    tables = {
        "Kunden": pd.DataFrame({"Kunden-Nr": ["alt", "b"], "segment": ["Gold", "x"]}),
        "Bestellungen": pd.DataFrame(
            {"Nr %": ["alt"], "Order Date": ["2025-01-01 05:30:00"], "total_amount": [1]}
        ),
    }
    asked = {"customers": ("customer_id", "segment", "currency"), "orders": ("order_date",)}
    url = as_sqlite(tables, tmp_path)
    base = CustomerBase.open(url, mapping=mapping)

    with SqlLookup(url, mapping) as lookup:
        found = lookup.rows(["neu", "alt"], asked)

    assert found["customers"].rows() == [("neu", "VIP", "INR")]
    assert_frame_equal(found["orders"], base.table("orders").select("order_date").collect())


def test_columns_that_the_source_lacks_are_null_and_tables_are_left_out(tmp_path: Path) -> None:
    tables = {"customers": pd.DataFrame({"customer_id": ["C1"]})}
    asked = {"customers": ("segment", "customer_id", "signup_date"), "orders": ("order_id",)}

    with SqlLookup(as_sqlite(tables, tmp_path)) as lookup:
        found = lookup.rows(["C1"], asked)

        assert not lookup.has("orders")
    assert list(found) == ["customers"]
    assert found["customers"].rows() == [(None, "C1", None)]
    assert found["customers"].dtypes == [pl.String, pl.String, pl.Datetime("us")]


@pytest.mark.parametrize("place", PLACES)
def test_refunds_that_name_no_order_are_those_of_the_customer(
    place: Callable[[Tables, Path], Lookup], tmp_path: Path
) -> None:
    refunds = pd.DataFrame({"customer_id": ["c1", "c2"], "refund_request_date": ["2025-01-01"] * 2})
    tables = messy(seed=3, customers=30) | {"refunds": refunds}

    found = place(tables, tmp_path).rows(["c1"], NEEDED)

    assert found["refunds"]["customer_id"].to_list() == ["c1"]
    assert found["refunds"]["order_id"].to_list() == [None]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"customers": ("shoe_size",)}, "customers has no column shoe_size"),
        ({"products": ("name",)}, "products names no customer"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(
    asked: dict[str, tuple[str, ...]], message: str, tmp_path: Path
) -> None:
    tables = {name: pd.DataFrame({f"{name[:-1]}_id": ["1"]}) for name in ("customers", "products")}

    with SqlLookup(as_sqlite(tables, tmp_path)) as lookup, pytest.raises(DataError, match=message):
        lookup.rows(["1"], asked)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ids", ["C1", [1], [None]])
def test_customers_are_asked_for_by_a_list_of_texts(
    place: Callable[[Tables, Path], Lookup], ids: Any, tmp_path: Path
) -> None:
    lookup = place({"customers": pd.DataFrame({"customer_id": ["C1"]})}, tmp_path)

    with pytest.raises(DataError, match="by a list of ids as text"):
        lookup.rows(ids, {"customers": ("customer_id",)})


def test_a_missing_index_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = as_sqlite(messy(seed=1, customers=30), tmp_path, indexed=False)

    with SqlLookup(url) as lookup, caplog.at_level(logging.WARNING):
        lookup.rows(["c1"], {"customers": ("customer_id",)})
        lookup.rows(["c2"], {"customers": ("customer_id", "segment")})

    told = [(record.message, vars(record)["table"]) for record in caplog.records]
    assert told == [("no index on customers.customer_id", "customers")]


def test_an_index_or_a_view_is_no_reason_to_warn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = as_sqlite(messy(seed=1, customers=30), tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("alter table orders rename to all_orders")
        connection.execute("create view orders as select * from all_orders")

    with SqlLookup(url) as lookup, caplog.at_level(logging.WARNING):
        assert lookup.rows(["c1"], NEEDED)["orders"].height > 0

    assert not caplog.records


def test_a_lookup_sees_what_was_written_since_and_writes_nothing(tmp_path: Path) -> None:
    url = as_sqlite({"customers": pd.DataFrame({"customer_id": ["C1"]})}, tmp_path)
    asked = {"customers": ("customer_id",)}

    with SqlLookup(url) as lookup:
        assert lookup.rows(["C2"], asked)["customers"].is_empty()
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
            connection.execute("insert into customers values ('C2')")
        assert lookup.rows(["C2"], asked)["customers"].height == 1

        with pytest.raises(DataError, match="readonly"), lookup._reading() as cursor:
            cursor.execute("delete from customers")


def test_threads_share_a_lookup(tmp_path: Path) -> None:
    tables = messy(seed=5, customers=30)
    ids = tables["customers"]["customer_id"].tolist() * 4

    with SqlLookup(as_sqlite(tables, tmp_path)) as lookup, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda i: lookup.rows([i], NEEDED), ids))

    for customer, rows in zip(ids[:5], found[:5], strict=True):
        assert_equal(rows, by_hand(tables, [customer]))
    assert [rows["customers"]["customer_id"].to_list() for rows in found] == [[i] for i in ids]


@pytest.mark.parametrize("batch", [511, 512, 513, 1100])
def test_any_number_of_customers_is_looked_up_at_once(batch: int, tmp_path: Path) -> None:
    ids = [f"C{number}" for number in range(1200)]
    url = as_sqlite({"customers": pd.DataFrame({"customer_id": ids})}, tmp_path)

    with SqlLookup(url) as lookup:
        found = lookup.rows(ids[:batch], {"customers": ("customer_id",)})["customers"]

    assert sorted(found["customer_id"]) == sorted(ids[:batch])


def test_sources_without_customers_or_files_are_refused(tmp_path: Path) -> None:
    url = as_sqlite({"orders": pd.DataFrame({"customer_id": ["C1"]})}, tmp_path)

    with pytest.raises(DataError, match=r"shop\.db has no table customers \(it has: orders\)"):
        SqlLookup(url)
    with pytest.raises(DataError, match=r"there is no database file none\.db"):
        SqlLookup(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(DataError, match="give a workbook"):
        open_lookup(tmp_path / "none")
    with pytest.raises(DataError, match="there is no folder /dev/null"):
        open_lookup("/dev/null")
    with pytest.raises(DataError, match="an opened base, not a NoneType"):
        open_lookup(None)  # type: ignore[arg-type]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no"):
        open_lookup(tmp_path / "empty")


def test_a_table_without_a_required_column_is_refused_as_a_load_refuses_it(tmp_path: Path) -> None:
    tables = {
        "customers": pd.DataFrame({"customer_id": ["C1"]}),
        "orders": pd.DataFrame({"customer_id": ["C1"], "order_id": [1]}),
    }
    url = as_sqlite(tables, tmp_path)

    with SqlLookup(url) as lookup, pytest.raises(DataError) as found:
        lookup.rows(["C1"], {"orders": ("order_id",)})
    with pytest.raises(DataError) as expected:
        CustomerBase.open(url)
    assert str(found.value) == str(expected.value)


def test_structures_are_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": ["C1"], "segment": [{"a": 1}]})
    frame.write_parquet(tmp_path / "customers.parquet")

    with pytest.raises(DataError, match=r"customers\.segment holds Struct"):
        ParquetLookup(tmp_path).rows(["C1"], {"customers": ("segment",)})


def test_a_base_is_looked_up_at_its_moment() -> None:
    tables = messy(seed=2, customers=30)
    base = CustomerBase.from_frames(tables, as_of="2024-06-30")

    rows = BaseLookup(base).rows(base.customer_ids.to_list(), {"orders": ("order_date",)})

    assert rows["orders"]["order_date"].max() <= base.as_of.replace(tzinfo=None)  # type: ignore[operator]
