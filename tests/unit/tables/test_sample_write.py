"""The sample on disk: a workbook for small bases, Parquet part by part for large ones."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from procx_graph.assets import asset_path
from procx_graph.errors import ConfigError, DataError
from procx_graph.tables.sample import World, generate, write_parquet, write_workbook

SHIPPED = asset_path("data/sample/procx_sample.xlsx")


def assert_holds(path: Path, world: World) -> None:
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine")
    assert list(sheets) == list(world.tables)
    for name, table in world.tables.items():
        found = sheets[name].astype(table.dtypes.to_dict())
        pd.testing.assert_frame_equal(found, table, obj=name)


def test_a_workbook_holds_what_was_generated(tmp_path: Path) -> None:
    world = generate(60, seed=1)

    path = write_workbook(world, tmp_path / "new" / "sample.xlsx")

    assert_holds(path, world)


def test_the_shipped_workbook_is_the_one_its_readme_describes() -> None:
    assert_holds(SHIPPED, generate(1000, seed=7))
    assert SHIPPED.stat().st_size < 4_000_000


def test_a_workbook_does_not_tell_when_it_was_written(tmp_path: Path) -> None:
    world = generate(10, seed=1)

    one, two = (write_workbook(world, tmp_path / f"{name}.xlsx") for name in ("one", "two"))

    assert one.read_bytes() == two.read_bytes()


def test_days_are_written_as_days_and_unknown_as_empty(tmp_path: Path) -> None:
    world = generate(60, seed=1)
    path = write_workbook(world, tmp_path / "sample.xlsx")

    raw = pd.read_excel(path, sheet_name="customers", engine="openpyxl", dtype=object)

    assert set(raw["opt_in_marketing"].dropna()) == {True, False}
    assert raw["opt_in_marketing"].isna().any()
    assert (pd.to_datetime(raw["signup_date"]).dt.hour == 0).all()


@pytest.mark.parametrize("name", ["sample.csv", "sample"])
def test_only_workbook_names_are_accepted(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=name):
        write_workbook(generate(1), tmp_path / name)


def test_a_path_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DataError, match="cannot be written"):
        write_workbook(generate(1), tmp_path / "file" / "sample.xlsx")
    with pytest.raises(DataError, match="cannot be written"):
        write_parquet(1, tmp_path / "file")


def test_a_large_base_is_written_part_by_part_with_unique_ids(tmp_path: Path) -> None:
    steps: list[int] = []

    folder = write_parquet(250, tmp_path / "base", seed=5, chunk=100, progress=steps.append)

    assert steps == [100, 200, 250]
    customers = pq.ParquetFile(folder / "customers.parquet")
    groups = [customers.metadata.row_group(i).num_rows for i in range(customers.num_row_groups)]
    assert groups == [100, 100, 50]
    for name, key in {
        "customers": "customer_id",
        "orders": "order_id",
        "payments": "payment_id",
        "support_tickets": "ticket_id",
        "customer_events": "event_id",
        "nps_survey": "survey_id",
        "products": "product_id",
    }.items():
        assert pd.read_parquet(folder / f"{name}.parquet")[key].is_unique, name


def test_parquet_files_have_the_columns_of_the_workbook(tmp_path: Path) -> None:
    world = generate(20, seed=5)

    folder = write_parquet(20, tmp_path, seed=5, chunk=7)

    assert {path.stem for path in folder.iterdir()} == set(world.tables)
    for name, table in world.tables.items():
        assert pq.read_schema(folder / f"{name}.parquet").names == list(table), name


def test_one_part_holds_what_generate_gives(tmp_path: Path) -> None:
    world = generate(80, seed=5)

    folder = write_parquet(80, tmp_path, seed=5)

    orders = pd.read_parquet(folder / "orders.parquet")
    pd.testing.assert_frame_equal(orders, world.tables["orders"], check_dtype=False)


def test_customers_of_every_part_are_strangers_to_each_other(tmp_path: Path) -> None:
    folder = write_parquet(200, tmp_path, seed=5, chunk=100)

    customers = pd.read_parquet(folder / "customers.parquet")

    first, second = customers[:100], customers[100:].reset_index(drop=True)
    assert (first["lifetime_value"] == second["lifetime_value"]).mean() < 0.2


@pytest.mark.parametrize(("customers", "chunk"), [(0, 10), (5, 0)])
def test_a_base_of_nobody_is_refused(tmp_path: Path, customers: int, chunk: int) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        write_parquet(customers, tmp_path, chunk=chunk)
