"""OpenAI's chat client, and whatever else speaks like it: one for each event loop."""

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pydantic import SecretStr

from procx_graph.errors import ConfigError
from procx_graph.llm.deadline import time_left
from procx_graph.llm.failures import wait_asked_for

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

TIMEOUT = 20.0
"""Seconds for one request."""
RETRIES = 1
"""Times that the client itself sends a request again."""
LONGEST_ANSWER = 4_000
"""Tokens of an answer, reasoning included."""


class OpenAIChats:
    """Gives the `ChatOpenAI` of the running event loop; nothing is made before it is asked.

    Connections belong to the event loop in which they were opened, hence one client for each.

    Args:
        model: The provider's name of the model.
        key: Its key; servers of one's own (vLLM, Ollama) need none.
        base_url: Of a compatible server; OpenAI's own when not given.

    Raises:
        ConfigError: There is neither key nor server, or its address is none.
    """

    def __init__(
        self,
        model: str,
        *,
        key: SecretStr | None,
        base_url: str | None = None,
    ) -> None:
        if key is None and base_url is None:
            raise ConfigError(
                f"model openai:{model} needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server of "
                "your own"
            )
        if base_url is not None and not base_url.startswith(("http://", "https://")):
            raise ConfigError(f"OPENAI_BASE_URL begins with http:// or https://, not {base_url!r}")
        self.model, self._key, self._base_url = model, key, base_url
        self._chats: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[ChatOpenAI, Any]] = (
            WeakKeyDictionary()
        )

    def __call__(self) -> "ChatOpenAI":
        """Give the client of the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._chats:
            # connections hold their loop, so that one that ended would be kept for ever
            for ended in [known for known in list(self._chats) if known.is_closed()]:
                self._chats.pop(ended, None)
            self._chats[loop] = self._made()
        return self._chats[loop][0]

    async def aclose(self) -> None:
        """Close the connections that were opened in the running event loop."""
        _, http = self._chats.pop(asyncio.get_running_loop(), (None, None))
        if http is not None:
            await http.aclose()

    def _made(self) -> "tuple[ChatOpenAI, Any]":
        from langchain_openai import ChatOpenAI
        from openai import DefaultAsyncHttpxClient

        http = DefaultAsyncHttpxClient(
            timeout=TIMEOUT, event_hooks={"response": [_no_useless_wait]}
        )
        chat = ChatOpenAI(
            model=self.model,
            api_key=self._key or SecretStr("none"),
            base_url=self._base_url,
            timeout=TIMEOUT,
            max_retries=RETRIES,
            max_completion_tokens=LONGEST_ANSWER,
            http_async_client=http,
        )
        return chat, http


async def _no_useless_wait(response: Any) -> None:
    """Keep the client from sleeping longer than the run lives.

    It obeys `Retry-After` up to two minutes; `x-should-retry` is its own header for not doing so.
    """
    wait, left = wait_asked_for(_Responded(response)), time_left()
    if wait is not None and left is not None and wait >= left:
        response.headers["x-should-retry"] = "false"


class _Responded(Exception):
    """A response as the errors of clients carry it."""

    def __init__(self, response: Any) -> None:
        self.response = response
