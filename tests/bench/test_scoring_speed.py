"""Scoring beside the bare scan and GROUP BY of the same tables, which nothing can beat."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import NEEDED
from procx_graph.tables.sample import write_parquet

CUSTOMERS = 100_000

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parquet(CUSTOMERS, tmp_path_factory.mktemp("large"), seed=1)


def seconds(work: Callable[[], object]) -> float:
    """Best of three."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def bare_scan(folder: Path) -> None:
    """Read the needed columns of every table and group them by customer."""
    for table, columns in NEEDED.items():
        file = folder / f"{table}.parquet"
        if file.exists():
            relation = duckdb.read_parquet(str(file))
            known = [name for name in columns if name in relation.columns]
            largest = ", ".join(f"max({name})" for name in known)
            relation.aggregate(f"customer_id, {largest}", "customer_id").to_arrow_table()


def test_scoring_stays_within_reach_of_the_bare_scan(folder: Path) -> None:
    base = CustomerBase.from_folder(folder)

    bare, ours = seconds(lambda: bare_scan(folder)), seconds(lambda: score(base))

    print(  # noqa: T201 - a measurement is for reading
        f"\nscored {CUSTOMERS:,} customers in {ours:.2f} s, bare scan and GROUP BY {bare:.2f} s: "
        f"{ours / bare:.1f} x"
    )
    assert ours < 10
    assert ours / bare < 10


def test_the_table_of_scores_with_drivers_takes_seconds(folder: Path) -> None:
    scores = score(CustomerBase.from_folder(folder))

    assert seconds(scores.to_frame) < 5
