"""The client of a provider: the real langchain-openai against a provider on this machine."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import BaseModel, Field, SecretStr

from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ConfigError, ModelReplyError, ModelUnavailable
from procx_graph.llm import ask, connect, within
from procx_graph.llm.breaker import Breaker
from procx_graph.llm.chat import ChatModel
from procx_graph.llm.openai_chat import OpenAIChats
from procx_graph.prompts import RenderedPrompt
from procx_graph.testing import (
    Answer,
    Fault,
    Given,
    HttpAnswer,
    ModelRequest,
    ModelServer,
    ToolCall,
    faults,
)

KEY = SecretStr("sk-test-0123456789")
PROMPT = RenderedPrompt(
    name="a/b", version=1, digest="0" * 12, instructions="Judge the mood.", record="They wait."
)
GOOD = {"mood": "bad", "urgency": 4}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


class Mood(BaseModel):
    mood: str = Field(max_length=20)
    urgency: int = Field(ge=1, le=5)


@asynccontextmanager
async def client(
    server: ModelServer, *, breaker: Breaker | None = None, **options: Any
) -> AsyncIterator[ChatModel]:
    chats = OpenAIChats("gpt-4o-mini", key=KEY, base_url=server.url)
    model = ChatModel(chats, name="gpt-4o-mini", breaker=breaker, **options)
    try:
        yield model
    finally:
        await model.aclose()


async def test_a_typed_answer_comes_with_its_tokens() -> None:
    with ModelServer([GOOD], key=KEY.get_secret_value()) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.result == Mood(mood="bad", urgency=4)
    assert reply.model == "gpt-4o-mini"
    assert reply.tokens.calls == 1
    assert reply.tokens.prompt > 0
    assert reply.tokens.completion > 0


async def test_the_schema_is_strict_and_the_common_part_comes_first() -> None:
    with ModelServer([GOOD]) as server:
        async with client(server) as model:
            await model(PROMPT, Mood)

    asked = server.requests[0]
    assert asked.format["json_schema"]["strict"] is True
    assert [role for role, _ in asked.messages] == ["system", "user"]
    assert (asked.system, asked.user) == ("Judge the mood.", "They wait.")


@pytest.mark.parametrize(
    "bad",
    [
        "I think they are angry.",
        '{"mood": "bad"}',
        '{"mood": "bad", "urgency": 9}',
        "",
        faults.broken_content(),
        json.dumps({"mood": "x" * 50_000, "urgency": 1}),
        "[1, 2]",
        '{"mood": "bad", "urgency": ' + "1" * 5_000 + "}",
        '{"mood": "\\ud800", "urgency": 4}',
    ],
)
async def test_a_bad_answer_is_repaired_once_with_what_was_wrong(bad: Any) -> None:
    with ModelServer([bad, GOOD]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.result.urgency == 4
    assert reply.tokens.calls == 2
    assert "That cannot be used" in server.requests[1].user


async def test_a_second_bad_answer_is_an_error_that_keeps_reply_and_tokens() -> None:
    with ModelServer(["never", '{"mood": 3}', GOOD]) as server:
        async with client(server) as model:
            with pytest.raises(ModelReplyError, match="asked twice: mood") as caught:
                await model(PROMPT, Mood)

    assert caught.value.reply == '{"mood": 3}'
    assert caught.value.tokens.calls == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "said",
    [
        "Sure! Here it is:\n```json\n" + json.dumps(GOOD) + "\n```\nAnything else?",
        "{first_name} waits. " + json.dumps(GOOD),
        Answer(tool_calls=(ToolCall("mood", GOOD),)),
    ],
)
async def test_an_answer_is_found_in_a_fence_in_prose_and_in_a_tool_call(said: Any) -> None:
    with ModelServer([said]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.result == Mood(mood="bad", urgency=4)
    assert reply.tokens.calls == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.rate_limited(retry_after_ms=10),
        faults.server_error(retry_after_ms=10),
        faults.overloaded(retry_after_ms=10),
        faults.cut_before_head(),
        faults.cut_in_body(),
    ],
)
async def test_a_passing_fault_is_tried_again(fault: Any) -> None:
    with ModelServer([fault, GOOD]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.result.mood == "bad"
    assert len(server.requests) == 2


async def test_a_wait_that_the_provider_asks_for_is_kept_beyond_the_clients_own_retry() -> None:
    busy = [faults.rate_limited(retry_after_ms=10)] * 3
    with ModelServer([*busy, GOOD]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.result.mood == "bad"


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "100"},
        {
            "Date": "Mon, 30 Jun 2025 12:00:00 GMT",
            "Retry-After": "Mon, 30 Jun 2025 12:01:40 GMT",
        },
        {"Retry-After": "inf"},
    ],
)
async def test_a_wait_longer_than_the_run_lives_is_not_begun(headers: dict[str, str]) -> None:
    with ModelServer([faults.status(429, headers=headers), GOOD]) as server:
        async with client(server) as model:
            with within(5.0), pytest.raises(ModelUnavailable, match="429"):
                await asyncio.wait_for(model(PROMPT, Mood), timeout=4)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.unauthorized(), "401"),
        (faults.status(403), "403"),
        (faults.status(404), "404"),
        (faults.status(401, headers={"Retry-After": "0"}), "401"),
    ],
)
async def test_what_trying_again_cannot_mend_opens_the_breaker_at_once(
    fault: Any, told: str
) -> None:
    with ModelServer([fault]) as server:
        async with client(server) as model:
            with pytest.raises(ModelUnavailable, match=told):
                await model(PROMPT, Mood)
            with pytest.raises(ModelUnavailable, match="left alone"):
                await model(PROMPT, Mood)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault", [faults.broken_body(), faults.empty_body(), faults.html_page(), faults.html_page(200)]
)
async def test_a_broken_provider_is_unavailable_whatever_it_sends(fault: Any) -> None:
    with ModelServer([fault] * 4) as server:
        async with client(server, patience=2.0) as model:
            with pytest.raises(ModelUnavailable, match="gpt-4o-mini did not answer"):
                await model(PROMPT, Mood)


async def test_an_answer_that_never_ends_is_given_up_on() -> None:
    with ModelServer([faults.dripping(60)]) as server:
        async with client(server, patience=0.5) as model:
            with pytest.raises(ModelUnavailable, match="within"):
                await model(PROMPT, Mood)


async def test_a_long_answer_that_is_no_json_costs_no_time() -> None:
    with ModelServer(['{"mood": "' + "x" * 50_000, GOOD]) as server:
        async with client(server, patience=3.0) as model:
            reply = await model(PROMPT, Mood)

    assert reply.tokens.calls == 2


@pytest.mark.parametrize(
    "fault",
    [
        faults.bad_request(),
        faults.too_long(),
        faults.refused(),
        faults.cut_short(),
        faults.filtered(),
    ],
)
async def test_a_refused_question_says_nothing_about_the_provider(fault: Any) -> None:
    with ModelServer([fault, fault, GOOD]) as server:
        async with client(server, breaker=Breaker(failures=1)) as model:
            with pytest.raises(ModelReplyError):
                await model(PROMPT, Mood)
            assert not model.breaker.open


async def test_whoever_is_slow_is_given_up_on_in_time() -> None:
    with ModelServer([faults.slow(60)]) as server:
        async with client(server, patience=0.3) as model:
            with pytest.raises(ModelUnavailable, match="within"):
                await model(PROMPT, Mood)


async def test_failures_in_a_row_open_the_breaker_until_one_call_succeeds() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, cool_down=30, monotonic=lambda: now[0])
    down = faults.status(500, headers={"x-should-retry": "false"})
    with ModelServer([down, down, GOOD, GOOD]) as server:
        async with client(server, breaker=breaker) as model:
            for _ in range(2):
                with pytest.raises(ModelUnavailable, match="500"):
                    await model(PROMPT, Mood)
            with pytest.raises(ModelUnavailable, match="left alone"):
                await model(PROMPT, Mood)
            now[0] = 31
            reply = await model(PROMPT, Mood)

    assert reply.result.mood == "bad"
    assert not breaker.open
    assert len(server.requests) == 3


async def test_no_more_calls_are_under_way_than_allowed() -> None:
    with ModelServer(lambda _: Answer(GOOD, after=0.03)) as server:
        async with client(server, concurrency=3) as model:
            await asyncio.gather(*(model(PROMPT, Mood) for _ in range(12)))

    assert server.most_at_once <= 3


async def test_waiting_for_ones_turn_is_no_failure_of_the_provider() -> None:
    with ModelServer(lambda _: Answer(GOOD, after=0.2)) as server:
        async with client(
            server, concurrency=1, patience=1.0, breaker=Breaker(failures=1)
        ) as model:
            replies = await asyncio.gather(*(model(PROMPT, Mood) for _ in range(8)))

    assert len(replies) == 8


async def test_a_run_without_time_asks_nobody_and_blames_nobody() -> None:
    with ModelServer(GOOD) as server:
        async with client(server, breaker=Breaker(failures=1)) as model:
            for seconds in (0.0, -1.0):
                with within(seconds), pytest.raises(ModelUnavailable, match="time of this run"):
                    await model(PROMPT, Mood)
            assert not model.breaker.open

    assert server.requests == []


async def test_a_provider_that_tells_no_usage_is_counted_as_uncounted() -> None:
    with ModelServer([Answer(GOOD, usage=False)]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.tokens == Tokens(calls=1, uncounted=1)


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens": -5, "completion_tokens": 1, "total_tokens": -4},
        {"prompt_tokens": 5.5, "completion_tokens": 1, "total_tokens": 6},
        {"prompt_tokens": "many", "completion_tokens": 1, "total_tokens": 6},
        {
            "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6,
            "prompt_tokens_details": {"cached_tokens": -3},
        },
    ],
)  # fmt: skip
async def test_a_provider_that_tells_impossible_usage_is_counted_as_uncounted(told: Any) -> None:
    message = {"role": "assistant", "content": json.dumps(GOOD)}
    whole = {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": told,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }  # fmt: skip
    with ModelServer([Fault(HttpAnswer((json.dumps(whole).encode(),)))]) as server:
        async with client(server) as model:
            reply = await model(PROMPT, Mood)

    assert reply.tokens == Tokens(calls=1, uncounted=1)


async def test_a_run_without_time_left_says_nothing_about_the_provider() -> None:
    with ModelServer([GOOD]) as server:
        async with client(server, breaker=Breaker(failures=1)) as model:
            with within(0.0), pytest.raises(ModelUnavailable, match="time of this run") as caught:
                await model(PROMPT, Mood)
            reply = await model(PROMPT, Mood)

    assert caught.value.tokens is None
    assert reply.result.mood == "bad"
    assert len(server.requests) == 1


async def test_waiting_for_ones_turn_is_not_the_providers_slowness() -> None:
    with ModelServer(lambda _: Answer(GOOD, after=0.4)) as server:
        async with client(server, concurrency=1, patience=2.0) as model:
            replies = await asyncio.gather(*(model(PROMPT, Mood) for _ in range(8)))

    assert [reply.result.mood for reply in replies] == ["bad"] * 8
    assert server.most_at_once == 1


async def test_who_waits_for_a_turn_when_the_provider_goes_down_is_told_at_once() -> None:
    down = faults.status(500, headers={"x-should-retry": "false"})
    with ModelServer(lambda _: down) as server:
        async with client(server, concurrency=1, breaker=Breaker(failures=2)) as model:
            asked = (model(PROMPT, Mood) for _ in range(8))
            errors = await asyncio.gather(*asked, return_exceptions=True)

    assert all(isinstance(error, ModelUnavailable) for error in errors)
    assert len(server.requests) == 2


async def test_a_trial_that_is_given_up_leaves_the_next_one_its_turn() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, cool_down=30, monotonic=lambda: now[0])
    breaker.failed()
    now[0] = 31
    with ModelServer([faults.slow(60), GOOD]) as server:
        async with client(server, breaker=breaker) as model:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(model(PROMPT, Mood), timeout=0.3)
            now[0] = 62
            reply = await model(PROMPT, Mood)

    assert reply.result.mood == "bad"
    assert not breaker.open


def test_clients_of_loops_that_ended_are_not_kept() -> None:
    chats, loops = OpenAIChats("gpt-4o-mini", key=KEY), []

    async def made() -> None:
        loops.append(asyncio.get_running_loop())  # as connections do
        chats()

    for _ in range(4):
        asyncio.run(made())

    assert list(chats._chats) == loops[-1:]


async def test_tokens_out_of_the_cache_are_told() -> None:
    long = PROMPT.model_copy(update={"instructions": "Judge the mood. " * 800})
    with ModelServer([GOOD, GOOD]) as server:
        async with client(server) as model:
            first, second = [await model(long, Mood) for _ in range(2)]

    assert first.tokens.cached == 0
    assert second.tokens.cached >= 1_024


def test_synchronous_code_can_ask_again_and_again() -> None:
    with ModelServer([GOOD, GOOD]) as server:
        model = connect("openai:gpt-4o-mini", key=KEY, base_url=server.url)
        moods = [ask(model, PROMPT, Mood).result.mood for _ in range(2)]

    assert moods == ["bad", "bad"]


async def test_synchronous_code_can_ask_inside_a_running_loop() -> None:
    with ModelServer([GOOD]) as server:
        model = connect("gpt-4o-mini", key=KEY, base_url=server.url)
        reply = ask(model, PROMPT, Mood)

    assert reply.result.mood == "bad"


async def test_a_chat_model_without_structured_output_is_asked_in_words() -> None:
    fake = FakeListChatModel(responses=["Well: " + json.dumps(GOOD)])

    reply = await connect(fake)(PROMPT, Mood)

    assert reply.result.urgency == 4
    assert reply.tokens.uncounted == 1


async def test_the_key_is_in_no_error_and_no_representation() -> None:
    with ModelServer([faults.unauthorized()]) as server:
        async with client(server) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model(PROMPT, Mood)

    assert KEY.get_secret_value() not in f"{caught.value!r}{vars(model)}"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: connect("openai:gpt-4o-mini"), "OPENAI_API_KEY"),
        (lambda: connect(""), "names no model"),
        (lambda: connect("openai:"), "names no model"),
        (lambda: connect("nobody:large"), "nobody"),
        (lambda: connect(cast("Any", 3)), "not int"),
    ],
)
def test_what_is_no_model_is_refused_by_name(make: Callable[[], object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        make()


def test_a_server_of_ones_own_needs_no_key() -> None:
    with ModelServer([GOOD]) as server:
        model = connect("openai:llama3", base_url=server.url)

        assert ask(model, PROMPT, Mood).result.mood == "bad"


@pytest.mark.parametrize("name", [" OpenAI: llama3 ", "openai:llama3", "llama3"])
def test_a_name_is_read_however_it_is_written(name: str) -> None:
    model = connect(name, base_url="http://127.0.0.1:1")

    assert isinstance(model, ChatModel)
    assert model.name == "llama3"


def test_a_model_stays_as_it_is() -> None:
    with ModelServer() as server:
        model = connect("openai:x", base_url=server.url)

    assert connect(model) is model


async def test_a_langchain_chat_model_is_asked_as_it_was_made() -> None:
    with ModelServer([GOOD]) as server:
        http = DefaultAsyncHttpxClient()
        chat = ChatOpenAI(
            model="gpt-4o-mini", api_key=KEY, base_url=server.url, temperature=0.0,
            http_async_client=http,
        )  # fmt: skip
        reply = await connect(chat)(PROMPT, Mood)
        await http.aclose()

    assert (reply.result.mood, reply.model) == ("bad", "gpt-4o-mini")
    assert server.requests[0].body["temperature"] == 0.0


async def test_waiting_for_the_pace_is_no_failure_of_the_provider() -> None:
    with ModelServer(lambda _: GOOD) as server:
        async with client(server, rate=10, patience=0.25, breaker=Breaker(failures=1)) as model:
            replies = await asyncio.gather(*(model(PROMPT, Mood) for _ in range(6)))

    assert len(replies) == len(server.requests) == 6


@pytest.mark.filterwarnings("ignore::UserWarning")
async def test_a_server_that_takes_no_schema_is_asked_in_words_from_then_on() -> None:
    def simple(asked: ModelRequest) -> Given:
        if asked.schema is not None:
            return faults.bad_request("response_format is not supported")
        return "Sure: " + json.dumps(GOOD)

    with ModelServer(simple) as server:
        async with client(server) as model:
            moods = [(await model(PROMPT, Mood)).result.mood for _ in range(3)]

    assert moods == ["bad"] * 3
    assert [request.schema is not None for request in server.requests] == [True] + [False] * 3
    assert "JSON object of this schema" in server.requests[-1].user


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL begins with"):
        connect("openai:llama3", base_url="127.0.0.1:11434/v1")


async def test_a_request_has_twenty_seconds_and_one_more_try() -> None:
    chats = OpenAIChats("gpt-4o-mini", key=KEY)
    chat = chats()
    await chats.aclose()

    assert (chat.request_timeout, chat.max_retries) == (20.0, 1)


def test_a_name_finds_key_and_server_where_openais_own_client_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ModelServer([GOOD], key="sk-env") as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        reply = ask(connect("openai:gpt-4o-mini"), PROMPT, Mood)

    assert reply.result.mood == "bad"


def test_without_a_model_no_client_of_one_is_loaded() -> None:
    code = (
        "import sys; from procx_graph import CustomerBase, Monitor\n"
        "with Monitor(CustomerBase.sample()) as m: m.scan(limit=2, dry_run=True)\n"
        "assert not {'openai', 'langchain_openai', 'langfuse'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
