"""Real clients talk to the model provider of `procx_graph.testing`, and meet every fault."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import OpenAIContextOverflowError

from procx_graph.testing import (
    Answer,
    Fault,
    Faulty,
    ModelRequest,
    ModelServer,
    ToolCall,
    faults,
)

SCHEMA: dict[str, Any] = {
    "title": "situation",
    "type": "object",
    "properties": {
        "sentiment": {"enum": ["negative", "positive"]},
        "summary": {"type": "string"},
        "urgency": {"type": "integer", "minimum": 1},
    },
    "required": ["sentiment", "summary", "urgency"],
    "additionalProperties": False,
}
REFUND: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "refund",
        "parameters": {
            "type": "object",
            "properties": {"amount": {"type": "number"}},
            "required": ["amount"],
            "additionalProperties": False,
        },
    },
}
SIMPLE = '{"model": "m", "input": "?", "text": {"format": %s}}'
MESSAGES = [("system", "You read one record."), ("user", "They wait since Monday.")]
INTERFACES = pytest.mark.parametrize("responses", [False, True], ids=["chat", "responses"])
Chat = Callable[..., ChatOpenAI]


@pytest.fixture
def chat() -> Iterator[Chat]:
    """Make real LangChain clients whose connections end with the test."""
    with ExitStack() as stack:

        def make(server: ModelServer, **options: Any) -> ChatOpenAI:
            http = stack.enter_context(openai.DefaultHttpxClient())
            usual = {"model": "gpt-4o-mini", "api_key": "any", "max_retries": 0, "timeout": 20}
            return ChatOpenAI(base_url=server.url, http_client=http, **{**usual, **options})

        yield make


def client(server: ModelServer, **options: Any) -> openai.OpenAI:
    return openai.OpenAI(**{"base_url": server.url, "api_key": "any", "max_retries": 0, **options})


def structured(model: ChatOpenAI, schema: dict[str, Any] = SCHEMA) -> Any:
    return model.with_structured_output(schema, strict=True, include_raw=True)


# What a client gets


@INTERFACES
def test_a_client_gets_the_scripted_answers_in_turn_and_then_the_smallest_valid_one(
    chat: Chat, responses: bool
) -> None:
    scripted = {"sentiment": "negative", "summary": "They wait.", "urgency": 4}
    with ModelServer([scripted]) as server:
        model = structured(chat(server, use_responses_api=responses))

        first, second = model.invoke(MESSAGES), model.invoke(MESSAGES)

    assert first["parsed"] == scripted
    assert second["parsed"] == {"sentiment": "negative", "summary": "summary", "urgency": 1}
    assert first["raw"].usage_metadata["output_tokens"] > 0


@INTERFACES
async def test_asynchronous_clients_are_served_at_the_same_time(responses: bool) -> None:
    together = threading.Barrier(4, timeout=30)

    def when_all_are_there(asked: ModelRequest) -> str:
        together.wait()
        return asked.user

    async with AsyncExitStack() as stack:
        server = stack.enter_context(ModelServer(when_all_are_there))
        http = await stack.enter_async_context(openai.DefaultAsyncHttpxClient())
        model = ChatOpenAI(
            model="gpt-4o-mini",
            api_key="any",
            base_url=server.url,
            http_async_client=http,
            use_responses_api=responses,
        )
        told = await asyncio.gather(*(model.ainvoke(f"customer {n}") for n in range(4)))

    assert [one.text for one in told] == [f"customer {n}" for n in range(4)]
    assert server.most_at_once == 4


@INTERFACES
def test_a_rule_sees_what_was_asked(chat: Chat, responses: bool) -> None:
    seen: list[ModelRequest] = []

    with ModelServer(lambda asked: seen.append(asked)) as server:
        structured(chat(server, use_responses_api=responses)).invoke(MESSAGES)

    asked = seen[0]
    assert (asked.number, asked.model, asked.responses) == (1, "gpt-4o-mini", responses)
    assert (asked.system, asked.user) == ("You read one record.", "They wait since Monday.")
    assert (asked.schema_name, asked.strict) == ("situation", True)
    assert asked.schema is not None
    assert set(asked.schema["properties"]) == set(SCHEMA["properties"])
    assert asked.headers["authorization"] == "Bearer any"
    assert json.loads(asked.raw) == asked.body
    assert b"since Monday" in server.wire


@INTERFACES
def test_an_answer_streams_in_pieces_with_its_usage_at_the_end(chat: Chat, responses: bool) -> None:
    text = "We are sorry that you had to wait, ¡y mucho!"
    with ModelServer(text) as server:
        model = chat(server, use_responses_api=responses, stream_usage=True)
        pieces = list(model.stream(MESSAGES))
        whole = model.invoke(MESSAGES)

    told = pieces[0]
    for piece in pieces[1:]:
        told += piece
    assert told.text == whole.text == text
    assert len([piece for piece in pieces if piece.text]) > 2
    assert told.usage_metadata == whole.usage_metadata
    ended = "status" if responses else "finish_reason"
    assert told.response_metadata[ended] == whole.response_metadata[ended]


@INTERFACES
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streaming"])
def test_a_model_calls_tools(chat: Chat, responses: bool, streaming: bool) -> None:
    calls = (ToolCall("refund", {"amount": 90}), ToolCall("refund", {"amount": 10}))
    with ModelServer(Answer(tool_calls=calls)) as server:
        model = chat(server, use_responses_api=responses, streaming=streaming)
        told = model.bind_tools([REFUND]).invoke(MESSAGES)

    assert isinstance(told, AIMessage)
    assert [call["args"] for call in told.tool_calls] == [{"amount": 90}, {"amount": 10}]
    assert len({call["id"] for call in told.tool_calls}) == 2


@INTERFACES
def test_a_tool_that_must_be_called_is_called(chat: Chat, responses: bool) -> None:
    with ModelServer() as server:
        model = chat(server, use_responses_api=responses)
        told = model.bind_tools([REFUND], tool_choice="refund").invoke(MESSAGES)
        free = model.bind_tools([REFUND]).invoke(MESSAGES)

    assert isinstance(told, AIMessage)
    assert [call["args"] for call in told.tool_calls] == [{"amount": 0}]
    assert free.text == "OK"


def test_a_model_refuses_and_the_openai_client_says_so() -> None:
    with ModelServer(faults.refused("No.")) as server, client(server) as asked:
        told = asked.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}])
        other = asked.responses.create(model="m", input="?")
        with asked.responses.stream(model="m", input="?") as stream:
            kinds = [event.type for event in stream]

    assert told.choices[0].message.refusal == "No."
    assert other.to_dict()["output"][0]["content"][0]["refusal"] == "No."  # type: ignore[index]
    assert "response.refusal.delta" in kinds


def test_a_response_streams_as_typed_events_in_order() -> None:
    answer = Answer("It is done.", reasoning_tokens=64)
    with (
        ModelServer(answer) as server,
        client(server) as asked,
        asked.responses.stream(model="gpt-5-mini", input="?") as stream,
    ):
        kinds = [event.type for event in stream]
        told = stream.get_final_response()

    assert kinds == [
        "response.created",
        "response.in_progress",
        *("response.output_item.added", "response.output_item.done"),
        *("response.output_item.added", "response.content_part.added"),
        *("response.output_text.delta", "response.output_text.done"),
        *("response.content_part.done", "response.output_item.done"),
        "response.completed",
    ]
    assert told.output_text == "It is done."
    assert told.usage is not None
    assert told.usage.output_tokens_details.reasoning_tokens == 64


def test_a_chat_stream_ends_with_done_and_gives_usage_only_when_asked() -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "?"}]}
    with ModelServer("Yes.") as server, httpx.Client(base_url=server.url) as http:
        plain = http.post("/chat/completions", json=body).text
        body["stream_options"] = {"include_usage": True}
        counted = http.post("/chat/completions", json=body).text

    assert plain.endswith('"finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
    assert "usage" not in plain
    assert json.loads(counted.split("data: ")[-2])["usage"]["completion_tokens"] == 1


@INTERFACES
def test_an_answer_that_was_cut_short_or_filtered_says_so(responses: bool) -> None:
    with ModelServer([faults.cut_short(), faults.filtered()]) as server, client(server) as asked:
        if responses:
            two = [asked.responses.create(model="m", input="?") for _ in range(2)]
            reasons = [one.incomplete_details and one.incomplete_details.reason for one in two]
        else:
            message: Any = {"role": "user", "content": "?"}
            said = [asked.chat.completions.create(model="m", messages=[message]) for _ in range(2)]
            reasons = [one.choices[0].finish_reason for one in said]  # type: ignore[misc]

    limit = "max_output_tokens" if responses else "length"
    assert reasons == [limit, "content_filter"]


# Usage


def used(asked: openai.OpenAI, *texts: str, model: str = "m") -> Any:
    messages: Any = [{"role": "user", "content": text} for text in texts]
    return asked.chat.completions.create(model=model, messages=messages).usage


def test_a_token_is_four_characters_and_thinking_counts_as_written() -> None:
    with ModelServer(Answer("x" * 40, reasoning_tokens=100)) as server, client(server) as asked:
        told = used(asked, "y" * 394)

        assert server.requests[0].prompt == "user: " + "y" * 394
    assert (told.prompt_tokens, told.completion_tokens, told.total_tokens) == (100, 110, 210)
    assert told.completion_tokens_details.reasoning_tokens == 100


def test_the_beginning_that_was_read_before_is_cached_by_model_in_steps() -> None:
    common = "common " * 1_000  # 1,752 tokens with the role
    with ModelServer() as server, client(server) as asked:
        told = [
            used(asked, common, "ana"),
            used(asked, common, "bea"),
            used(asked, common, "bea", model="other"),
            used(asked, "short"),
            used(asked, "short"),
            used(asked, common[:4_400] + "and then on " * 500),
        ]

    cached = [one.prompt_tokens_details.cached_tokens for one in told]
    assert cached == [0, 1_664, 0, 0, 0, 1_024]


def test_a_server_that_counts_nothing_leaves_usage_out(chat: Chat) -> None:
    with ModelServer(Answer("hm", usage=False)) as server:
        told = chat(server).invoke("?")

    assert told.usage_metadata is None


# What it refuses


@INTERFACES
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"additionalProperties": True}, "'additionalProperties' is required"),
        ({"required": ["summary"]}, "Missing 'sentiment'"),
        ({"properties": {**SCHEMA["properties"], "summary": {"default": ""}}}, "'default' is not"),
        ({"type": "array", "items": {}}, "got 'type: \"array\"'"),
    ],
)
def test_a_schema_that_a_provider_would_refuse_is_refused(
    responses: bool, change: dict[str, Any], said: str
) -> None:
    schema = {"name": "situation", "strict": True, "schema": {**SCHEMA, **change}}

    def ask(asked: openai.OpenAI) -> None:
        if responses:
            form: Any = {"format": {"type": "json_schema", **schema}}
            asked.responses.create(model="m", input="?", text=form)
        else:
            message: Any = {"role": "user", "content": "?"}
            told: Any = {"type": "json_schema", "json_schema": schema}
            asked.chat.completions.create(model="m", messages=[message], response_format=told)

    with ModelServer(["never"]) as server, client(server) as asked:
        with pytest.raises(openai.BadRequestError) as refused:
            ask(asked)
        after = used(asked, "?")

    assert said in refused.value.message
    assert refused.value.param == ("text.format.schema" if responses else "response_format")
    assert refused.value.type == "invalid_request_error"
    assert after.completion_tokens == 2, "the script was not used up"


def test_langchain_warns_of_a_refused_schema_and_raises(chat: Chat) -> None:
    open_ended = {"title": "a", "type": "object", "properties": {"b": {"type": "object"}}}
    with ModelServer() as server:
        model = chat(server).with_structured_output(open_ended, strict=False)
        assert model.invoke("?") == {}

        raw = {"type": "json_schema", "json_schema": {"name": "a", "strict": True}}
        raw["json_schema"]["schema"] = open_ended  # type: ignore[index]
        with (
            pytest.warns(UserWarning, match="Invalid schema"),
            pytest.raises(openai.BadRequestError),
        ):
            chat(server).invoke("?", response_format=raw)


@INTERFACES
def test_the_schema_of_a_strict_tool_is_checked_too(chat: Chat, responses: bool) -> None:
    function = {**REFUND["function"], "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", "function": {**function, "strict": True}}
    with ModelServer() as server, pytest.raises(openai.BadRequestError, match="'refund'"):
        chat(server, use_responses_api=responses).bind_tools([tool]).invoke("?")


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic right"])
def test_the_key_is_asked_for(header: str) -> None:
    with ModelServer(key="right") as server, httpx.Client(base_url=server.url) as http:
        headers = {"authorization": header} if header else {}
        told = http.get("/models", headers=headers)
        fine = http.get("/models", headers={"authorization": "Bearer right"})

    assert (told.status_code, fine.status_code) == (401, 200)
    assert told.json()["error"]["code"] == ("invalid_api_key" if header else None)
    assert "right" not in told.text


def test_models_are_listed_and_others_are_not_there() -> None:
    with ModelServer(models=["small", "large"]) as server, client(server) as asked:
        assert [model.id for model in asked.models.list()] == ["small", "large"]
        assert asked.models.retrieve("large").id == "large"
        with pytest.raises(openai.NotFoundError, match="huge"):
            asked.models.retrieve("huge")
        with pytest.raises(openai.NotFoundError) as missing:
            used(asked, "?", model="huge")

    assert missing.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/chat/completions", "{", 400, "could not parse"),
        ("/chat/completions", "[]", 400, "could not parse"),
        ("/chat/completions", '{"messages": [{"role": "user"}]}', 400, "model parameter"),
        ("/chat/completions", '{"model": "m"}', 400, "'messages'"),
        ("/responses", '{"model": "m"}', 400, "'input'"),
        ("/responses", SIMPLE % '{"type": "json_object"}', 400, "json"),
        ("/responses", SIMPLE % '{"type": "json_schema"}', 400, "text.format.name"),
        ("/responses", SIMPLE % '{"type": "json_schema", "name": "x y"}', 400, "pattern"),
        ("/responses", SIMPLE % '{"type": "json_schema", "name": "x"}', 400, "text.format.schema"),
        ("/completions", "{}", 404, "Invalid URL"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    path: str, body: str, status: int, said: str
) -> None:
    with ModelServer() as server, httpx.Client(base_url=server.url) as http:
        told = http.post(path, content=body)

    assert told.status_code == status
    assert said in told.json()["error"]["message"]
    assert server.requests[0].raw == body.encode()


@pytest.mark.parametrize(
    "odd",
    [
        {"messages": [1, {"role": "user", "content": [2, {"text": "hi"}]}]},
        {"messages": "hi", "tools": ["x"], "response_format": "json"},
        {"messages": [{}], "stream_options": 3, "tool_choice": 4, "tools": [{"function": 5}]},
    ],
)
def test_a_body_of_odd_shape_is_answered_all_the_same(odd: dict[str, Any]) -> None:
    with ModelServer() as server, httpx.Client(base_url=server.url) as http:
        told = http.post("/chat/completions", json={"model": "m", **odd})

    assert told.status_code in {200, 400}


# Faults


@INTERFACES
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.rate_limited(retry_after=3), openai.RateLimitError),
        (faults.out_of_quota(), openai.RateLimitError),
        (faults.server_error(), openai.InternalServerError),
        (faults.overloaded(), openai.InternalServerError),
        (faults.unauthorized(), openai.AuthenticationError),
        (faults.bad_request(), openai.BadRequestError),
        (faults.too_long(), OpenAIContextOverflowError),
        (faults.status(403), openai.PermissionDeniedError),
        (faults.status(529), openai.InternalServerError),
        (faults.html_page(), openai.InternalServerError),
        (faults.cut_before_head(), openai.APIConnectionError),
        (faults.cut_in_body(), openai.APIConnectionError),
        (faults.broken_body(), json.JSONDecodeError),
        (faults.empty_body(), json.JSONDecodeError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_each_fault_gives_the_clients_own_error(
    chat: Chat, responses: bool, fault: Fault, error: type[Exception]
) -> None:
    with ModelServer(fault) as server, pytest.raises(error):
        chat(server, use_responses_api=responses).invoke(MESSAGES)


@INTERFACES
def test_a_page_instead_of_an_answer_gets_as_far_as_langchain(chat: Chat, responses: bool) -> None:
    error = AttributeError if responses else ValueError
    with ModelServer(faults.html_page(200)) as server, pytest.raises(error, match="str"):
        chat(server, use_responses_api=responses).invoke(MESSAGES)


@INTERFACES
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.server_error(), openai.InternalServerError),
        (faults.cut_before_head(), openai.APIConnectionError),
        (faults.cut_in_body(), openai.APIConnectionError),
        (faults.error_in_stream(), openai.APIError),
        (faults.broken_body(), json.JSONDecodeError),
        (faults.empty_body(), ValueError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_stream_fails_with_the_clients_own_error(
    chat: Chat, responses: bool, fault: Fault, error: type[Exception]
) -> None:
    with ModelServer(fault) as server, pytest.raises(error):
        list(chat(server, use_responses_api=responses).stream(MESSAGES))


def test_a_stream_that_is_cut_gave_a_part_before(chat: Chat) -> None:
    with ModelServer(faults.cut_in_body()) as server:
        pieces = chat(server).stream(MESSAGES)
        assert "".join(next(pieces).text for _ in range(2)) == "OK"
        with pytest.raises(openai.APIConnectionError):
            list(pieces)


@INTERFACES
@pytest.mark.parametrize(
    ("answer", "parsed"),
    [
        (faults.empty_content(), None),
        (faults.huge_content(500), None),  # LangChain's parser takes seconds for 50,000
        (faults.refused(), None),
        (
            faults.wrong_content_type(),
            {"sentiment": "negative", "summary": "summary", "urgency": 1},
        ),
        (faults.broken_content(), {"subject": "We miss you", "body": "It has been"}),
    ],
    ids=["empty", "huge", "refused", "typed wrong", "broken"],
)
def test_content_that_is_no_result_reaches_the_client_with_its_usage(
    chat: Chat, responses: bool, answer: Answer, parsed: dict[str, Any] | None
) -> None:
    with ModelServer(answer) as server:
        told = structured(chat(server, use_responses_api=responses)).invoke(MESSAGES)

    assert told["parsed"] == parsed
    assert told["raw"].usage_metadata["input_tokens"] > 0


def test_fifty_thousand_characters_arrive_whole_or_streamed(chat: Chat) -> None:
    with ModelServer(faults.huge_content()) as server:
        whole = chat(server).invoke("?").text
        streamed = "".join(piece.text for piece in chat(server).stream("?"))

    assert len(whole) >= 50_000
    assert streamed == whole


def test_the_client_waits_as_told_and_tries_again(chat: Chat) -> None:
    script: list[Any] = [
        faults.rate_limited(retry_after_ms=5),
        faults.overloaded(retry_after_ms=5),
        "at last",
    ]
    with ModelServer(script) as server:
        told = chat(server, max_retries=2).invoke("?")

    assert told.text == "at last"
    assert [request.retry for request in server.requests] == [0, 1, 2]


def test_a_client_does_not_wait_longer_than_two_minutes(chat: Chat) -> None:
    fault = faults.rate_limited(retry_after=121)
    with ModelServer(fault) as server, pytest.raises(openai.RateLimitError) as limited:
        chat(server, max_retries=2).invoke("?")

    assert limited.value.response.headers["retry-after"] == "121"
    assert len(server.requests) == 1


def test_a_slow_answer_is_a_timeout_for_a_client_in_a_hurry_and_closing_ends_it(chat: Chat) -> None:
    with ModelServer(faults.slow(3_600)) as server, pytest.raises(openai.APITimeoutError):
        chat(server, timeout=0.05).invoke("?")


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streaming"])
def test_an_answer_that_drips_arrives_whole(chat: Chat, streaming: bool) -> None:
    with ModelServer(Answer("drop by drop " * 9, over=0.05)) as server:
        told = chat(server, streaming=streaming).invoke("?")

    assert told.text == "drop by drop " * 9


def test_an_answer_may_take_its_time(chat: Chat) -> None:
    with ModelServer([Answer("later", after=0.01), faults.slow(0.01)]) as server:
        assert [chat(server).invoke("?").text for _ in range(2)] == ["later", "OK"]


def test_random_faults_come_again_for_the_same_requests_whoever_is_first() -> None:
    def outcomes(order: list[int]) -> dict[int, str]:
        found = {}
        with ModelServer(Faulty("fine", share=0.5, seed=11)) as server, client(server) as asked:
            for number in order:
                try:
                    messages: Any = [{"role": "user", "content": f"customer {number}"}]
                    told = asked.chat.completions.create(model="m", messages=messages)
                    message = told.choices[0].message
                    found[number] = f"{message.content} {message.refusal}"
                except (openai.OpenAIError, ValueError) as error:
                    found[number] = type(error).__name__
        return found

    first, second = outcomes(list(range(40))), outcomes(list(reversed(range(40))))

    assert first == second
    assert len(set(first.values())) > 4


async def test_with_a_third_failing_a_client_that_tries_often_gets_through() -> None:
    faulty = Faulty("fine", share=0.3, seed=5, faults=[faults.rate_limited(retry_after_ms=1)])
    async with AsyncExitStack() as stack:
        server = stack.enter_context(ModelServer(faulty))
        asked = openai.AsyncOpenAI(base_url=server.url, api_key="any", max_retries=10)
        await stack.enter_async_context(asked)
        told = await asyncio.gather(
            *(asked.responses.create(model="m", input=f"customer {n}") for n in range(60))
        )

    assert {one.output_text for one in told} == {"fine"}
    assert len(server.requests) == 60 + faulty.failed


# The server itself


def test_a_provider_goes_down_and_comes_back(chat: Chat) -> None:
    with ModelServer(faults.overloaded()) as server:
        with pytest.raises(openai.InternalServerError):
            chat(server).invoke("?")
        server.answer("Here again.")
        server.requests.clear()

        assert chat(server).invoke("?").text == "Here again."
        assert [request.number for request in server.requests] == [2]


def test_a_rule_that_raises_fails_the_block_and_is_not_tried_again(chat: Chat) -> None:
    def strict(asked: ModelRequest) -> str:
        assert "@" not in asked.user, "an address left the house"
        return "fine"

    def ask(server: ModelServer) -> None:
        with server, pytest.raises(openai.InternalServerError):
            chat(server, max_retries=2).invoke("ana@example.com")

    server = ModelServer(strict)
    with pytest.raises(AssertionError, match="left the house"):
        ask(server)

    assert len(server.requests) == 1


def test_a_rule_may_fail_the_test_by_name(chat: Chat) -> None:
    server = ModelServer(lambda asked: pytest.fail("nobody should ask"))
    with pytest.raises(openai.InternalServerError):
        chat(server).invoke("?")
    server.close()

    assert [str(error) for error in server.errors] == ["nobody should ask"]


def test_an_error_of_the_block_goes_before_one_of_the_rule(chat: Chat) -> None:
    def broken(asked: ModelRequest) -> str:
        raise LookupError("nothing there")

    with pytest.raises(openai.InternalServerError) as told, ModelServer(broken) as server:
        chat(server).invoke("?")

    assert "nothing there" in told.value.__notes__[0]


def test_closing_leaves_no_thread_and_no_open_port(chat: Chat) -> None:
    def serving() -> list[str]:
        names = (thread.name for thread in threading.enumerate())
        return [name for name in names if name.startswith("loopback")]

    with ModelServer() as server:
        model, url = chat(server), server.url
        model.invoke("?")
        assert serving()
    server.close()

    assert not serving()
    with pytest.raises(openai.APIConnectionError):
        model.invoke("?")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")


@pytest.mark.parametrize("slow", [faults.slow(3_600), faults.dripping(3_600)])
def test_closing_ends_an_answer_that_is_waited_for(chat: Chat, slow: Answer) -> None:
    ended: list[Exception] = []
    arrived = threading.Event()

    def wait(asked: ModelRequest) -> Answer:
        arrived.set()
        return slow

    with ModelServer(wait) as server:
        model = chat(server, timeout=60)

        def ask() -> None:
            try:
                model.invoke("?")
            except openai.APIConnectionError as error:
                ended.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert arrived.wait(30)
    asking.join(30)

    assert len(ended) == 1
    assert not isinstance(ended[0], openai.APITimeoutError)


def test_it_is_bound_to_this_machine_alone_and_each_has_its_own_port() -> None:
    with ModelServer() as one, ModelServer() as other:
        assert one.url.startswith("http://127.0.0.1:")
        assert one.url != other.url


def test_importing_it_loads_no_client() -> None:
    heavy = ["openai", "langchain_openai", "langchain_core", "httpx", "pandas", "polars"]
    asked = f"import procx_graph.testing, sys; print([n for n in {heavy} if n in sys.modules])"

    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "[]"
