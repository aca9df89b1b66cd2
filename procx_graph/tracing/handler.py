"""The LangChain callbacks of Langfuse, given only what may leave."""

import re
from typing import Any

from langfuse.langchain import CallbackHandler
from langgraph.errors import GraphBubbleUp

from procx_graph.tracing.allow_list import WORDS

_NODE = re.compile(r"[a-z_]{1,60}")


class _Waits(GraphBubbleUp):
    """A pause for a person, without the packet that the person sees."""

    def __str__(self) -> str:
        return "waits"


class HarmlessHandler(CallbackHandler):
    """Hands on inputs, outputs and metadata without texts, and errors by their name.

    The SDK looks for files in what it is given, and uploads them, before its mask is asked; it
    writes the message of an exception, and the payload of an interrupt, into the span; and it
    puts all metadata of a run on every span. So all of that is taken out before.

    Args:
        public_key: Of the client that is meant.
        mask: What may leave of a value.
    """

    def __init__(self, *, public_key: str, mask: Any) -> None:
        super().__init__(public_key=public_key)
        self._mask = mask

    def on_chain_start(self, serialized: Any, inputs: Any, **told: Any) -> Any:
        """Begin a graph, a node or a router."""
        return super().on_chain_start(serialized, self._mask(inputs), **_cleaned(told))

    def on_chain_end(self, outputs: Any, **told: Any) -> Any:
        """End it; a router gives the name of a node."""
        if isinstance(outputs, str) and _NODE.fullmatch(outputs):
            outputs = {"route": outputs}
        return super().on_chain_end(self._mask(outputs), **self._without_inputs(told))

    def on_chat_model_start(self, serialized: Any, messages: Any, **told: Any) -> Any:
        """Begin a call of a chat model."""
        return super().on_chat_model_start(serialized, messages, **_of_model(told))

    def on_llm_start(self, serialized: Any, prompts: Any, **told: Any) -> Any:
        """Begin a call of a model that completes texts."""
        return super().on_llm_start(serialized, prompts, **_of_model(told))

    def on_chain_error(self, error: BaseException, **told: Any) -> Any:
        """End it with an error, or with a pause."""
        super().on_chain_error(_named(error), **self._without_inputs(told))

    def on_llm_error(self, error: BaseException, **told: Any) -> Any:
        """End a model's call with an error."""
        return super().on_llm_error(_named(error), **self._without_inputs(told))

    def on_tool_error(self, error: BaseException, **told: Any) -> Any:
        """End a tool's call with an error."""
        return super().on_tool_error(_named(error), **self._without_inputs(told))

    def on_retriever_error(self, error: BaseException, **told: Any) -> Any:
        """End a search with an error."""
        return super().on_retriever_error(_named(error), **self._without_inputs(told))

    def _without_inputs(self, told: dict[str, Any]) -> dict[str, Any]:
        return told | {"inputs": self._mask(told["inputs"])} if told.get("inputs") else told


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
