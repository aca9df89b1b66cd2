"""The LangChain callbacks of Langfuse, given only what may leave."""

import re
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langfuse.langchain import CallbackHandler
from langgraph.errors import GraphBubbleUp

from procx_graph.tracing.allow_list import WORDS
from procx_graph.tracing.harmless import Harmless

_NODE = re.compile(r"[a-z_]{1,60}")


class HarmlessHandler(BaseCallbackHandler):
    """Hands on inputs, outputs and metadata without texts, and errors by their name.

    The SDK looks for files in what it is given, and uploads them, before its mask is asked; it
    writes the message of an exception, and the payload of an interrupt, into the span; and it
    puts all metadata of a run on every span. So all of that is taken out before.

    Events are told at once, and not by a thread or task for each, which would take as long as the
    telling; each in a copy of the context, because what the SDK makes current would stay.

    Args:
        public_key: Of the client that is meant.
        mask: What may leave of a value.
        content: Whether texts may leave. Without them a node's input is left out too: it is the
            outputs of the nodes before.
        harmless: Keeps what goes wrong here from the run.
    """

    run_inline = True

    def __init__(
        self,
        *,
        public_key: str,
        mask: Callable[[Any], Any],
        content: bool,
        harmless: Harmless,
    ) -> None:
        self._told = CallbackHandler(public_key=public_key)
        self._mask, self._content, self._harmless = mask, content, harmless

    def on_chain_start(self, serialized: Any, inputs: Any, **told: Any) -> None:
        """Begin a graph, a node or a router."""
        known = told.get("parent_run_id") is not None and not self._content
        given = None if known else inputs
        self._tell(self._told.on_chain_start, serialized, given, **_cleaned(told))

    def on_chain_end(self, outputs: Any, **told: Any) -> None:
        """End it; a router gives the name of a node."""
        if isinstance(outputs, str) and _NODE.fullmatch(outputs):
            outputs = {"route": outputs}
        self._tell(self._told.on_chain_end, outputs, **told)

    def on_chain_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error, or with a pause."""
        self._tell(self._told.on_chain_error, _named(error), **told)

    def on_chat_model_start(self, serialized: Any, messages: Any, **told: Any) -> None:
        """Begin a call of a chat model."""
        self._tell(self._told.on_chat_model_start, serialized, messages, **_of_model(told))

    def on_llm_start(self, serialized: Any, prompts: Any, **told: Any) -> None:
        """Begin a call of a model that completes texts."""
        self._tell(self._told.on_llm_start, serialized, prompts, **_of_model(told))

    def on_llm_new_token(self, token: Any, **told: Any) -> None:
        """Note when a model began to answer."""
        del token
        self._tell(self._told.on_llm_new_token, "", run_id=told["run_id"])

    def on_llm_end(self, response: Any, **told: Any) -> None:
        """End a model's call."""
        self._tell(self._told.on_llm_end, response, **told)

    def on_llm_error(self, error: BaseException, **told: Any) -> None:
        """End a model's call with an error."""
        self._tell(self._told.on_llm_error, _named(error), **told)

    def on_tool_start(self, serialized: Any, input_str: Any, **told: Any) -> None:
        """Begin a tool's call."""
        self._tell(self._told.on_tool_start, serialized, input_str, **_cleaned(told))

    def on_tool_end(self, output: Any, **told: Any) -> None:
        """End it."""
        self._tell(self._told.on_tool_end, output, **told)

    def on_tool_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error."""
        self._tell(self._told.on_tool_error, _named(error), **told)

    def on_retriever_start(self, serialized: Any, query: Any, **told: Any) -> None:
        """Begin a search."""
        self._tell(self._told.on_retriever_start, serialized, query, **_cleaned(told))

    def on_retriever_end(self, documents: Any, **told: Any) -> None:
        """End it."""
        self._tell(self._told.on_retriever_end, documents, **told)

    def on_retriever_error(self, error: BaseException, **told: Any) -> None:
        """End it with an error."""
        self._tell(self._told.on_retriever_error, _named(error), **told)

    def _tell(self, event: Callable[..., object], *given: Any, **told: Any) -> None:
        """Tell an event, with what may leave of a chain's values; inputs come but once."""
        with self._harmless("tell a step"):
            if event in (self._told.on_chain_start, self._told.on_chain_end):
                given = (*given[:-1], self._mask(given[-1]))
            if "inputs" in told:
                told["inputs"] = None
            copy_context().run(event, *given, **told)


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
