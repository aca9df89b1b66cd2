"""Measurements in a process of its own: `python -m tests.bench.measured FOLDER [WORK]`."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import NEEDED, Engine, collect_features
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.streamed import score_to_parquet
from tests.bench.by_hand import features_by_hand

PROFILE = load_profile()
KNOWN = PROFILE.risk.prior
"""Given MBG parameters."""
ROUNDS = 3

Work = Callable[[CustomerBase, Path], object]


@dataclass(frozen=True)
class Taken:
    """What some work took, at best.

    Attributes:
        seconds: With the files in the cache of the operating system.
        cpu: Seconds of all processors together, which a busy machine changes less.
    """

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Alone:
    """What some work took once, in a process that did nothing else but open the base.

    Attributes:
        seconds: For the work.
        opened: Seconds to open the base, validation included.
        peak: Most resident memory of the process, MiB, the libraries among it.
    """

    seconds: float
    opened: float
    peak: float


def in_turns(folder: Path) -> dict[str, Taken]:
    """Do every work on a folder of Parquet, in turns, so that a busy minute hits all of them."""
    return {work: Taken(**taken) for work, taken in _asked(folder).items()}


def alone(work: str, folder: Path) -> Alone:
    """Do some work on a folder of Parquet once, in a fresh process."""
    return Alone(**_asked(folder, work))


def bare_scan(folder: Path) -> None:
    """Read the needed columns of every table and group them by customer, nothing else."""
    for table, columns in NEEDED.items():
        if (folder / table).exists():
            relation = duckdb.read_parquet(str(folder / table / "*.parquet"))
            known = [name for name in columns if name in relation.columns]
            largest = ", ".join(f"max({name})" for name in known)
            relation.aggregate(f"customer_id, {largest}", "customer_id").to_arrow_table()


def _streamed(base: CustomerBase, engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        score_to_parquet(base, Path(folder, "scores.parquet"), engine=engine, model=KNOWN)


IN_TURNS: dict[str, Work] = {
    "bare": lambda _, folder: bare_scan(folder),
    "features": lambda base, _: collect_features(base, PROFILE, "polars"),
    "by hand": lambda base, folder: features_by_hand(folder, base.as_of),
    "stored": lambda base, _: score(base, model=KNOWN),
    "fitted": lambda base, _: score(base),
}
"""What is compared; `stored` scores with given MBG parameters."""
ALONE: dict[str, Work] = {
    "score": lambda base, _: score(base, model=KNOWN),
    "score, duckdb": lambda base, _: score(base, model=KNOWN, engine="duckdb"),
    "to Parquet": lambda base, _: _streamed(base, "polars"),
    "to Parquet, duckdb": lambda base, _: _streamed(base, "duckdb"),
}
"""What memory is measured of."""


def _asked(folder: Path, *work: str) -> dict[str, Any]:
    asked = [sys.executable, "-m", "tests.bench.measured", str(folder), *work]
    told = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def _peak() -> float:
    """Give the most memory of this process, MiB; `getrusage` counts its parent's on Linux too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _timed(work: Work, base: CustomerBase, folder: Path) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    work(base, folder)
    return Taken(time.perf_counter() - start, time.process_time() - cpu)


def _in_turns(folder: Path) -> dict[str, dict[str, float]]:
    base = CustomerBase.from_folder(folder)
    rounds = [
        {name: _timed(work, base, folder) for name, work in IN_TURNS.items()} for _ in range(ROUNDS)
    ]
    return {
        name: {
            "seconds": min(taken[name].seconds for taken in rounds),
            "cpu": min(taken[name].cpu for taken in rounds),
        }
        for name in IN_TURNS
    }


def _alone(folder: Path, work: str) -> dict[str, float]:
    start = time.perf_counter()
    base = CustomerBase.from_folder(folder)
    opened = time.perf_counter() - start
    taken = _timed(ALONE[work], base, folder)
    return {"seconds": taken.seconds, "opened": opened, "peak": _peak()}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    found = _alone(place, sys.argv[2]) if len(sys.argv) > 2 else _in_turns(place)
    print(json.dumps(found))  # noqa: T201 - the parent reads it
