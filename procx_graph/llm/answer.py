"""Reading a model's answer: JSON, wherever it stands in the reply, as a typed result."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from procx_graph.errors import ModelReplyError
from procx_graph.llm.model import ResultT

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

LONGEST = 20_000
"""Characters of a reply that are looked at; no answer is that long."""
_OPENINGS = 8
"""Opening braces that are tried before a reply counts as prose."""


def text_of(message: "AIMessage") -> str:
    """Give what a model said: its text, or else what it would have called a tool with."""
    text = str(message.text)
    if not text.strip() and message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    return text


def read_answer(text: str, result: type[ResultT]) -> ResultT:
    """Read a typed result out of a reply, also out of a fence or with words around it.

    Raises:
        ModelReplyError: There is none in it; the message says what is wrong, for the model.
    """
    if not text.strip():
        raise ModelReplyError("the answer is empty", reply=text)
    if len(text) > LONGEST:
        raise ModelReplyError(f"the answer is longer than {LONGEST} characters", text[:LONGEST])
    try:
        return result.model_validate(_object_in(text))
    except ValidationError as error:
        raise ModelReplyError(_problems(error), reply=text) from error


def _object_in(text: str) -> dict[str, Any]:
    """Give the first JSON object in a text."""
    decoder, start = json.JSONDecoder(), text.find("{")
    for _ in range(_OPENINGS):
        if start < 0:
            break
        with suppress(ValueError, RecursionError):  # also a figure of thousands of digits
            value, _ = decoder.raw_decode(text, start)
            return dict(value)
        start = text.find("{", start + 1)
    raise ModelReplyError("the answer is not a JSON object", reply=text)


def _problems(error: ValidationError) -> str:
    """Name each wrong field; values stay out, because they may be what a customer wrote."""
    told = []
    for one in error.errors(include_input=False, include_url=False)[:5]:
        if one["type"] == "extra_forbidden":  # its name is the model's own
            told.append("it has a field that nobody asked for")
            continue
        told.append(f"{'.'.join(str(part) for part in one['loc']) or 'the answer'}: {one['msg']}")
    return "; ".join(dict.fromkeys(told))
