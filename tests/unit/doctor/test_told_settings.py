"""Settings are told by their variables, and secrets never."""

from typing import Any

import pytest

from procx_graph.doctor import Asked, Finding, State, Subject, readable_settings
from procx_graph.doctor.masking import without_password
from procx_graph.doctor.settings import look_at_settings
from procx_graph.settings import Settings, variable_of
from tests.examined import found, states


def by_variable(**settings: Any) -> dict[str, Finding]:
    return {one.part: one for one in found(Subject.SETTINGS, **settings)}


def test_every_setting_is_told_by_its_variable() -> None:
    told = by_variable()

    assert list(told) == [variable_of(name) for name in Settings.model_fields]
    assert {one.state for one in told.values()} == {State.OFF}


def test_of_a_secret_only_the_length_is_told() -> None:
    told = by_variable(openai_api_key="sk-hidden", smtp_password="pw", langfuse_secret_key="sk-lf")

    assert told["OPENAI_API_KEY"].found == "set, 9 characters"
    assert told["PROCX_SMTP_PASSWORD"].found == "set, 2 characters"
    assert told["LANGFUSE_SECRET_KEY"].found == "set, 5 characters"


def test_values_are_told_and_addresses_without_their_passwords() -> None:
    told = by_variable(
        model="openai:gpt-5-mini",
        store_url="postgresql+psycopg://me:hunter2@db.example:5432/shop?password=hunter2",
        source="customers.xlsx",
        openai_base_url="https://key:hunter2@gateway.example/v1",
    )

    assert told["PROCX_MODEL"].found == "openai:gpt-5-mini"
    assert told["PROCX_SOURCE"].found == "customers.xlsx"
    assert told["PROCX_STORE_URL"].found == (
        "postgresql+psycopg://me@db.example:5432/shop?password=…"
    )
    assert "hunter2" not in str(told)


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://me:hun/ter2@host/shop",
        "postgresql://me:hun#ter2@host/shop",
        "postgresql://me:1?ter2@host/shop",
        "postgresql://me:hun@ter2@host/shop",
        "postgresql:/me:ter2@host/shop",
        "postgresql:me:ter2@host",
        "me:ter2@host/shop",
        "postgresql://host/shop?user=me&password=ter2",
        "postgresql://[me:ter2@host/shop",
    ],
)
def test_no_way_to_write_a_password_shows_it(place: str) -> None:
    assert "ter2" not in without_password(place)


@pytest.mark.parametrize(
    "place",
    [
        "procx.db",
        "file:outbox",
        "console:",
        "sqlite:////var/lib/procx.db",
        "smtp://me@host:587?starttls=off",
        "https://shop.example/stop?c={customer}&on={channel}&t={token}",
        "http://[::1]:4000/v1",
    ],
)
def test_a_place_without_a_password_is_told_whole(place: str) -> None:
    assert without_password(place) == place


def test_each_wrong_value_is_told_and_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCX_MODEL_RATE", "hunter2")
    monkeypatch.setenv("PROCX_MODEL_CONCURRENCY", "0")
    monkeypatch.setenv("LANGFUSE_SAMPLE_RATE", "7")
    monkeypatch.setenv("LANGFUSE_HOST", "hunter2.example")
    monkeypatch.setenv("PROCX_MODEL", "gpt-5-mini")

    settings, wrong = readable_settings()
    told = list(look_at_settings(Asked(settings, wrong)))

    assert settings.model == "gpt-5-mini"
    broken = {one.part: one for one in told if one.state is State.BROKEN}
    assert broken.keys() == {
        "PROCX_MODEL_RATE",
        "PROCX_MODEL_CONCURRENCY",
        "LANGFUSE_SAMPLE_RATE",
        "LANGFUSE_BASE_URL",
    }
    assert "greater than or equal to 1" in broken["PROCX_MODEL_CONCURRENCY"].found
    assert "hunter2" not in str(told)


def test_a_variable_that_nobody_reads_is_told_with_the_nearest_name() -> None:
    surroundings = {
        "PROCX_MODLE": "x",
        "PROCX_OPENAI_API_KEY": "sk-hidden",
        "PROCX_ZZZZZZ": "x",
        "procx_model": "read as well",
        "MODEL": "of others",
    }

    told = list(look_at_settings(Asked(Settings(), surroundings=surroundings)))

    odd = {one.part: one.todo for one in told if one.state is State.WARNING}
    assert odd == {
        "PROCX_MODLE": "is PROCX_MODEL meant?",
        "PROCX_OPENAI_API_KEY": "is OPENAI_API_KEY meant?",
        "PROCX_ZZZZZZ": "no setting has this name",
    }
    assert "sk-hidden" not in str(told)


@pytest.mark.parametrize("value", ['"sk-hidden"', "'sk-hidden'", ' "sk-hidden"\n'])
def test_quotes_around_a_value_are_pointed_out(value: str) -> None:
    told = found(Subject.SETTINGS, openai_api_key=value)

    assert states(told)["OPENAI_API_KEY"] is State.WARNING
    assert "sk-hidden" not in str(told)
