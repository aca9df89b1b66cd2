"""Scoring beside the bare scan and GROUP BY of the same tables, which nothing can beat.

`PROCX_BENCH_LARGE=1` adds ten million customers; `PROCX_BENCH_DIR` keeps the bases it measures on.
"""

import os
import sys
from pathlib import Path

import pytest

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.profiles import load_profile
from tests.bench.by_hand import features_by_hand
from tests.bench.measured import Measured, measured
from tests.bench.tiles import TILE, tiled

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LARGE = 10_000_000
LARGEST_PEAK = 16 * 1024
"""MiB."""
HEADER = (
    "| customers | ids | open | bare scan | features | by hand | score, stored | × bare "
    "| score, fitted | × bare | peak MiB |\n|---:|---|" + "---:|" * 9
)

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="the peak is read from getrusage"),
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bases are kept, between runs if the environment names a folder."""
    kept = os.environ.get("PROCX_BENCH_DIR")
    return Path(kept) if kept else tmp_path_factory.mktemp("bench")


def test_the_definition_counts_what_is_counted_by_hand(shelf: Path) -> None:
    for integer_ids in (False, True):
        folder = tiled(TILE, shelf, integer_ids=integer_ids)
        base = CustomerBase.from_folder(folder)

        counted = collect_features(base, load_profile(), "polars")

        assert features_by_hand(folder, base.as_of).equals(counted)


def test_scoring_stays_within_reach_of_the_bare_scan(shelf: Path) -> None:
    sizes = (*SIZES, LARGE) if os.environ.get("PROCX_BENCH_LARGE") else SIZES
    print(f"\n{HEADER}")  # noqa: T201 - a measurement is for reading
    for customers in sizes:
        for ids in ("text", "integer"):
            folder = tiled(customers, shelf, integer_ids=ids == "integer")
            works = ("bare", "features", "by hand", "stored", "fitted")
            taken = {work: measured(work, folder) for work in works}
            print(_row(customers, ids, taken))  # noqa: T201
            assert taken["stored"].peak < LARGEST_PEAK
            if customers >= 100_000:
                assert taken["stored"].seconds < 6 * taken["bare"].seconds
                assert taken["fitted"].seconds < 12 * taken["bare"].seconds
                assert taken["features"].seconds < 2 * taken["by hand"].seconds


def test_the_table_of_scores_with_drivers_takes_seconds(shelf: Path) -> None:
    scores = score(CustomerBase.from_folder(tiled(100_000, shelf)))

    assert len(scores.to_frame()) == 100_000


def _row(customers: int, ids: str, taken: dict[str, Measured]) -> str:
    bare = taken["bare"].seconds
    cells = [
        f"{customers:,}",
        ids,
        f"{taken['features'].opened:.2f} s",
        *(f"{taken[work].seconds:.2f} s" for work in ("bare", "features", "by hand", "stored")),
        f"{taken['stored'].seconds / bare:.1f}",
        f"{taken['fitted'].seconds:.2f} s",
        f"{taken['fitted'].seconds / bare:.1f}",
        f"{taken['stored'].peak:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"
