"""The same business gives the same base from every kind of source."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.base import CustomerBase
from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Kind
from procx_graph.tables.mapping import TableMapping

AGENTMAX = Path(__file__).parents[3] / "shared" / "data" / "AgentMAX_CX_dataset.xlsx"
POSTGRES = os.environ.get(
    "PROCX_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
SCHEMA = "procx_sources"

at = datetime.fromisoformat

TABLES_OF_A_SHOP = {
    "customers": pd.DataFrame(
        {
            "customer_id": ["007", "1002", "A3"],
            "first_name": ["Ásgeir", "=1+1", "[red]தமிழ்"],
            "phone": [919831882064, None, 441632960961],
            "segment": ["VIP", "Gold", None],
            "lifetime_value": [1234.82, 0.1, None],
            "opt_in_marketing": ["yes", "no", "unknown"],
            "signup_date": ["2024-01-29", "2024-06-01", None],
        }
    ),
    "orders": pd.DataFrame(
        {
            "order_id": [1, 2, 3, 3],
            "customer_id": ["007", "A3", "A3", "A3"],
            "order_date": pd.to_datetime(
                ["2025-01-01 09:30:00", "2025-02-01", "2025-03-01 23:59:59", "2025-03-02"],
                format="ISO8601",
            ),
            "items_count": [1, None, 3, 4],
            "total_amount": [10.5, 20.0, -1.0, 30.25],
        }
    ),
    "nps_survey": pd.DataFrame(
        {"customer_id": ["007", "1002"], "date": ["2025-02-02", "2025-02-03"], "nps_score": [9, 11]}
    ),
}
EXPECTED = {"customers": ["007", "1002", "A3"], "orders": ["1", "2", "3"], "nps_survey": [None]}


def as_workbook(folder: Path) -> CustomerBase:
    with pd.ExcelWriter(folder / "shop.xlsx", engine="openpyxl") as writer:
        for name, frame in TABLES_OF_A_SHOP.items():
            frame.to_excel(writer, sheet_name=name, index=False)
        for row in writer.sheets["customers"].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"
    return CustomerBase.open(folder / "shop.xlsx")


def as_csv(folder: Path) -> CustomerBase:
    for name, frame in TABLES_OF_A_SHOP.items():
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    return CustomerBase.open(folder)


def as_parquet(folder: Path) -> CustomerBase:
    for name, frame in TABLES_OF_A_SHOP.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return CustomerBase.open(str(folder))


def as_sqlite(folder: Path) -> CustomerBase:
    url = f"sqlite:///{folder / 'shop.db'}"
    engine = create_engine(url)
    for name, frame in TABLES_OF_A_SHOP.items():
        frame.to_sql(name, engine, index=False)
    engine.dispose()
    return CustomerBase.open(url)


def as_frames(folder: Path) -> CustomerBase:
    return CustomerBase.from_frames(TABLES_OF_A_SHOP)


@pytest.mark.parametrize("source", [as_workbook, as_csv, as_parquet, as_sqlite, as_frames])
def test_every_source_gives_the_same_base(
    tmp_path: Path, source: Callable[[Path], CustomerBase]
) -> None:
    base, reference = source(tmp_path), CustomerBase.from_frames(TABLES_OF_A_SHOP)

    for name, keys in EXPECTED.items():
        frame = base.table(name).collect()
        assert frame[TABLES[name].key or ""].to_list() == keys
        assert_frame_equal(frame, reference.table(name).collect())
    assert base.fingerprint == reference.fingerprint
    assert base.as_of == datetime(2025, 3, 2, tzinfo=UTC)
    assert base.customer("1002").first_name == "=1+1"
    assert base.customer("A3").opt_in_marketing is None
    assert [(i.table, i.column, i.problem) for i in base.report.issues] == [
        ("orders", "total_amount", "below 0"),
        ("nps_survey", "nps_score", "above 10"),
    ]


@pytest.mark.parametrize(("source", "row"), [(as_workbook, 4), (as_csv, 4), (as_parquet, 3)])
def test_a_bad_row_is_named_as_the_user_counts(
    tmp_path: Path, source: Callable[[Path], CustomerBase], row: int
) -> None:
    assert source(tmp_path).report.issues[0].row == row


def test_a_workbook_without_customers_is_refused(tmp_path: Path) -> None:
    TABLES_OF_A_SHOP["orders"].to_excel(tmp_path / "shop.xlsx", sheet_name="orders", index=False)

    with pytest.raises(DataError, match=r"shop\.xlsx has no table customers \(it has: orders\)"):
        CustomerBase.open(tmp_path / "shop.xlsx")


def test_a_base_of_parquet_reads_its_files_only_when_asked(tmp_path: Path) -> None:
    clean = as_csv(tmp_path)
    folder = tmp_path / "parquet"
    folder.mkdir()
    for name in clean.tables:
        clean.table(name).collect().write_parquet(folder / f"{name}.parquet")

    base = CustomerBase.from_folder(folder)

    assert "Parquet SCAN" in base.table("orders").explain()
    assert base.fingerprint == clean.fingerprint
    assert base.report.issue_count == 0


def test_columns_that_parquet_lacks_are_null_and_lazy(tmp_path: Path) -> None:
    base = as_parquet(tmp_path)

    assert base.table("customers").collect()["city"].null_count() == 3
    assert base.table("orders").select(pl.len()).collect().item() == 3


@pytest.fixture
def postgres() -> Iterator[Engine]:
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"drop schema if exists {SCHEMA} cascade"))
            connection.execute(text(f"create schema {SCHEMA}"))
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        engine.dispose()
        pytest.skip(f"no PostgreSQL at PROCX_TEST_POSTGRES_URL: {type(error).__name__}")
    yield engine
    with suppress(SQLAlchemyError), engine.begin() as connection:
        connection.execute(text(f"drop schema {SCHEMA} cascade"))
    engine.dispose()


def test_postgresql_types_become_ours(postgres: Engine) -> None:
    with postgres.begin() as connection:
        for statement in (
            "create table {}.kunden (nr bigint, ltv numeric(12,2), ok boolean, since date)",
            "create table {}.orders (customer_id int, order_date timestamptz, total_amount real)",
            "insert into {}.kunden values (1, 12.50, true, '2024-01-01'), (2, null, null, null)",
            "insert into {}.orders values (1, '2025-01-01 05:30+05:30', 9.99)",
        ):
            connection.execute(text(statement.format(SCHEMA)))
    columns = {"nr": "customer_id", "ltv": "lifetime_value", "ok": "opt_in_marketing"}
    mapping = TableMapping(
        tables={f"{SCHEMA}.kunden": "customers", f"{SCHEMA}.orders": "orders"},
        columns={"customers": columns | {"since": "signup_date"}},
    )

    base = CustomerBase.from_url(POSTGRES, mapping=mapping)

    assert base.name == "postgresql:test"
    assert base.as_of == datetime(2025, 1, 1, tzinfo=UTC)
    assert base.customer("1").lifetime_value == 12.5
    assert base.customer("1").signup_date == at("2024-01-01")
    assert base.customer("2").opt_in_marketing is None
    assert base.frame("orders")["total_amount"].tolist() == [9.99]


@pytest.fixture(scope="module")
def agentmax() -> CustomerBase:
    if not AGENTMAX.is_file():
        pytest.skip("the AgentMAX workbook is not here")
    return CustomerBase.open(AGENTMAX)


def test_agentmax_is_a_base_of_a_thousand(agentmax: CustomerBase) -> None:
    assert len(agentmax) == 1_000
    assert agentmax.as_of == datetime(2025, 10, 9, 19, 21, 53, tzinfo=UTC)
    assert agentmax.is_current
    assert agentmax.report.issue_count == 0
    assert agentmax.report.unknown == ()


def test_agentmax_has_eighteen_known_sheets(agentmax: CustomerBase) -> None:
    assert {*agentmax.tables, *agentmax.report.unused} == set(TABLES)
    assert len(TABLES) == 18
    assert all(table.unknown_columns == () for table in agentmax.report.tables)


def test_agentmax_cells_are_typed_and_empty_ones_null(agentmax: CustomerBase) -> None:
    for name in agentmax.tables:
        frame = agentmax.table(name).collect()
        floats = frame.select(pl.selectors.float())
        assert not any(column.is_nan().any() for column in floats)
        for column in TABLES[name].columns:
            if column.kind is Kind.TIMESTAMP:
                assert frame.schema[column.name] == pl.Datetime("us")


def test_agentmax_phones_are_text(agentmax: CustomerBase) -> None:
    phones = agentmax.table("customers").collect()["phone"]

    assert phones.str.contains(r"^\+?\d{10,14}$").all()


def test_agentmax_records_are_quick_in_a_batch(agentmax: CustomerBase) -> None:
    records = agentmax.records(agentmax.customer_ids)

    assert sum(len(record.orders or ()) for record in records.values()) == 5_000
    assert all(record.payments is not None for record in records.values())


def test_agentmax_of_a_year_before_knows_less(agentmax: CustomerBase) -> None:
    early: Any = agentmax.at("2024-06-30")

    assert 0 < len(early) < 1_000
    assert early.table("orders").select(pl.col("order_date").max()).collect().item() <= at(
        "2024-06-30T23:59:59"
    )
    assert not early.is_current


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_may_be_separated_by_semicolons_or_tabs(tmp_path: Path, separator: str) -> None:
    header, row = ["customer_id", "first_name", "segment"], ["C1", "Ana", "VIP"]
    text = "\n".join(separator.join(cells) for cells in (header, row))
    (tmp_path / "customers.csv").write_text(text + "\n", encoding="utf-8")

    base = CustomerBase.from_folder(tmp_path, as_of="2025-01-01")

    assert base.customer("C1").segment == "VIP"
