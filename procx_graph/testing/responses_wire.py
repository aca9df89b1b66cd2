"""An answer in the form of the Responses interface, whole or as typed events."""

from collections.abc import Iterator
from typing import Any

from procx_graph.testing.chat_wire import CREATED, event, pieces
from procx_graph.testing.model_answers import Answer
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.model_usage import Usage

CUT_SHORT = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""What the other interface calls a finish reason is here the reason of an incomplete answer."""
Item = dict[str, Any]


def response(request: ModelRequest, answer: Answer, usage: Usage) -> dict[str, Any]:
    """Give a whole answer."""
    reason = CUT_SHORT.get(answer.finished)
    return {
        **_begun(request),
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": _items(request, answer),
        "usage": _usage_table(usage) if answer.usage else None,
    }


def events(request: ModelRequest, answer: Answer, usage: Usage) -> Iterator[bytes]:
    """Give an answer as the typed events of a stream, numbered from 0."""
    for number, told in enumerate(_events(request, response(request, answer, usage))):
        yield event({**told, "sequence_number": number}, told["type"])


def _events(request: ModelRequest, whole: dict[str, Any]) -> Iterator[Item]:
    yield {"type": "response.created", "response": _begun(request)}
    yield {"type": "response.in_progress", "response": _begun(request)}
    for index, item in enumerate(whole["output"]):
        at = {"output_index": index, "item_id": item["id"]}
        empty = {"content": [], "arguments": ""}
        begun = {name: empty.get(name, value) for name, value in item.items()}
        yield {
            "type": "response.output_item.added",
            "output_index": index,
            "item": {**begun, "status": "in_progress"} if "status" in item else begun,
        }
        if item["type"] == "message":
            yield from _of_message(item, at)
        elif item["type"] == "function_call":
            yield from _streamed("response.function_call_arguments", "arguments", item, at)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{whole['status']}", "response": whole}


def _of_message(item: Item, at: Item) -> Iterator[Item]:
    for number, part in enumerate(item["content"]):
        named = "text" if part["type"] == "output_text" else "refusal"
        here = {**at, "content_index": number}
        yield {"type": "response.content_part.added", **here, "part": {**part, named: ""}}
        more: Item = {"logprobs": []} if named == "text" else {}
        kind = f"response.{part['type']}"
        yield from _streamed(kind, named, part, {**here, **more})
        yield {"type": "response.content_part.done", **here, "part": part}


def _streamed(kind: str, named: str, held: Item, at: Item) -> Iterator[Item]:
    for piece in pieces(held[named]):
        yield {"type": f"{kind}.delta", **at, "delta": piece}
    yield {"type": f"{kind}.done", **at, named: held[named]}


def _items(request: ModelRequest, answer: Answer) -> list[Item]:
    reason = CUT_SHORT.get(answer.finished)
    status = "incomplete" if reason else "completed"
    items: list[Item] = []
    if answer.reasoning_tokens:
        items.append({"id": f"rs_{request.number:06}", "type": "reasoning", "summary": []})
    content: list[Item] = []
    if answer.text is not None:
        content.append(
            {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
        )
    if answer.refusal is not None:
        content.append({"type": "refusal", "refusal": answer.refusal})
    if content:
        items.append(
            {
                "id": f"msg_{request.number:06}",
                "type": "message",
                "role": "assistant",
                "status": status,
                "content": content,
            }
        )
    for number, call in enumerate(answer.tool_calls):
        items.append(
            {
                "id": f"fc_{request.number:06}_{number}",
                "call_id": f"call_{request.number:06}_{number}",
                "type": "function_call",
                "status": status,
                "name": call.name,
                "arguments": call.text,
            }
        )
    return items


def _begun(request: ModelRequest) -> dict[str, Any]:
    body = request.body
    return {
        "id": f"resp_{request.number:06}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body.get("metadata") or {},
        "model": request.model,
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }


def _usage_table(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.read,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.written,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }
