"""Settings out of `PROCX_*` variables."""

import pytest
from pydantic import ValidationError

from procx_graph.errors import ConfigError
from procx_graph.settings import Settings, variable_of


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)


def test_nothing_need_be_set() -> None:
    assert set(Settings().model_dump().values()) == {None}


@pytest.mark.parametrize("name", ["source", "profile", "policy"])
def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"PROCX_{name.upper()}", "mine")

    assert getattr(Settings(), name) == "mine"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
@pytest.mark.parametrize(
    "variable", ["PROCX_MODEL", "PROCX_MODEL_RATE", "OPENAI_API_KEY", "OPENAI_BASE_URL"]
)
def test_a_blank_variable_is_none(
    monkeypatch: pytest.MonkeyPatch, variable: str, blank: str
) -> None:
    monkeypatch.setenv(variable, blank)

    assert set(Settings().model_dump().values()) == {None}


def test_space_around_a_value_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1\n")
    monkeypatch.setenv("PROCX_MODEL_AGENTS", " full ")
    monkeypatch.setenv("PROCX_MODEL_DECISION", " none ")
    settings = Settings()

    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-1"
    assert (settings.model_agents, settings.model_decision) == ("full", "none")


def test_variables_of_others_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE", "theirs")
    monkeypatch.setenv("PROCX_SOMETHING_ELSE", "unknown")

    assert Settings().source is None


def test_the_password_in_a_database_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://me:hunter2@db.example/shop"
    monkeypatch.setenv("PROCX_DATABASE_URL", url)
    settings = Settings()

    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == url


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().source = "other"  # type: ignore[misc] # that it is refused is the point


@pytest.mark.parametrize(
    ("variable", "value"), [("PROCX_MODEL_RATE", "fast"), ("PROCX_MODEL_CONCURRENCY", "0")]
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError, match=variable):
        Settings()


def test_a_providers_key_keeps_its_name_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    settings = Settings()

    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-hidden"
    assert "sk-hidden" not in f"{settings!r} {settings.model_dump_json()}"


def test_a_wrong_value_is_told_without_the_words_of_the_library_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGFUSE_BASE_URL", "localhost")

    with pytest.raises(ConfigError, match="LANGFUSE_BASE_URL: it must begin with http"):
        Settings()


def test_a_currency_is_three_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCX_MODEL_CURRENCY", "eur")
    assert Settings().model_currency == "EUR"

    monkeypatch.setenv("PROCX_MODEL_CURRENCY", "EUROS")
    with pytest.raises(ConfigError, match="PROCX_MODEL_CURRENCY: it must be the three letters"):
        Settings()
