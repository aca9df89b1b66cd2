"""Scoring beside the bare scan and GROUP BY of the same tables, which nothing can beat.

`PROCX_BENCH_LARGE=1` adds ten million customers; `PROCX_BENCH_DIR` keeps the bases it measures on,
which are otherwise made anew.
"""

import os
import sys
from pathlib import Path

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.streamed import score_to_parquet
from tests.bench.by_hand import features_by_hand
from tests.bench.measured import ALONE, Alone, Taken, alone, in_turns
from tests.bench.tiles import TILE, tiled

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LARGE = 10_000_000
LARGEST_PEAK = 16 * 1024
"""MiB."""
IDS = ("text", "integer")
SPEED = (
    "| customers | ids | open | bare scan | features | by hand | score, stored | × bare | × its CPU"
    " | score, fitted | × bare | peak MiB |\n|---:|---|" + "---:|" * 10
)
MEMORY = "| customers, text ids | work | open | seconds | peak MiB |\n|---:|---|---:|---:|---:|"

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="the peak is read from getrusage"),
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bases are kept, between runs if the environment names a folder."""
    kept = os.environ.get("PROCX_BENCH_DIR")
    return Path(kept) if kept else tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def sizes() -> tuple[int, ...]:
    return (*SIZES, LARGE) if os.environ.get("PROCX_BENCH_LARGE") else SIZES


def test_the_definition_counts_what_is_counted_by_hand(shelf: Path) -> None:
    for ids in IDS:
        folder = tiled(TILE, shelf, integer_ids=ids == "integer")
        base = CustomerBase.from_folder(folder)

        counted = collect_features(base, load_profile(), "polars")

        assert features_by_hand(folder, base.as_of).equals(counted)


def test_scoring_stays_within_reach_of_the_bare_scan(shelf: Path, sizes: tuple[int, ...]) -> None:
    say(f"\n{SPEED}")
    for customers in sizes:
        for ids in IDS:
            folder = tiled(customers, shelf, integer_ids=ids == "integer")
            taken, scored = in_turns(folder), alone("score", folder)
            say(speeds(customers, ids, scored, taken))
            assert scored.peak < LARGEST_PEAK
            if customers >= 100_000:
                assert taken["stored"].cpu < 4 * taken["bare"].cpu
                assert taken["fitted"].cpu < 8 * taken["bare"].cpu
                assert taken["features"].cpu < 1.5 * taken["by hand"].cpu


def test_memory_stays_within_bounds_on_the_way_to_parquet(
    shelf: Path, sizes: tuple[int, ...]
) -> None:
    say(f"\n{MEMORY}")
    for customers in (size for size in sizes if size >= 1_000_000):
        folder = tiled(customers, shelf)
        for work in ALONE:
            found = alone(work, folder)
            opened, seconds = f"{found.opened:.1f} s", f"{found.seconds:.1f} s"
            say(f"| {customers:,} | {work} | {opened} | {seconds} | {found.peak:,.0f} |")
            assert found.peak < LARGEST_PEAK


def test_a_million_scores_written_to_parquet_are_those_in_memory(
    shelf: Path, tmp_path: Path
) -> None:
    base = CustomerBase.from_folder(tiled(1_000_000, shelf, integer_ids=True))

    written = score_to_parquet(base, tmp_path / "scores.parquet")

    frame = score(base).frame
    assert written.customers == len(frame)
    assert pl.read_parquet(written.path).equals(frame)


def test_the_table_of_scores_with_drivers_takes_seconds(shelf: Path) -> None:
    scores = score(CustomerBase.from_folder(tiled(100_000, shelf)))

    assert len(scores.to_frame()) == 100_000


def speeds(customers: int, ids: str, scored: Alone, taken: dict[str, Taken]) -> str:
    bare = taken["bare"]
    cells = [
        f"{customers:,}",
        ids,
        f"{scored.opened:.2f} s",
        *(f"{taken[work].seconds:.2f} s" for work in ("bare", "features", "by hand", "stored")),
        f"{taken['stored'].seconds / bare.seconds:.2f}",
        f"{taken['stored'].cpu / bare.cpu:.2f}",
        f"{taken['fitted'].seconds:.2f} s",
        f"{taken['fitted'].seconds / bare.seconds:.2f}",
        f"{scored.peak:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a measurement is for reading
