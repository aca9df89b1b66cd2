"""One call of a chat model: what was said so far, and how it is asked for a typed answer."""

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from procx_graph.domain.tokens import Tokens
from procx_graph.llm.strict_schema import strict_schema
from procx_graph.prompts import RenderedPrompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable

QUOTED = 2_000
"""Characters of a refused answer that the model is shown again."""


class Talk:
    """What was said in one call so far: the prompt, and after a bad answer the objection.

    Args:
        prompt: Instructions and record.
        result: The type of the answer.
        in_words: Whether the schema is told in words, for servers that take none.
    """

    def __init__(
        self, prompt: RenderedPrompt, result: type[BaseModel], *, in_words: bool = False
    ) -> None:
        from langchain_core.messages import HumanMessage, SystemMessage

        self.schema = strict_schema(result)
        self.messages: list[BaseMessage] = [
            SystemMessage(prompt.instructions),
            HumanMessage(prompt.record),
        ]
        self.tokens, self.in_words = Tokens(), in_words

    async def ask(self, chat: "BaseChatModel", config: Any) -> "AIMessage":
        """Send the messages, with the schema as strict as the client can.

        LangChain's own structured output is left out: its parser mends broken JSON without a word,
        and takes seconds of CPU over a long text that is none.
        """
        from langchain_core.messages import AIMessage

        messages = self.messages
        bound = None if self.in_words else _bound(chat, self.schema)
        if bound is None:
            messages, bound = [*messages, self._schema_in_words()], chat
        said = await bound.ainvoke(messages, config)
        assert isinstance(said, AIMessage)
        return said

    def count(self, said: "AIMessage") -> None:
        """Add what an answer took."""
        usage = said.usage_metadata
        try:
            if usage is None:
                raise LookupError
            self.tokens += Tokens(
                calls=1,
                prompt=usage["input_tokens"],
                cached=usage.get("input_token_details", {}).get("cache_read") or 0,
                completion=usage["output_tokens"],
            )
        except (LookupError, ValidationError):  # some servers tell figures that are none
            self.tokens += Tokens(calls=1, uncounted=1)

    def object_to(self, text: str, problem: str) -> None:
        """Show the model its answer and what is wrong with it."""
        from langchain_core.messages import AIMessage, HumanMessage

        self.messages += [
            AIMessage(text[:QUOTED] or "(nothing)"),
            HumanMessage(f"That cannot be used: {problem}. Answer again, with JSON alone."),
        ]

    def _schema_in_words(self) -> "BaseMessage":
        from langchain_core.messages import HumanMessage

        schema = json.dumps(self.schema, ensure_ascii=False)
        return HumanMessage(
            f"Answer with one JSON object of this schema and no other word: {schema}"
        )


def config_of(prompt: RenderedPrompt) -> dict[str, Any]:
    """Give the call's name and metadata, by which traces tell which prompt it was."""
    return {
        "run_name": prompt.name,
        "metadata": {
            "prompt_name": prompt.name,
            "prompt_version": prompt.version,
            "prompt_digest": prompt.digest,
            "prompt_source": prompt.source,
        },
    }


def _bound(chat: "BaseChatModel", schema: dict[str, Any]) -> "Runnable[Any, Any] | None":
    """Give a chat model that answers by a schema, `None` when its package knows no such thing.

    OpenAI's takes it as the form of the answer; others as a tool that must be called.
    """
    from langchain_openai.chat_models.base import BaseChatOpenAI

    if isinstance(chat, BaseChatOpenAI):
        form = {"name": schema["title"], "strict": True, "schema": schema}
        return chat.bind(response_format={"type": "json_schema", "json_schema": form})
    try:
        return chat.bind_tools([schema], tool_choice=schema["title"])
    except NotImplementedError:
        return None
