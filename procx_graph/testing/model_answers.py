"""What a scripted model answers, and what it answers when nothing was scripted."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from procx_graph.testing.loopback import HttpAnswer
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.smallest import smallest

Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool: arguments as a table, or raw text for a call that is broken."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The arguments as they go over the wire."""
        return _json(self.arguments)


@dataclass(frozen=True)
class Answer:
    """An answer of a model, for when a table or a text does not say enough.

        Answer({"offer_id": None}, reasoning_tokens=320)
        Answer(tool_calls=(ToolCall("refund", {"amount": 90}),))
        Answer(refusal="I cannot help with that.")
        Answer('{"subject": "We mi', finish="length")
        Answer("", finish="content_filter")
        Answer({"ok": True}, after=2.0)

    Attributes:
        content: A table, sent as JSON, or a raw text. `None`: what the server answers by default,
            unless the model calls tools or refuses.
        tool_calls: The tools it calls.
        refusal: Why it does not answer.
        finish: Why it stopped; by default `tool_calls` with tool calls, else `stop`.
        reasoning_tokens: Tokens it thought with; they count as written.
        usage: Whether it says what was used. Some compatible servers do not.
        after: Seconds until it begins. Closing the server ends them at once.
        over: Seconds over which it comes, bit by bit: a client that only waits for the next bytes
            waits that long.
    """

    content: Mapping[str, Any] | str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: Finish | None = None
    reasoning_tokens: int = 0
    usage: bool = True
    after: float = 0.0
    over: float = 0.0

    @property
    def text(self) -> str | None:
        """The content as it goes over the wire; `None` when there is none."""
        return None if self.content is None else _json(self.content)

    @property
    def finished(self) -> Finish:
        """Why it stopped."""
        return self.finish or ("tool_calls" if self.tool_calls else "stop")


@dataclass(frozen=True)
class Fault:
    """Something other than an answer; `procx_graph.testing.faults` has the usual ones.

        Fault(HttpAnswer((b"<html>", ), status=418, content_type="text/html"))

    Attributes:
        sent: What goes over the wire, or `None` for what the server answers by default.
        content_type: The type that the default answer is said to have; `None` leaves it.
        cut: Where the connection is closed in sending the default answer.
    """

    sent: HttpAnswer | None = None
    content_type: str | None = None
    cut: Literal["head", "body"] | None = None


Given = Mapping[str, Any] | str | Answer | Fault
"""What may be answered: a table is JSON content, a text is raw content."""

Rule = Callable[[ModelRequest], Given | None]
"""Gives the answer to a request; `None` is the default answer."""

Answers = Sequence[Given] | Rule | Given
"""Answers in turn, then the default; a function that gives them; or one answer to everything."""


def as_rule(answers: Answers) -> Rule:
    """Make a function of whatever says what is answered."""
    if callable(answers):
        return answers
    if isinstance(answers, str | Mapping | Answer | Fault):
        return lambda _: answers
    left = iter(tuple(answers))
    return lambda _: next(left, None)


def default_answer(request: ModelRequest) -> Answer:
    """Answer with as little as the request allows.

    With a schema, the smallest value that it allows; where a tool must be called, a call of it with
    the smallest arguments; `{}` where any JSON will do; else `OK`.
    """
    if request.schema is not None:
        return Answer(_json(smallest(request.schema)))
    called = [one for one in request.tools if request.tool_choice in {one.name, "required"}]
    if called:
        return Answer(tool_calls=(ToolCall(called[0].name, smallest(called[0].parameters)),))
    return Answer("{}" if request.format.get("type") == "json_object" else "OK")


def completed(given: Answer, request: ModelRequest) -> Answer:
    """Fill in the default content where an answer leaves it open."""
    if given.content is not None or given.tool_calls or given.refusal is not None:
        return given
    usual = default_answer(request)
    return replace(given, content=usual.content, tool_calls=usual.tool_calls)


def _json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
