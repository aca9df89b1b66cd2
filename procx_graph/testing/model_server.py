"""A model provider on this machine: real HTTP, scripted answers, every fault on request."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from types import TracebackType
from typing import Any

from procx_graph.testing import chat_wire, provider_errors, responses_wire
from procx_graph.testing.loopback import HttpAnswer, HttpRequest, Loopback
from procx_graph.testing.model_answers import Answer, Answers, Fault, as_rule, completed
from procx_graph.testing.model_request import ModelRequest
from procx_graph.testing.model_usage import PromptCache

USUAL_MODELS = ("gpt-4o-mini",)
MODELS = "/v1/models"


class ModelServer:
    """A model provider for tests: speaks OpenAI's interfaces on 127.0.0.1, answers as you say.

    Any client of OpenAI's interfaces can talk to it, so that a test runs the client that production
    runs, with its time-outs, retries and parsing:

        from langchain_openai import ChatOpenAI
        from procx_graph.testing import Answer, Faulty, ModelServer, faults

        with ModelServer([{"sentiment": "negative"}]) as server:
            model = ChatOpenAI(model="gpt-4o-mini", base_url=server.url, api_key="any")
            model.with_structured_output(schema, strict=True).invoke("They wait since Monday.")
            assert "Monday" in server.requests[0].user

    It serves `POST /v1/chat/completions` and `POST /v1/responses`, whole and streaming, and
    `GET /v1/models`.

    **What it answers** is a list, served in turn, or a function of the request (`ModelRequest`):

        ModelServer([{"ok": True}, "free text", faults.rate_limited(retry_after_ms=20)])
        ModelServer(lambda asked: {"summary": asked.user[:20]} if asked.schema else None)

    A table is JSON content, a text is raw content, `Answer` says more (tool calls, a refusal, why
    it ended, how long it takes), and `faults` has what goes wrong. One of these alone, instead of
    a list, is every answer. When the list is used up, or where the function gives `None`, comes
    the default: the smallest value that the request's schema allows, a call of the tool that must
    be called, else `OK`. A function is called from several threads at once, and what it raises is
    raised again at the end of the `with` block, so that it may `assert`.

    `OPENAI_BASE_URL=server.url` in the surroundings of a process leads it here too. Close clients
    before their loop or test ends, as for any server; LangChain keeps the connections of a client
    for later ones, unless it is given its own `http_client` and `http_async_client`.

    **Random faults** that repeat by their seed: `ModelServer(Faulty(rule, share=0.3, seed=7))`.

    **What it refuses**, as the provider does, whatever the script says: a wrong or missing key
    (401), an unknown model (404), a request without messages, and a strict schema that a provider
    would refuse (400; see `strict_schemas`). Such a request uses up nothing of the list.
    langchain-openai warns before it raises for a refused schema: where warnings are errors, that
    warning is what you see.

    **Usage** is counted, not measured: a token for every four characters of schema, tools and
    messages (`ModelRequest.prompt`), and of the answer. What begins like an earlier prompt of the
    same model counts as cached, from 1,024 tokens on, in steps of 128. `max_tokens` is not heeded.

    Nothing depends on a clock or on chance: ids count requests, and every answer has one date.

    Args:
        answers: A list of answers, a function that gives them, or the one answer to everything.
        key: The key that must be shown; `None` takes any, or none.
        models: The models there are; none named, any model answers.

    Attributes:
        requests: Every request so far, refused ones too, in the order in which they came. May be
            cleared.
        errors: What the function of answers raised.
    """

    def __init__(
        self,
        answers: Answers = (),
        *,
        key: str | None = None,
        models: Sequence[str] = (),
    ) -> None:
        self.key = key
        self.models = tuple(models)
        self.requests: list[ModelRequest] = []
        self._rule = as_rule(answers)
        self._cache = PromptCache()
        self._numbers = count(1)
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._http = Loopback(self._answer)

    @property
    def url(self) -> str:
        """Where it is, for a client's `base_url`."""
        return f"http://127.0.0.1:{self._http.port}/v1"

    @property
    def most_at_once(self) -> int:
        """How many requests were under way together at most."""
        return self._http.most_at_once

    @property
    def wire(self) -> bytes:
        """The raw bodies of all requests, one a line: what to search for what must not leave."""
        return b"\n".join(request.raw for request in list(self.requests))

    def answer(self, answers: Answers) -> None:
        """Answer like this from now on: a provider goes down, and comes back."""
        self._rule = as_rule(answers)

    def close(self) -> None:
        """End every connection at once, also of answers that take long."""
        self._http.close()

    def __enter__(self) -> "ModelServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, and raise what the function of answers raised, so that its `assert`s count.

        When the block fails by itself, its own error goes on, with a note.
        """
        self.close()
        if self.errors and error is None:
            raise self.errors[0]
        if self.errors and error is not None:
            error.add_note(f"before that, the answers of ModelServer raised {self.errors[0]!r}")

    def _answer(self, asked: HttpRequest) -> HttpAnswer:
        with self._lock:
            request = ModelRequest.read(asked, next(self._numbers))
            self.requests.append(request)
        try:
            answer = self._decide(request)
        except BaseException as error:  # noqa: BLE001 - raised at the end; pytest.fail is one too
            with self._lock:
                self.errors.append(error)
            answer = provider_errors.refusal(
                500, f"the rule raised {error!r}", headers={"x-should-retry": "false"}
            )
        return replace(answer, headers={"x-request-id": f"req_{request.number}", **answer.headers})

    def _decide(self, request: ModelRequest) -> HttpAnswer:
        if no := provider_errors.unauthorized(request.headers, self.key):
            return no
        if request.method == "GET" and request.path.startswith(MODELS):
            return self._tell_models(request.path.removeprefix(MODELS).strip("/"))
        return provider_errors.refused(request, self.models) or self._written(request)

    def _tell_models(self, model: str) -> HttpAnswer:
        there = self.models or USUAL_MODELS
        if not model:
            return _json(provider_errors.listed(there))
        known = model in there or not self.models
        if not known:
            return provider_errors.unknown_model(model)
        return _json(provider_errors.described(model))

    def _written(self, request: ModelRequest) -> HttpAnswer:
        given = self._rule(request)
        if not isinstance(given, Fault):
            answer = given if isinstance(given, Answer) else Answer(given)
            return self._of_answer(request, answer)
        if given.sent is not None:
            return _as_stream(given.sent) if request.streaming else given.sent
        usual = self._of_answer(request, Answer())
        return replace(usual, cut=given.cut, content_type=given.content_type or usual.content_type)

    def _of_answer(self, request: ModelRequest, given: Answer) -> HttpAnswer:
        answer = completed(given, request)
        usage = self._cache.used(request, answer)
        if request.streaming:
            stream = responses_wire.events if request.responses else chat_wire.chunks
            pieces = tuple(stream(request, answer, usage))
            sent = HttpAnswer(pieces, content_type="text/event-stream")
        else:
            whole = responses_wire.response if request.responses else chat_wire.completion
            sent = _json(whole(request, answer, usage))
        return replace(sent, after=answer.after, over=answer.over)


def _json(value: dict[str, Any]) -> HttpAnswer:
    return HttpAnswer((json.dumps(value).encode(),))


def _as_stream(sent: HttpAnswer) -> HttpAnswer:
    """Send a broken body as the event of a stream; errors and pages stay as they are."""
    if sent.status != 200 or sent.content_type != "application/json" or not sent.pieces[0]:
        return sent
    broken = b"data: " + b"".join(sent.pieces) + b"\n\n"
    return replace(sent, pieces=(broken, b"data: [DONE]\n\n"), content_type="text/event-stream")
