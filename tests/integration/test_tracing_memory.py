"""Traces that nobody takes do not pile up."""

from pathlib import Path

import pytest

from procx_graph.settings import Settings
from procx_graph.tracing import Kind, tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer
from tests.leaving import black_hole

RUNS = 3_000
BIG = {"situation": {"kind": "complaint", "summary": "x" * 50_000}}
"""State of 50 kB."""

pytestmark = pytest.mark.slow


def resident() -> float:
    """Give the megabytes that this process holds."""
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.split("VmRSS:")[1].split()[0]) / 1e3


@pytest.mark.parametrize("content", [False, True])
def test_memory_stays_flat_while_a_server_swallows_everything(content: bool) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("what a process holds is read from /proc")
    keys = {"LANGFUSE_PUBLIC_KEY": f"pk-{content}", "LANGFUSE_SECRET_KEY": "sk"}
    with black_hole() as url:
        tracer = tracer_from(Settings(**keys, LANGFUSE_BASE_URL=url, langfuse_content=content))
        assert isinstance(tracer, LangfuseTracer)
        _ = tracer.client  # what importing it takes is not counted
        before = resident()
        for number in range(RUNS):
            run_id = f"s:c{number}"
            with tracer.run(run_id, scan_id="s", customer_id=f"c{number}", input=BIG) as trace:
                trace.end(output=BIG)
            tracer.score(run_id, "health", 1.0, Kind.NUMERIC)
        grown = resident() - before
        tracer.shut_down(0.1)

    assert grown < 60
    assert tracer.status().dropped_spans > RUNS / 4
