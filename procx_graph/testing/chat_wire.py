"""An answer in the form of Chat Completions, whole or in pieces."""

import json
from collections.abc import Iterator
from typing import Any

from procx_graph.testing.model_answers import Answer
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.model_usage import Usage

CREATED = 1_767_225_600
"""Every answer was made at the start of 2026, so that runs repeat."""
PIECE = 16
"""Characters in one piece of a streamed text."""


def pieces(text: str) -> Iterator[str]:
    """Cut a text as it is streamed."""
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def event(data: object, kind: str | None = None) -> bytes:
    """Write a server-sent event."""
    head = f"event: {kind}\n" if kind else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def completion(request: ModelRequest, answer: Answer, usage: Usage) -> dict[str, Any]:
    """Give a whole answer."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text,
        "refusal": answer.refusal,
        "annotations": [],
    }
    if answer.tool_calls:
        message["tool_calls"] = _calls(request, answer)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finished}
    whole = {**_head(request), "object": "chat.completion", "choices": [choice]}
    return {**whole, "usage": usage_table(usage)} if answer.usage else whole


def chunks(request: ModelRequest, answer: Answer, usage: Usage) -> Iterator[bytes]:
    """Give an answer as server-sent events, `[DONE]` at the end."""
    told = request.wants_usage and answer.usage
    frame = {**_head(request), "object": "chat.completion.chunk"}
    frame |= {"usage": None} if told else {}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**frame, "choices": [choice]})

    yield chunk({"role": "assistant", "content": "" if answer.text else None, "refusal": None})
    yield from (chunk({"content": piece}) for piece in pieces(answer.text or ""))
    yield from (chunk({"refusal": piece}) for piece in pieces(answer.refusal or ""))
    for index, call in enumerate(_calls(request, answer)):
        whole = call["function"]["arguments"]
        opened = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        yield chunk({"tool_calls": [opened]})
        for piece in pieces(whole):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, answer.finished)
    if told:
        yield event({**frame, "choices": [], "usage": usage_table(usage)})
    yield b"data: [DONE]\n\n"


def usage_table(usage: Usage) -> dict[str, Any]:
    """Say what was used."""
    return {
        "prompt_tokens": usage.read,
        "completion_tokens": usage.written,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _head(request: ModelRequest) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{request.number:06}",
        "created": CREATED,
        "model": request.model,
        "service_tier": "default",
        "system_fingerprint": "fp_testing",
    }


def _calls(request: ModelRequest, answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{request.number:06}_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.text},
        }
        for number, call in enumerate(answer.tool_calls)
    ]
