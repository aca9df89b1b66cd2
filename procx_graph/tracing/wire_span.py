"""A span as it may be seen on the wire: every text redacted, stack traces gone, prompts linked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

from procx_graph.tracing.redaction import is_code, redacted, redacted_id

_OBSERVATION = "langfuse.observation."
_IDS = frozenset({"user.id", "session.id"})
_OURS = frozenset(
    {
        *("langfuse.environment", "langfuse.release", "langfuse.trace.name"),
        *(f"{_OBSERVATION}type", f"{_OBSERVATION}level", f"{_OBSERVATION}completion_start_time"),
    }
)
"""What no text from outside gets into."""
_STATUS_MESSAGE = f"{_OBSERVATION}status_message"
_STACK = frozenset({"exception.stacktrace", "exception.message"})
HIDDEN = "not captured"
"""Stands for a text that may not leave."""


def wire_span(span: ReadableSpan, *, content: bool) -> ReadableSpan:
    """Give a copy of a finished span that may leave.

    Args:
        span: As it was recorded.
        content: Whether texts may leave; messages of exceptions are texts.
    """
    return ReadableSpan(
        name=redacted(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_linked(_attributes(span.attributes or {}, content=content)),
        events=[_event(event, content=content) for event in span.events],
        links=(),
        kind=span.kind,
        status=_status(span.status, content=content),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _attributes(given: Mapping[str, AttributeValue], *, content: bool) -> dict[str, AttributeValue]:
    told: dict[str, AttributeValue] = {}
    for key, value in given.items():
        if key in _OURS:
            told[key] = value
        elif key in _IDS:
            told[key] = redacted_id(str(value))
        elif key == _STATUS_MESSAGE:
            told[key] = _message(str(value), content=content)
        else:
            told[redacted(key) if "@" in key else key] = _value(value)
    return told


def _value(value: AttributeValue) -> AttributeValue:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Sequence):
        items: list[Any] = [redacted(one) if isinstance(one, str) else one for one in value]
        return items
    return value


def _event(event: Event, *, content: bool) -> Event:
    kept = {
        key: value
        for key, value in (event.attributes or {}).items()
        if key not in _STACK or (content and key == "exception.message")
    }
    return Event(redacted(event.name), _attributes(kept, content=content), event.timestamp)


def _status(status: Status, *, content: bool) -> Status:
    if status.description is None:
        return status
    return Status(status.status_code, _message(status.description, content=content))


def _message(text: str, *, content: bool) -> str:
    return redacted(text) if content or is_code(text) else HIDDEN


def _linked(attributes: dict[str, AttributeValue]) -> dict[str, AttributeValue]:
    """Link a generation to its prompt, where Langfuse keeps that version of it."""
    if attributes.get(f"{_OBSERVATION}type") != "generation":
        return attributes
    name, version, source = (
        _told(attributes.get(f"{_OBSERVATION}metadata.prompt_{part}"))
        for part in ("name", "version", "source")
    )
    if source == "langfuse" and isinstance(name, str) and isinstance(version, int):
        attributes[f"{_OBSERVATION}prompt.name"] = name
        attributes[f"{_OBSERVATION}prompt.version"] = version
    return attributes


def _told(value: AttributeValue | None) -> Any:
    """Read a value of metadata, which the SDK writes as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
