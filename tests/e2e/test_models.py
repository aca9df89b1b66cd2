"""A language model on the command line: real client, a provider on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from procx_graph.settings import Settings, variable_of
from procx_graph.testing import ModelServer, faults
from tests.agreeing import agreeing
from tests.e2e.terminal import procx

MODEL = "openai:gpt-4o-mini"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer(agreeing) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def test_without_a_model_nothing_is_asked_and_nothing_is_said(
    shop: Path, provider: ModelServer
) -> None:
    ran = procx("scan", shop, "--limit", 3, "--dry-run")

    assert ran.code == 0
    assert "Models:" not in ran.out
    assert provider.requests == []


def test_a_model_of_the_command_line_is_asked_and_what_it_took_is_told(
    shop: Path, provider: ModelServer
) -> None:
    ran = procx("scan", shop, "--limit", 5, "--dry-run", "--model", MODEL, "--json", "-")

    usage = ran.json["usage"]
    assert usage["asked"] == len(provider.requests) > 0
    assert usage["failed"] == 0
    assert usage["tokens"]["prompt"] > 0


def test_a_model_of_the_settings_is_asked_by_the_agents_of_the_settings(
    shop: Path, provider: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_MODEL", MODEL)
    monkeypatch.setenv("PROCX_MODEL_AGENTS", "full")
    monkeypatch.setenv("PROCX_MODEL_PATTERN", "none")
    monkeypatch.setenv("PROCX_MODEL_PRICES", "gpt-4o-mini=0.15/0.60")

    ran = procx("scan", shop, "--limit", 4, "--dry-run")

    names = {request.schema_name for request in provider.requests}
    assert names >= {"Reading", "Choice"}
    assert "PatternName" not in names
    assert "USD (" in ran.out


def test_rules_alone_can_be_asked_for_on_the_command_line(
    shop: Path, provider: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_MODEL", MODEL)
    monkeypatch.setenv("PROCX_MODEL_EMPATHY", MODEL)

    ran = procx("scan", shop, "--limit", 3, "--dry-run", "--model", "none")

    assert ran.code == 0
    assert provider.requests == []


def test_a_model_of_the_command_line_is_every_agents(
    shop: Path, provider: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_MODEL_EMPATHY", "openai:another")

    procx("scan", shop, "--limit", 4, "--dry-run", "--model", MODEL)

    assert {request.model for request in provider.requests} == {"gpt-4o-mini"}


def test_a_model_of_the_settings_without_a_key_is_remarked_on_and_rules_go_on(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_MODEL", MODEL)

    ran = procx("scan", shop, "--limit", 3, "--dry-run")

    assert ran.code == 0
    assert "needs OPENAI_API_KEY" in ran.err
    assert "rules do all the work" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--model", MODEL], "needs OPENAI_API_KEY"),
        (["--model", "nobody:x"], "nobody:x needs the packages"),
        (["--agents", "karuna", "--model", MODEL], "--agents is lean, full"),
        (["--max-tokens", "-1"], "--max-tokens"),
    ],
)
def test_what_is_asked_for_on_the_command_line_must_work(
    shop: Path, arguments: list[str], told: str
) -> None:
    ran = procx("scan", shop, "--dry-run", *arguments)

    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_wrong_price_names_its_variable(
    shop: Path, provider: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_MODEL_PRICES", "cheap")

    ran = procx("scan", shop, "--dry-run", "--model", MODEL)

    assert (ran.code, "PROCX_MODEL_PRICES: 'cheap' is no price" in ran.err) == (2, True)


def test_a_limit_of_tokens_is_told(shop: Path, provider: ModelServer) -> None:
    ran = procx("scan", shop, "--limit", 8, "--dry-run", "--model", MODEL, "--max-tokens", 2_000)

    assert ran.code == 0
    assert "the limit of 2,000 tokens for models was met" in ran.out


def test_a_provider_that_is_down_is_told_and_costs_nobody_a_result(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(faults.unauthorized()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ran = procx("scan", shop, "--limit", 6, "--dry-run", "--model", MODEL)

    assert ran.code == 0
    assert "had no usable answer, and rules stood in" in ran.out


def test_a_demo_is_played_with_a_model(provider: ModelServer) -> None:
    ran = procx("demo", "--count", 2, "--model", MODEL)

    assert ran.code == 0
    assert provider.requests
    assert f"Models: {len(provider.requests)} questions, " in ran.out
    assert ran.out.count("Models:") == 1


def test_a_demo_whose_model_fails_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(lambda _: faults.unauthorized()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ran = procx("demo", "--count", 2, "--model", MODEL)

    assert ran.code == 0
    assert ran.out.count("had no usable answer, and rules stood in") == 1
