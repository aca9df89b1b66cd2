"""How fast a base is loaded into a store, for the first time and again."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.store import Store
from procx_graph.store.loading import StoreLoad, load_base
from procx_graph.tables.sample import generate

ORDERS = int(os.environ.get("PROCX_BENCH_ORDERS", "1000000"))
TILE = 5_000
"""Customers that are generated; the rest are copies of them under other ids."""
GOAL = 60.0
"""Seconds for the first load on SQLite, customers included."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.bench, pytest.mark.slow]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> CustomerBase:
    """Customers with their orders, in Parquet files."""
    folder = tmp_path_factory.mktemp("import")
    made = generate(TILE, seed=1).tables
    tables = {name: pl.from_pandas(made[name]) for name in ("customers", "orders")}
    tiles = pl.DataFrame({"tile": range(-(-ORDERS // len(tables["orders"])))})
    for name, frame in tables.items():
        ids = [pl.format("{}-{}", i, "tile").alias(i) for i in frame.columns if i in IDS]
        tiled = tiles.join(frame, how="cross").with_columns(ids).drop("tile")
        tiled.write_parquet(folder / f"{name}.parquet")
    return CustomerBase.from_folder(folder)


IDS = ("customer_id", "order_id")


def timed(load: Callable[[], StoreLoad], what: str) -> float:
    start, cpu = time.perf_counter(), time.process_time()
    loaded = load()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    rows = {table.name: table.rows for table in loaded.tables}
    print(  # noqa: T201 - a measurement is for reading
        f"\n{rows['orders']:,} orders and {rows['customers']:,} customers {what}: {seconds:.1f} s "
        f"({cpu:.1f} s of CPU), {sum(rows.values()) / seconds:,.0f} rows/s"
    )
    return seconds


def test_a_million_orders_are_loaded_in_a_minute(base: CustomerBase, tmp_path: Path) -> None:
    with Store.open(tmp_path / "procx.db") as store:
        first = timed(lambda: load_base(base, store, at=NOW), "loaded into SQLite")
        again = timed(lambda: load_base(base, store, at=NOW), "loaded again")

    assert first < GOAL
    assert again < 2 * GOAL
