"""A span before it leaves."""

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from procx_graph.tracing.wire_span import HIDDEN, wire_span

NAME = "Ana, ana@mail.test, +44 7946 000 000"


def a_span(**attributes: Any) -> ReadableSpan:
    """Give a span that failed, with somebody's address wherever there is room for one."""
    seen, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(seen))
    with provider.get_tracer("t").start_as_current_span(NAME) as span:
        span.set_attributes(attributes)
        span.set_status(Status(StatusCode.ERROR, NAME))
        try:
            raise ValueError(NAME)
        except ValueError as error:
            span.record_exception(error)
    provider.shutdown()
    return seen.get_finished_spans()[0]


@pytest.mark.parametrize("content", [True, False])
def test_no_place_of_a_span_holds_an_address(content: bool) -> None:
    span = a_span(
        **{
            "user.id": "ana@mail.test",
            "langfuse.trace.tags": ["ana@mail.test", "x"],
            "langfuse.observation.status_message": NAME,
            "langfuse.observation.metadata.ana@mail.test": "1",
            "langfuse.observation.input": '{"mail": "ana@mail.test"}',
        }
    )

    told = wire_span(span, content=content).to_json()

    assert "mail.test" not in told
    assert "7946" not in told
    assert "test_wire_span.py" not in told, "a stack trace"


def test_messages_of_errors_leave_only_where_texts_may() -> None:
    span = a_span(**{"langfuse.observation.status_message": "Ana broke"})

    hidden, told = wire_span(span, content=False), wire_span(span, content=True)

    assert hidden.status.description == HIDDEN
    assert "Ana" not in str(dict(hidden.attributes or {}))
    assert "exception.message" not in (hidden.events[0].attributes or {})
    assert (told.attributes or {})["langfuse.observation.status_message"] == "Ana broke"


PROMPT = {
    "langfuse.observation.type": "generation",
    "langfuse.observation.metadata.prompt_name": '"retention/decision"',
    "langfuse.observation.metadata.prompt_version": "7",
    "langfuse.observation.metadata.prompt_source": '"langfuse"',
}


def linked(**changed: str) -> tuple[Any, Any]:
    span = wire_span(a_span(**(PROMPT | changed)), content=False)
    attributes = span.attributes or {}
    name = attributes.get("langfuse.observation.prompt.name")
    return name, attributes.get("langfuse.observation.prompt.version")


def test_a_generation_is_linked_to_the_version_that_langfuse_has() -> None:
    assert linked() == ("retention/decision", 7)


def test_nothing_is_linked_to_a_version_that_langfuse_does_not_have() -> None:
    assert linked(**{"langfuse.observation.metadata.prompt_source": '"file"'}) == (None, None)
    assert linked(**{"langfuse.observation.type": "chain"}) == (None, None)
    assert linked(**{"langfuse.observation.metadata.prompt_version": "?"}) == (None, None)
