"""What it costs to read the rows of one customer, and of five hundred, where they lie."""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from procx_graph.scoring.features import NEEDED
from procx_graph.tables.lookup import SqlLookup
from tests.bench.stored import store_customers

CUSTOMERS = int(os.environ.get("PROCX_BENCH_STORED", "100000"))
"""The issue speaks of 1,000,000, whose file takes minutes to write."""
STORED = os.environ.get("PROCX_BENCH_SHOP")
"""A file that `store_customers` has written before."""
BATCH = 500

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if STORED:
        return Path(STORED)
    return store_customers(CUSTOMERS, tmp_path_factory.mktemp("stored") / "shop.db")


def milliseconds(work: Callable[[Sequence[str]], object], parts: Sequence[Sequence[str]]) -> float:
    """Median over the parts."""
    taken = []
    for part in parts:
        start = time.perf_counter()
        work(part)
        taken.append(time.perf_counter() - start)
    return median(taken) * 1000


def test_the_rows_of_a_customer_take_milliseconds(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection:
        query = "select customer_id from customers order by customer_id limit 4000"
        ids = [customer for (customer,) in connection.execute(query)]

    with SqlLookup(f"sqlite:///{shop}") as lookup:
        lookup.rows(ids[:1], NEEDED)
        one = milliseconds(lambda part: lookup.rows(part, NEEDED), [[i] for i in ids[:300]])
        batches = [ids[start : start + BATCH] for start in range(0, 4000, BATCH)]
        each = milliseconds(lambda part: lookup.rows(part, NEEDED), batches) / BATCH

    size = shop.stat().st_size >> 20
    print(f"\n{size:,} MB of SQLite: one customer {one:.2f} ms, {BATCH} at once {each:.3f} ms each")  # noqa: T201 - a measurement is for reading
    assert one < 50
    assert each < 5
