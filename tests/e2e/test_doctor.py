"""`procx doctor`: exit codes, what it prints, and that no secret is in it."""

from pathlib import Path

import pytest

from procx_graph.doctor import Subject
from procx_graph.settings import Settings, variable_of
from procx_graph.store import Store
from procx_graph.testing import ModelServer
from tests.e2e.terminal import procx
from tests.examined import forget_surroundings
from tests.mailroom import a_closed_port

SECRETS = {
    "OPENAI_API_KEY": "sk-of-the-model",
    "LANGFUSE_SECRET_KEY": "sk-of-langfuse",
    "PROCX_SMTP_PASSWORD": "password-of-smtp",
    "PROCX_GATEWAY_SECRET": "whsec_secretOfGateway",
    "PROCX_UNSUBSCRIBE_SECRET": "secret-of-links",
    "PROCX_WEBHOOK_SECRETS_STRIPE": "whsec_of_stripe",
    "PROCX_WEBHOOK_SECRETS_STANDARD": "whsec_@@@@",
    "PROCX_LANGFUSE_USER_SECRET": "secret-of-pseudonyms",
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch)
    monkeypatch.chdir(tmp_path)


def test_where_nothing_is_set_nothing_is_broken(tmp_path: Path) -> None:
    told = procx("doctor")

    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[-1] == "nothing is broken"
    assert "\x1b" not in told.out
    assert list(tmp_path.iterdir()) == []


def test_as_json_every_subject_and_every_setting_is_told() -> None:
    told = procx("doctor", "--json").json

    assert told["ok"] is True
    assert list(dict.fromkeys(one["subject"] for one in told["findings"])) == [*Subject]
    parts = {one["part"] for one in told["findings"] if one["subject"] == "settings"}
    assert parts == {variable_of(name) for name in Settings.model_fields}
    assert told["counts"]["broken"] == 0


def test_what_is_set_and_does_not_work_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCX_MODEL", "gpt-5-mini")

    told = procx("doctor", "--only", "model", "--json")

    assert told.code == 1
    assert told.json["ok"] is False
    [one] = told.json["findings"]
    assert (one["part"], one["state"]) == ("gpt-5-mini", "broken")
    assert "OPENAI_API_KEY" in one["found"]
    assert procx("doctor", "--only", "store").code == 0


def test_what_is_set_and_works_is_exit_code_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Store.open(tmp_path / "mine.db", create=True).close()
    monkeypatch.setenv("PROCX_STORE_URL", str(tmp_path / "mine.db"))
    monkeypatch.setenv("PROCX_MODEL", "gpt-5-mini")
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        told = procx("doctor", "--only", "model", "--only", "store")

    assert told.code == 0
    assert "answers in" in told.out
    assert "sqlite:mine.db is reachable" in told.out
    assert "settings" not in told.out


def test_no_secret_is_in_what_is_told_even_when_all_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = f"127.0.0.1:{a_closed_port()}"
    for variable, secret in SECRETS.items():
        monkeypatch.setenv(variable, secret)
    for variable, value in {
        "PROCX_MODEL": "gpt-5-mini",
        "OPENAI_BASE_URL": f"http://key:of-a-gateway@{closed}/v1",
        "LANGFUSE_PUBLIC_KEY": "pk-lf-shown",
        "LANGFUSE_BASE_URL": f"http://{closed}",
        "PROCX_SOURCE": f"postgresql://me:of-the-source@{closed}/shop",
        "PROCX_DATABASE_URL": f"postgresql://me:of-the-database@{closed}/shop",
        "PROCX_STORE_URL": f"postgresql://me:of-the-store@{closed}/shop",
        "PROCX_OUTBOX_EMAIL": f"smtp://me@{closed}",
        "PROCX_OUTBOX_SMS": f"https://me:of-the-outbox@{closed}/sms",
        "PROCX_OUTBOX_FROM": "care@shop.example",
        "PROCX_MODEL_RATE": "of-the-rate",
        "PROCX_OPENAI_KEY": "of-nobody",
    }.items():
        monkeypatch.setenv(variable, value)

    shown, as_json, detailed = (
        procx("doctor", *options) for options in ((), ("--json",), ("--only", "settings"))
    )

    passwords = ["of-a-gateway", "of-the-source", "of-the-database", "of-the-store"]
    passwords += ["of-the-outbox", "of-the-rate", "of-nobody"]
    for told in (shown, as_json, detailed):
        assert told.code == 1
        assert told.err == ""
        assert "Traceback" not in told.out
        for secret in (*SECRETS.values(), *passwords):
            assert secret not in told.out
    broken = {one["subject"] for one in as_json.json["findings"] if one["state"] == "broken"}
    assert broken == {"settings", "source", "store", "model", "channels", "webhooks", "langfuse"}


def test_offline_nothing_outside_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("PROCX_MODEL", "gpt-5-mini")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("PROCX_SOURCE", "postgresql://me:hunter2@db.example/shop")
        monkeypatch.setenv("PROCX_STORE_URL", "postgresql://me:hunter2@db.example/shop")
        told = procx("doctor", "--offline")

    assert told.code == 0
    assert not server.requests
    assert told.out.count("(--offline)") == 3


def test_an_unknown_subject_is_refused() -> None:
    told = procx("doctor", "--only", "weather")

    assert told.code == 2
    assert "'weather'" in told.err
