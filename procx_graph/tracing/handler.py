"""The LangChain callbacks of Langfuse, given only what may leave."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langfuse.langchain import CallbackHandler
from langgraph.errors import GraphBubbleUp

from procx_graph.tracing.allow_list import WORDS

_NODE = re.compile(r"[a-z_]{1,60}")


class HarmlessHandler(AsyncCallbackHandler):
    """Hands on inputs, outputs and metadata without texts, and errors by their name.

    The SDK looks for files in what it is given, and uploads them, before its mask is asked; it
    writes the message of an exception, and the payload of an interrupt, into the span; and it
    puts all metadata of a run on every span. So all of that is taken out before.

    It is asynchronous so that each event has a task, with a copy of the context, and no thread:
    what the SDK makes current there does not stay in the run's own task, and it costs a third less.

    Args:
        public_key: Of the client that is meant.
        mask: What may leave of a value.
        content: Whether texts may leave. Without them a node's input is left out too: it is the
            outputs of the nodes before.
    """

    def __init__(self, *, public_key: str, mask: Callable[[Any], Any], content: bool) -> None:
        self._told = CallbackHandler(public_key=public_key)
        self._mask, self._content = mask, content

    async def on_chain_start(self, serialized: Any, inputs: Any, **told: Any) -> None:
        """Begin a graph, a node or a router."""
        known = told.get("parent_run_id") is not None and not self._content
        given = None if known else self._mask(inputs)
        self._told.on_chain_start(serialized, given, **_cleaned(told))

    async def on_chain_end(self, outputs: Any, **told: Any) -> None:
        """End it; a router gives the name of a node."""
        if isinstance(outputs, str) and _NODE.fullmatch(outputs):
            outputs = {"route": outputs}
        self._told.on_chain_end(self._mask(outputs), **self._masked(told))

    async def on_chain_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error, or with a pause."""
        self._told.on_chain_error(_named(error), **self._masked(told))

    async def on_chat_model_start(self, serialized: Any, messages: Any, **told: Any) -> None:
        """Begin a call of a chat model."""
        self._told.on_chat_model_start(serialized, messages, **_of_model(told))

    async def on_llm_start(self, serialized: Any, prompts: Any, **told: Any) -> None:
        """Begin a call of a model that completes texts."""
        self._told.on_llm_start(serialized, prompts, **_of_model(told))

    async def on_llm_new_token(self, token: Any, *, run_id: UUID, **told: Any) -> None:
        """Note when a model began to answer."""
        del token, told
        self._told.on_llm_new_token("", run_id=run_id)

    async def on_llm_end(self, response: Any, **told: Any) -> None:
        """End a model's call."""
        self._told.on_llm_end(response, **self._masked(told))

    async def on_llm_error(self, error: BaseException, **told: Any) -> None:
        """End a model's call with an error."""
        self._told.on_llm_error(_named(error), **self._masked(told))

    async def on_tool_start(self, serialized: Any, input_str: Any, **told: Any) -> None:
        """Begin a tool's call."""
        self._told.on_tool_start(serialized, input_str, **_cleaned(self._masked(told)))

    async def on_tool_end(self, output: Any, **told: Any) -> None:
        """End it."""
        self._told.on_tool_end(output, **self._masked(told))

    async def on_tool_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error."""
        self._told.on_tool_error(_named(error), **self._masked(told))

    async def on_retriever_start(self, serialized: Any, query: Any, **told: Any) -> None:
        """Begin a search."""
        self._told.on_retriever_start(serialized, query, **_cleaned(told))

    async def on_retriever_end(self, documents: Any, **told: Any) -> None:
        """End it."""
        self._told.on_retriever_end(documents, **self._masked(told))

    async def on_retriever_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error."""
        self._told.on_retriever_error(_named(error), **self._masked(told))

    def _masked(self, told: dict[str, Any]) -> dict[str, Any]:
        """Leave out the inputs that come again at an end."""
        return told | {"inputs": None} if told.get("inputs") else told


class _Waits(GraphBubbleUp):
    """A pause for a person, without the packet that the person sees."""

    def __str__(self) -> str:
        return "waits"


def _cleaned(told: dict[str, Any]) -> dict[str, Any]:
    """Keep of the metadata what may leave, and no tags; the trace has its own."""
    metadata = told.get("metadata") or {}
    kept = {key: value for key, value in metadata.items() if key in WORDS}
    return told | {"metadata": kept, "tags": None}


def _of_model(told: dict[str, Any]) -> dict[str, Any]:
    """Name a model that has no name; the SDK would complain of each, once a run."""
    cleaned = _cleaned(told)
    kept = cleaned["metadata"]
    return cleaned | {"metadata": {"ls_model_name": kept.get("ls_provider", "unnamed")} | kept}


def _named(error: BaseException) -> BaseException:
    """Give an error that says only what it is called; its message may quote a customer."""
    if isinstance(error, GraphBubbleUp):
        return _Waits()
    return RuntimeError(type(error).__name__)
