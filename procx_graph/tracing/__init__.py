"""Tracing: every run visible in Langfuse, without keys nothing, and never at a run's expense."""

from procx_graph.tracing.connect import tracer_from
from procx_graph.tracing.tracer import (
    Kind,
    NoTracer,
    RunTrace,
    Tracer,
    TracingStatus,
)

__all__ = [
    "Kind",
    "NoTracer",
    "RunTrace",
    "Tracer",
    "TracingStatus",
    "tracer_from",
]
