"""Tracing of a command: as the settings say, and one line on where to look."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.tracing import Tracer


@contextmanager
def traced() -> "Iterator[Tracer]":
    """Give the tracer of the settings; send what waits at the end, for two seconds at most.

    Without keys nothing is said. What could not be sent was told by a warning already.

    Raises:
        ConfigError: A setting of Langfuse is wrong.
    """
    from procx_graph.cli import console
    from procx_graph.tracing import tracer_from

    tracer = tracer_from(Settings())
    try:
        yield tracer
    finally:
        tracer.close()
        status = tracer.status()
        if status.used and not status.dropped_spans and not status.problem:
            told = f"traces: {status.host}"
            console.err().print(console.cell(told, "dim"), soft_wrap=True)
