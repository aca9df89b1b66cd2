"""A Langfuse server of one's own, where there is one: `PROCX_TEST_LANGFUSE=http://127.0.0.1:3000`.

Its keys are in LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY.
"""

import os

import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.settings import Settings
from procx_graph.tracing import tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer

PLACE = os.environ.get("PROCX_TEST_LANGFUSE")

pytestmark = pytest.mark.skipif(PLACE is None, reason="PROCX_TEST_LANGFUSE names no server")


def test_a_real_server_takes_a_scan(sample_base: CustomerBase) -> None:
    tracer = tracer_from(Settings(LANGFUSE_BASE_URL=PLACE))
    assert isinstance(tracer, LangfuseTracer)
    assert tracer.check().ok

    with Monitor(sample_base, tracer=tracer) as monitor:
        monitor.scan(limit=3, dry_run=True)

    assert tracer.flush(30)
    status = tracer.status()
    assert (status.dropped_spans, status.dropped_scores, status.problem) == (0, 0, None)
    tracer.shut_down(10)
