"""How long it takes to go on with a scan that was killed, at fifty moments."""

import random
from pathlib import Path
from statistics import median

import pytest

from procx_graph.tables.sample import write_parquet
from tests.killing import Sitting, plain_report

CUSTOMERS = 1_000
KILLS = 50

pytestmark = [pytest.mark.bench, pytest.mark.slow]


def test_a_scan_killed_fifty_times_ends_as_if_nobody_had_touched_it(tmp_path: Path) -> None:
    town, place, report = tmp_path / "town", str(tmp_path / "procx.db"), tmp_path / "report.json"
    write_parquet(CUSTOMERS, town, seed=4)
    undisturbed, chance = plain_report(town), random.Random(11)
    most = len(undisturbed.results) // (KILLS + 1)

    times = []
    for _ in range(KILLS):
        sitting = Sitting(place, town, report)
        sitting.kill_after(chance.randint(1, most))
        times.append(sitting.begun_after or 0.0)
    last = Sitting(place, town, report)
    complaint = last.end()

    resumed = [*times[1:], last.begun_after or 0.0]
    print(  # noqa: T201 - a measurement is for reading
        f"\n{KILLS} kills, {len(undisturbed.results)} results: resumed in "
        f"{median(resumed) * 1e3:.0f} ms (median), {max(resumed) * 1e3:.0f} ms at most"
    )
    assert complaint == ""
    assert report.read_text(encoding="utf-8") == undisturbed.to_json()
