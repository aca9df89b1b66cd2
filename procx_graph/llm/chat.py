"""A LangChain chat model as a `Model`: typed answers, one repair, time limits, a breaker."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ModelError, ModelReplyError, ModelUnavailable
from procx_graph.llm.answer import read_answer, text_of
from procx_graph.llm.breaker import Breaker
from procx_graph.llm.deadline import time_left, within
from procx_graph.llm.failures import is_for_good, model_error, status_of, wait_asked_for
from procx_graph.llm.model import Reply, ResultT
from procx_graph.llm.talk import Talk, config_of
from procx_graph.prompts import RenderedPrompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.rate_limiters import BaseRateLimiter

log = logging.getLogger(__name__)

PATIENCE = 45.0
"""Seconds for one answer from when it is asked for, its repair included."""
CONCURRENCY = 8
"""Calls of one model under way at once."""
BAD_REQUEST = 400
SENDS = 3
"""Times that one question goes out, when the provider says how long to wait in between."""


class ChatModel:
    """Asks a LangChain chat model for a typed answer, and never waits longer than it may.

    The answer is validated here and not by the client, so that a bad one is known with its tokens
    and can be repaired: once, with what was wrong. Failures in a row open a breaker, which refuses
    further calls at once until a while has passed.

    Args:
        chat: The chat model, or what gives the one of the running event loop.
        name: As logs and prices call it.
        concurrency: Calls under way at once in one event loop.
        patience: Seconds for one answer, from when it is asked for; a shorter deadline of the run
            counts, and is all that counts while other calls go first.
        breaker: Shared by whoever shares the provider; its own when not given.
        rate: Questions a second at most, over all event loops; waiting for one's turn takes no
            patience. Repairs are not counted.
    """

    def __init__(
        self,
        chat: "BaseChatModel | Callable[[], BaseChatModel]",
        *,
        name: str,
        concurrency: int = CONCURRENCY,
        patience: float = PATIENCE,
        breaker: Breaker | None = None,
        rate: float | None = None,
    ) -> None:
        self.name, self.breaker, self._rate = name, breaker or Breaker(), rate
        self._pace: BaseRateLimiter | None = None
        self._in_words = False
        self._chat, self._concurrency, self._patience = chat, concurrency, patience
        self._doors: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    async def __call__(self, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
        """Answer a prompt with a value of the asked type.

        Raises:
            ModelUnavailable: It does not answer in time, or the breaker is open.
            ModelReplyError: Neither answer nor repair is such a value.
        """
        if self.breaker.open:
            raise self._refused()
        door = self._door()
        try:
            async with asyncio.timeout(time_left()):
                await door.acquire()
        except TimeoutError as error:
            raise self._silent("was not asked: the time of this run is up") from error
        try:
            await self._paced()
            return await self._in_time(
                Talk(prompt, result, in_words=self._in_words), prompt, result
            )
        finally:
            door.release()

    async def _paced(self) -> None:
        if self._rate is None:
            return
        if self._pace is None:
            from langchain_core.rate_limiters import InMemoryRateLimiter

            self._pace = InMemoryRateLimiter(
                requests_per_second=self._rate, check_every_n_seconds=0.05, max_bucket_size=1
            )
        try:
            async with asyncio.timeout(time_left()):
                await self._pace.aacquire()
        except TimeoutError as error:
            raise self._silent("was not asked: the time of this run is up") from error

    async def aclose(self) -> None:
        """Close the connections that were opened in this event loop."""
        close = getattr(self._chat, "aclose", None)
        if close is not None:
            await close()

    async def _in_time(
        self, talk: Talk, prompt: RenderedPrompt, result: type[ResultT]
    ) -> Reply[ResultT]:
        """Ask for at most our patience, or what is left of the run's time."""
        left = time_left()
        patience = self._patience if left is None else min(self._patience, left)
        if patience <= 0:
            raise self._silent("was not asked: the time of this run is up")
        if not self.breaker.admits():
            raise self._refused()
        with within(patience):
            try:
                async with asyncio.timeout(patience):
                    return await self._answered(talk, prompt, result)
            except TimeoutError as error:
                late = self._silent(f"did not answer within {patience:.1f} s")
                self._note_failure(late, for_good=False)
                late.tokens = talk.tokens + Tokens(calls=1, uncounted=1)
                raise late from error

    async def _answered(
        self, talk: Talk, prompt: RenderedPrompt, result: type[ResultT]
    ) -> Reply[ResultT]:
        refused: ModelReplyError | None = None
        for _ in range(2):
            said = await self._said(talk, prompt)
            talk.count(said)
            text = text_of(said)
            try:
                return Reply(read_answer(text, result), talk.tokens, self.name)
            except ModelReplyError as error:
                refused = error
                talk.object_to(text, str(error))
        assert refused is not None
        bad = ModelReplyError(f"model {self.name}, asked twice: {refused}", reply=refused.reply)
        bad.tokens, bad.model = talk.tokens, self.name
        raise bad from refused

    async def _said(self, talk: Talk, prompt: RenderedPrompt) -> "AIMessage":
        """Send the talk so far; wait and send again when the provider says for how long."""
        chat = self._chat() if callable(self._chat) else self._chat
        for left in reversed(range(SENDS)):
            try:
                said = await talk.ask(chat, config_of(prompt))
            except Exception as error:
                if status_of(error) == BAD_REQUEST and left and not talk.in_words:
                    talk.in_words = True
                    continue
                wait = None if is_for_good(error) else wait_asked_for(error)
                if left and wait is not None and wait < (time_left() or 0.0):
                    await asyncio.sleep(wait)
                    continue
                raise self._failed(error, talk) from error
            self.breaker.succeeded()
            if talk.in_words and not self._in_words:
                log.info("model takes no schema, it is asked in words", extra={"model": self.name})
                self._in_words = True
            return said
        raise AssertionError("the last try returns or raises")

    def _failed(self, error: Exception, talk: Talk) -> ModelError:
        found = model_error(error, self.name)
        found.tokens = talk.tokens + found.tokens
        if isinstance(found, ModelUnavailable):
            self._note_failure(found, for_good=is_for_good(error))
        else:
            self.breaker.succeeded()
        return found

    def _note_failure(self, problem: ModelError, *, for_good: bool) -> None:
        if self.breaker.failed(for_good=for_good):
            log.warning("%s: rules go on", problem, extra={"model": self.name})

    def _refused(self) -> ModelUnavailable:
        return self._silent("is left alone for a while after failures in a row")

    def _silent(self, what: str) -> ModelUnavailable:
        error = ModelUnavailable(f"model {self.name} {what}")
        error.model = self.name
        return error

    def _door(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        return self._doors.setdefault(loop, asyncio.Semaphore(self._concurrency))
