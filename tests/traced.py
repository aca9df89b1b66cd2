"""Tracers of tests, each with a key of its own and a server that keeps what it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from procx_graph.settings import Settings
from procx_graph.tracing import tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer
from tests.langfuse_server import SECRET, LangfuseServer, Received, langfuse_server


def settings_for(server: LangfuseServer, **more: Any) -> Settings:
    """Give settings that name a server and its keys."""
    keys = {"LANGFUSE_PUBLIC_KEY": server.public_key, "LANGFUSE_SECRET_KEY": SECRET}
    return Settings(**keys, LANGFUSE_BASE_URL=server.url, **more)


@contextmanager
def traced(**settings: Any) -> Iterator[tuple[LangfuseTracer, LangfuseServer]]:
    """Give a tracer and its server; the client ends with the block."""
    with langfuse_server(public_key=f"pk-{uuid4().hex}") as server:
        tracer = tracer_from(settings_for(server, **settings))
        assert isinstance(tracer, LangfuseTracer)
        try:
            yield tracer, server
        finally:
            server.ended.set()
            tracer.shut_down(10)


def arrived(tracer: LangfuseTracer, server: LangfuseServer) -> Received:
    """Give what was told, once all of it is there."""
    assert tracer.flush(20)
    assert tracer.status().problem is None
    return server.received
