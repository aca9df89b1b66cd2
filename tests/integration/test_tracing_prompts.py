"""Prompts that Langfuse keeps, and the files that stand in for them."""

import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest

from procx_graph.errors import ConfigError
from procx_graph.prompts import load_prompt
from procx_graph.settings import Settings
from procx_graph.tracing.connect import address_from
from procx_graph.tracing.prompt_store import fetched_prompts, prompt_names, prompts_from
from tests.langfuse_server import LangfuseServer, langfuse_server
from tests.leaving import black_hole, nobody
from tests.traced import settings_for

NAME = "retention/pattern"
BODY = "Name it.\n\n---\n<record>\n{{ situation.summary | data }}\n{{ pattern.name }}\n</record>"

LOOPS = "{% for a in pattern.name %}" * 3 + "{% endfor %}" * 3


@pytest.fixture
def server() -> Iterator[LangfuseServer]:
    with langfuse_server(public_key=f"pk-{uuid4().hex}") as server:
        yield server


def from_server(server: LangfuseServer, **settings: str) -> Settings:
    return settings_for(server, **({"prompts": "langfuse"} | settings))


def test_a_prompt_of_langfuse_is_used_and_says_so(server: LangfuseServer) -> None:
    server.received.prompts[NAME] = {"name": NAME, "version": 7, "prompt": BODY}

    prompt = prompts_from(from_server(server))(NAME)

    assert (prompt.version, prompt.source) == (7, "langfuse")
    assert prompt.inputs == load_prompt(NAME).inputs


def test_its_rendering_is_what_traces_link_to(server: LangfuseServer) -> None:
    server.received.prompts[NAME] = {"name": NAME, "version": 7, "prompt": BODY}
    prompt = prompts_from(from_server(server))(NAME)

    told = prompt.render(situation={"summary": "late"}, pattern={"name": "delays"})

    assert (told.version, told.source, told.instructions) == (7, "langfuse", "Name it.")
    assert "late\ndelays" in told.record


def test_the_messages_of_a_chat_are_instructions_and_record(server: LangfuseServer) -> None:
    chat = [
        {"type": "chatmessage", "role": "system", "content": "Name it."},
        {"type": "chatmessage", "role": "user", "content": "<record>{{ pattern.name }}</record>"},
    ]
    server.received.prompts[NAME] = {"type": "chat", "version": 2, "prompt": chat}

    told = prompts_from(from_server(server))(NAME).render(situation={}, pattern={"name": "x"})

    assert (told.instructions, told.record) == ("Name it.", "<record>x</record>")


def test_each_is_asked_for_once_by_its_label(server: LangfuseServer) -> None:
    prompts = prompts_from(from_server(server, prompts_label="staging"))
    for _ in range(3):
        for name in prompt_names():
            prompts(name)

    asked = server.received.asked
    assert len(asked) == len(set(asked)) == len(prompt_names())
    assert all("label=staging" in path for path in asked)


def test_the_files_stand_in_and_that_is_told_once(
    server: LangfuseServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        prompts = prompts_from(from_server(server))

    assert [prompts(name) for name in prompt_names()] == [load_prompt(n) for n in prompt_names()]
    assert len(caplog.records) == 1
    assert caplog.text.count("none with the label production") == 1
    assert all(name in caplog.text for name in prompt_names())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Name it. {{ pattern.name }}", "no line of ---"),
        ("Name it.\n---\n{{ customer.email }}", "takes no customer"),
        ("Name {{ pattern.name }}.\n---\nx", "takes no pattern"),
        ("Name it.\n---\n{% if %}", "no template"),
        ("Name it.\n---\n{{ pattern.name | shout }}", "no template"),
        ("Name it.\n---\n{{ pattern.name }}", "has not one <record>"),
        ("Name it.\n---\n<record>{{ pattern.name }}</record></record>", "has not one <record>"),
        ("Name it.\n---\n{% for i in range(10) %}{% endfor %}", "takes no range"),
        (f"Name it.\n---\n{LOOPS}", "loops inside of loops"),
        (f"Name it.\n---\n{'x' * 30_000}", "longer than"),
        ([{"role": "system", "content": "Name it."}], "neither a text nor a chat"),
        (None, "neither a text nor a chat"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused_with_one_warning(
    server: LangfuseServer, caplog: pytest.LogCaptureFixture, body: object, why: str
) -> None:
    server.received.prompts[NAME] = {"name": NAME, "version": 7, "prompt": body}
    address = address_from(from_server(server))

    with caplog.at_level(logging.WARNING):
        prompts = fetched_prompts([NAME], address=address)

    assert prompts(NAME) == load_prompt(NAME)
    assert len(caplog.records) == 1
    assert why in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ pattern.nothing_like_it }}",
        "{{ 1 / 0 }}",
        "{{ pattern.name + 1 }}",
        "{{ pattern.name | round }}",
        "{{ pattern.name * 1000000000 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 9 ** 9 ** 9 }}",
    ],
)
def test_one_that_cannot_be_filled_in_is_filled_in_from_the_file(
    server: LangfuseServer, wrong: str
) -> None:
    body = f"Name it.\n---\n<record>{wrong}</record>"
    server.received.prompts[NAME] = {"name": NAME, "version": 7, "prompt": body}
    prompt = prompts_from(from_server(server))("retention/pattern")
    given = {
        "situation": {"summary": "late"},
        "pattern": {
            "name": "delays", "trend": {"value": "down"}, "explanation": [], "resolutions": [],
        },
    }  # fmt: skip

    told = prompt.render(**given)

    assert (told.source, told) == ("file", load_prompt(NAME).render(**given))


@pytest.mark.parametrize("mode", [nobody, black_hole])
def test_a_server_that_does_not_answer_is_not_waited_for(
    mode: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(mode)
    with mode() as url, caplog.at_level(logging.WARNING):
        settings = Settings(
            LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk", LANGFUSE_BASE_URL=url,
            prompts="langfuse",
        )  # fmt: skip
        prompts = prompts_from(settings)

    assert prompts(NAME) == load_prompt(NAME)
    assert len(caplog.records) == 1
    assert "does not answer" in caplog.text


def test_without_keys_langfuse_cannot_be_asked() -> None:
    with pytest.raises(ConfigError, match="LANGFUSE_PUBLIC_KEY"):
        prompts_from(Settings(prompts="langfuse"))


def test_prompts_are_the_files_when_nothing_is_said() -> None:
    assert prompts_from(Settings()) is load_prompt
