"""`procx eval`, from the first argument to the exit code."""

import json
import uuid
from pathlib import Path

import pytest

from procx_graph.testing import ModelRequest, ModelServer
from tests.e2e.terminal import procx
from tests.labelled import TELLING
from tests.langfuse_server import SECRET, langfuse_server

FEW = ("--rules", "--tag", "hostile")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PROCX_MODEL", "LANGFUSE_PUBLIC_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("LANGFUSE_SECRET_KEY", raising=False)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """One situation, whose label is right."""
    file = tmp_path / "mine.toml"
    file.write_text(TELLING, encoding="utf-8")
    return file


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """One situation, whose label is not what rules do."""
    file = tmp_path / "wrong.toml"
    file.write_text(TELLING.replace("update_on_order", "thank"), encoding="utf-8")
    return file


def test_the_set_of_the_checkout_is_told_in_plain_text() -> None:
    told = procx("eval", *FEW)

    assert (told.code, told.err) == (0, "")
    assert "labelled situations, by rules" in told.out
    assert "Every decision agrees." in told.out
    for part in ("decisions that agree", "By language", "By tag", "Messages by criterion"):
        assert part in told.out
    assert "\x1b" not in told.out


def test_what_went_wrong_is_told_with_why(wrong: Path) -> None:
    told = procx("eval", wrong)

    assert told.code == 0
    assert "1 disagreements" not in told.out
    assert "1 disagreement" in told.out
    assert "An order is late by five days." in told.out
    assert "action: expected thank, got update_on_order" in told.out


def test_json_is_the_result_and_nothing_else(mine: Path) -> None:
    told = procx("eval", mine, "--json", "-")

    assert told.json["summary"]["agreement"]["count"] == 1
    assert told.json["situations"][0]["given"]["action"] == "update_on_order"
    assert told.json["models"] == {"by_agent": {}}
    assert told.out == procx("eval", mine, "--json", "-").out


@pytest.mark.parametrize(("least", "code"), [(0, 0), (0.5, 1)])
def test_too_little_agreement_is_an_exit_code(wrong: Path, least: float, code: int) -> None:
    told = procx("eval", wrong, "--json", "-", "--fail-under", least)

    assert told.code == code
    assert told.json["summary"]["agreement"]["count"] == 0
    assert ("0.0% of the decisions agree, fewer than 50.0%" in told.err) is (code == 1)


def test_a_kept_result_can_be_compared_with(mine: Path, tmp_path: Path) -> None:
    kept, rows = tmp_path / "then.json", tmp_path / "now.csv"
    procx("eval", mine, "--out", kept)
    mine.write_text(TELLING.replace("update_on_order", "thank"), encoding="utf-8")

    told = procx("eval", mine, "--compare", kept, "--out", rows)

    assert json.loads(kept.read_text(encoding="utf-8"))["set"] == "mine.toml"
    assert "agreement 100.0% → 0.0%" in told.out
    assert "now wrong: en-late, update_on_order" in told.out
    assert rows.read_text(encoding="utf-8").startswith("id,language,tags,agrees,")


def test_a_model_is_asked_and_what_it_took_is_told(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: ModelRequest) -> dict[str, object] | None:
        if "Allowed actions" not in asked.user:
            return None
        return {
            "sentiment": "negative", "urgency": 3, "concern": "legal_or_regulator",
            "action": "update_on_order", "offer_id": None, "priority": "high", "why": "a lawyer",
        }  # fmt: skip

    with ModelServer(answer) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("PROCX_MODEL_PRICES", "small=1/2")
        told = procx("eval", mine, "--model", "openai:small", "--agents", "decision")
        by_rules = procx("eval", mine, "--rules", "--json", "-")

    assert len(server.requests) == 1
    assert "by small (decision)" in told.out
    assert "no person, got a person (legal_or_regulator)" in told.out
    assert "Models: 1 questions" not in told.out
    assert "Models: 1 question, " in told.out
    assert "USD" in told.out
    assert by_rules.json["summary"]["usage"] is None


def test_with_keys_an_experiment_is_recorded(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with langfuse_server(public_key=f"pk-{uuid.uuid4()}") as server:
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", server.public_key)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
        monkeypatch.setenv("LANGFUSE_BASE_URL", server.url)

        told = procx("eval", mine, "--name", "my experiment", "--json", "-")

    assert told.json["summary"]["agreement"]["count"] == 1
    assert "recorded in Langfuse as “my experiment" in told.err
    assert len(server.received.named("experiment-item-run")) == 1


@pytest.mark.parametrize(("fails", "told"), [(401, "refuses the keys"), (500, "status 500")])
def test_why_nothing_is_recorded_is_one_line(
    mine: Path, monkeypatch: pytest.MonkeyPatch, fails: int, told: str
) -> None:
    with langfuse_server(public_key=f"pk-{uuid.uuid4()}") as server:
        server.fails = fails
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", server.public_key)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
        monkeypatch.setenv("LANGFUSE_BASE_URL", server.url)

        ended = procx("eval", mine)

    assert ended.code == 0
    assert ended.err.startswith(f"not recorded in Langfuse: {server.url}")
    assert told in ended.err
    assert ended.err.count("\n") == 1


def test_what_is_not_there_is_one_line(mine: Path, tmp_path: Path) -> None:
    for wrong, said in (
        ((tmp_path / "none",), "no such file"),
        ((mine, "--tag", "nothing"), "no situation of mine.toml has tag nothing"),
        ((mine, "--language", "xx"), "language xx"),
        ((mine, "--compare", mine), "it is not JSON"),
        ((mine, "--compare", mine, "--json", "-"), "leave out --json -"),
        ((mine, "--out", tmp_path / "a.txt"), "ends in .json or .csv"),
        ((mine, "--out", tmp_path / "no" / "a.json"), "cannot write"),
        ((mine, "--rules", "--model", "openai:x"), "--rules asks no model"),
        ((mine, "--model", "openai:x"), "OPENAI_API_KEY"),
        ((mine, "--fail-under", 2), "--fail-under"),
    ):
        told = procx("eval", *wrong)

        assert (told.code, told.out) == (2, "")
        assert said in told.err
        assert told.err.count("\n") == 1


def test_the_example_is_a_set_that_agrees(tmp_path: Path) -> None:
    told = procx("eval", "--example")
    file = tmp_path / "mine.toml"
    file.write_text(told.out, encoding="utf-8")

    judged = procx("eval", file, "--rules", "--json", "-")

    assert (told.code, told.err) == (0, "")
    agreement = judged.json["summary"]["agreement"]
    assert (agreement["count"], agreement["of"]) == (1, 1)


def test_each_of_the_two_evaluations_names_the_other() -> None:
    ours, theirs = (procx(name, "--help").out.replace("│", "") for name in ("eval", "evaluate"))

    assert "compared by procx evaluate" in " ".join(ours.split())
    assert "judged by procx eval" in " ".join(theirs.split())
