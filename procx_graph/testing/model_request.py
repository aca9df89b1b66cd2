"""A request to a model provider, read from either of its two interfaces."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from procx_graph.testing.loopback import HttpRequest

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
SYSTEM_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True)
class Tool:
    """A function that the model may call."""

    name: str
    parameters: Mapping[str, Any]
    strict: bool


@dataclass(frozen=True)
class ModelRequest:
    """What a client asked, whichever interface it spoke.

    Attributes:
        number: Which request of its server this is, from 1; GETs and refused ones count too.
        method: Such as `POST`.
        path: Such as `/v1/chat/completions`.
        headers: With names in lower case.
        raw: The body as it came over the wire.
        body: The body read as JSON; empty when it is not a JSON object.
    """

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, request: HttpRequest, number: int) -> "ModelRequest":
        """Read a request; a body that is not JSON is kept only raw."""
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        path = request.path.partition("?")[0]
        return cls(
            number=number,
            method=request.method,
            path=path,
            headers=request.headers,
            raw=request.body,
            body=body if isinstance(body, dict) else {},
        )

    @property
    def responses(self) -> bool:
        """Whether the client speaks the Responses interface."""
        return self.path == RESPONSES

    @property
    def model(self) -> str:
        """The model that is asked."""
        return str(self.body.get("model") or "")

    @property
    def retry(self) -> int:
        """Which retry this is by the client's own count; 0 at first, and for who does not count."""
        told = self.headers.get("x-stainless-retry-count", "")
        return int(told) if told.isdecimal() else 0

    @property
    def streaming(self) -> bool:
        """Whether the answer is to come piece by piece."""
        return bool(self.body.get("stream"))

    @property
    def wants_usage(self) -> bool:
        """Whether a streamed chat answer is to end with the tokens used."""
        return bool(_table(self.body.get("stream_options")).get("include_usage"))

    @cached_property
    def messages(self) -> tuple[tuple[str, str], ...]:
        """Role and text of every message, instructions first."""
        told = self.body.get("input" if self.responses else "messages") or []
        told = [{"role": "user", "content": told}] if isinstance(told, str) else told
        instructions = self.body.get("instructions")
        first = (("system", str(instructions)),) if instructions else ()
        read = (one for one in told if isinstance(one, Mapping))
        return first + tuple((str(one.get("role", "")), "".join(_texts(one))) for one in read)

    @property
    def system(self) -> str:
        """The text of all system and developer messages."""
        return "\n".join(text for role, text in self.messages if role in SYSTEM_ROLES)

    @property
    def user(self) -> str:
        """The text of all messages of the user."""
        return "\n".join(text for role, text in self.messages if role == "user")

    @property
    def format(self) -> Mapping[str, Any]:
        """How the answer is to be formed, as one table in both interfaces; empty when free."""
        if self.responses:
            return _table(_table(self.body.get("text")).get("format"))
        told = _table(self.body.get("response_format"))
        return {**told, **_table(told.get("json_schema"))}

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that the answer is to keep, or `None`."""
        return self.format.get("schema") if self.format.get("type") == "json_schema" else None

    @property
    def schema_name(self) -> str | None:
        """The schema's name, which is what the client called the result's type."""
        return self.format.get("name") if self.schema is not None else None

    @property
    def strict(self) -> bool:
        """Whether the schema is to be kept to the letter."""
        return bool(self.format.get("strict"))

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        """The functions that the model may call."""
        told = map(_table, self.body.get("tools") or [])
        read = (one if self.responses else _table(one.get("function")) for one in told)
        return tuple(
            Tool(str(one["name"]), _table(one.get("parameters")), bool(one.get("strict")))
            for one in read
            if "name" in one
        )

    @property
    def tool_choice(self) -> str | None:
        """The name of the tool that must be called; `required` when any must, else `None`."""
        choice = self.body.get("tool_choice")
        if isinstance(choice, Mapping):
            return str(choice.get("name") or _table(choice.get("function")).get("name"))
        return "required" if choice == "required" else None

    @cached_property
    def prompt(self) -> str:
        """All that is read for an answer, as one text: schema and tools, then the messages."""
        given = [self.schema, *(self.body.get("tools") or [])]
        frame = [json.dumps(one, sort_keys=True, ensure_ascii=False) for one in given if one]
        return "\n".join([*frame, *(f"{role}: {text}" for role, text in self.messages)])


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    content = message.get("content", message.get("output"))
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        yield str(_table(part).get("text") or "")
    if calls := message.get("tool_calls") or message.get("arguments"):
        yield json.dumps(calls, ensure_ascii=False)
