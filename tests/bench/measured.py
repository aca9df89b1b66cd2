"""One measurement in a process of its own: `python -m tests.bench.measured WORK FOLDER`."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import NEEDED, collect_features
from procx_graph.scoring.profiles import load_profile
from tests.bench.by_hand import features_by_hand

PROFILE = load_profile()
WORK: dict[str, Callable[[CustomerBase, Path], object]] = {
    "features": lambda base, _: collect_features(base, PROFILE, "polars"),
    "on duckdb": lambda base, _: collect_features(base, PROFILE, "duckdb"),
    "by hand": lambda base, folder: features_by_hand(folder, base.as_of),
    "stored": lambda base, _: score(base, model=PROFILE.risk.prior),
    "fitted": lambda base, _: score(base),
}
"""What is measured after the base is open; `stored` scores with given MBG parameters."""
TIMES = 3


@dataclass(frozen=True)
class Measured:
    """What one process took.

    Attributes:
        seconds: Best of `TIMES`, with the files in the cache of the operating system.
        peak: Most resident memory of the process, MiB, the libraries among it.
        opened: Seconds to open the base, validation included; 0 for the bare scan.
    """

    seconds: float
    peak: float
    opened: float


def measured(work: str, folder: Path) -> Measured:
    """Do some work on a folder of Parquet in a fresh process."""
    asked = [sys.executable, "-m", "tests.bench.measured", work, str(folder)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    return Measured(**json.loads(told.stdout))


def bare_scan(folder: Path) -> None:
    """Read the needed columns of every table and group them by customer, nothing else."""
    for table, columns in NEEDED.items():
        if (folder / table).exists():
            relation = duckdb.read_parquet(str(folder / table / "*.parquet"))
            known = [name for name in columns if name in relation.columns]
            largest = ", ".join(f"max({name})" for name in known)
            relation.aggregate(f"customer_id, {largest}", "customer_id").to_arrow_table()


def _peak() -> float:
    """Give the most memory of this process, MiB; `getrusage` counts its parent's on Linux too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _main(work: str, folder: Path) -> None:
    start = time.perf_counter()
    base = CustomerBase.from_folder(folder) if work != "bare" else None
    opened = time.perf_counter() - start
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        bare_scan(folder) if base is None else WORK[work](base, folder)
        taken.append(time.perf_counter() - start)
    answer = {"seconds": min(taken), "peak": _peak(), "opened": opened if base else 0.0}
    print(json.dumps(answer))  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
