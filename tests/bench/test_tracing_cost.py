"""What tracing adds to a run, with a server that takes everything in another process."""

import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.settings import Settings
from procx_graph.tables.sample import generate
from procx_graph.tracing import tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer
from tests.langfuse_server import SECRET

CUSTOMERS = 10_000
RUNS = 200
"""Customers of each scan."""
ROUNDS = 7
"""Scans with tracing, and as many without. The first warms up; of the others the best counts."""
GOAL = 3.5
"""Milliseconds of CPU for each run."""

pytestmark = [pytest.mark.bench, pytest.mark.slow]


@pytest.fixture(scope="module")
def town() -> CustomerBase:
    return CustomerBase.from_frames(generate(CUSTOMERS).tables)


@pytest.fixture(scope="module")
def tracer() -> Iterator[LangfuseTracer]:
    key = f"pk-{uuid4().hex}"
    asked = [sys.executable, "-m", "tests.langfuse_server", key]
    with subprocess.Popen(
        asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        url = server.stdout.readline().strip()
        traced = tracer_from(
            Settings(LANGFUSE_PUBLIC_KEY=key, LANGFUSE_SECRET_KEY=SECRET, LANGFUSE_BASE_URL=url)
        )
        assert isinstance(traced, LangfuseTracer)
        yield traced
        traced.shut_down()
        server.stdin.close()


def cpu_per_run(monitor: Monitor, *, round_: int) -> float:
    """Scan, send all that is told of it, and give the mean CPU milliseconds of a run."""
    began = time.process_time()
    report = monitor.scan(RUNS, dry_run=True, scan_id=f"round-{round_}")
    assert monitor.tracer.flush(60)
    assert report.counts.processed == RUNS
    return (time.process_time() - began) / RUNS * 1e3


def test_tracing_adds_little_to_a_run(town: CustomerBase, tracer: LangfuseTracer) -> None:
    with Monitor(town) as plain, Monitor(town, tracer=tracer) as traced:
        rounds = [
            (cpu_per_run(plain, round_=number), cpu_per_run(traced, round_=number))
            for number in range(ROUNDS)
        ]
    without, within = (min(column) for column in zip(*rounds[1:], strict=True))
    status = tracer.status()

    print(  # noqa: T201 - a measurement is for reading
        f"\na run takes {without:.2f} ms of CPU, traced {within:.2f} ms: {within - without:.2f} ms "
        f"more (goal {GOAL} ms)"
    )
    assert status.problem is None
    assert status.dropped_spans == status.dropped_scores == 0
    assert within - without <= GOAL
