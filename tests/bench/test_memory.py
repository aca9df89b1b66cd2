"""What ten thousand customers take of memory on their way through the graph."""

import psutil
import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.monitor import CustomerFinished
from procx_graph.report import Status
from procx_graph.tables.sample import generate

CUSTOMERS = 10_000
WARM = 2_000
"""After so many everything is loaded that will be."""
GOAL = 3.0
"""Kilobytes that each further one may add: its id is remembered. A kept result takes 28."""

pytestmark = [pytest.mark.bench, pytest.mark.slow]


def test_memory_does_not_grow_with_the_number_of_customers() -> None:
    base, process, grown, done = (
        CustomerBase.from_frames(generate(30_000).tables),
        psutil.Process(),
        [],
        0,
    )
    with Monitor(base) as monitor:
        for event in monitor.begin(CUSTOMERS, dry_run=True, keep_results=False):
            if isinstance(event, CustomerFinished) and event.result.status is not Status.SKIPPED:
                done += 1
                if done % 1_000 == 0:
                    grown.append(process.memory_info().rss / 1e6)

    added = (grown[-1] - grown[WARM // 1_000 - 1]) * 1_000 / (CUSTOMERS - WARM)
    print(  # noqa: T201 - a measurement is for reading
        f"\n{CUSTOMERS:,} customers through the graph: {added:.1f} kB for each from the {WARM:,}th "
        f"on, {grown[-1]:,.0f} MB in all with a base of {len(base):,} (goal {GOAL:.0f} kB)"
    )
    assert added <= GOAL
