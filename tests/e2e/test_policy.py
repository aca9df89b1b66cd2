"""`procx policy`, from the first argument to the last byte."""

import json
from pathlib import Path

import pytest

from procx_graph.outreach.policies import default_policy_text, load_policy
from tests.e2e.terminal import procx


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the default, changed in two places."""
    file = tmp_path / "mine.toml"
    text = default_policy_text().replace("cooldown_days = 7", "cooldown_days = 14")
    file.write_text(text.replace("share = 0.0 ", "share = 0.05"), "utf-8")
    return file


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy with three wrong keys."""
    file = tmp_path / "broken.toml"
    text = default_policy_text().replace("late_days = 2", "late_days = 0")
    text = text.replace("hard_cap = 0.15", 'hard_cap = "abc"')
    file.write_text(text.replace("cooldown_days", "cooldown_dais"), "utf-8")
    return file


def test_a_policy_that_is_right_is_told_in_words() -> None:
    told = procx("policy", "check", "default")
    policy = load_policy()

    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[0] == f"default, version 1, {policy.hash}"
    assert "never above 15%" in told.out
    assert "\x1b" not in told.out


def test_a_policy_that_is_right_is_told_as_json(mine: Path) -> None:
    told = procx("policy", "check", mine, "--json")

    assert told.code == 0
    assert told.json["valid"] is True
    assert (told.json["name"], told.json["hash"]) == ("default", load_policy(mine).hash)
    assert any("14 days" in line for line in told.json["summary"])


def test_every_wrong_key_is_named_each_on_its_line(broken: Path) -> None:
    told = procx("policy", "check", broken)

    assert (told.code, told.out) == (2, "")
    lines = told.err.splitlines()
    for key in ("evidence.late_days", "offers.hard_cap", "cooldown_days", "cooldown_dais"):
        assert sum(f"broken.toml: {key}:" in line for line in lines) == 1
    assert "is 'cooldown_days' meant?" in told.err
    assert "Traceback" not in told.err


def test_every_wrong_key_is_named_as_json(broken: Path) -> None:
    told = procx("policy", "check", broken, "--json")

    assert told.code == 2
    assert told.json["valid"] is False
    assert "offers.hard_cap" in {problem["key"] for problem in told.json["problems"]}


def test_what_differs_is_said_in_words_and_as_json(mine: Path) -> None:
    words, as_json = (procx("policy", "diff", "default", mine, *o) for o in ((), ("--json",)))

    assert words.code == as_json.code == 0
    assert words.out.splitlines() == [
        "cooldown_days: 14 instead of 7",
        "holdout.share: 0.05 instead of 0.0",
    ]
    assert [change["key"] for change in as_json.json] == ["cooldown_days", "holdout.share"]
    assert procx("policy", "diff", "default", "default").out == "they are the same\n"


def test_the_default_is_shown_as_it_can_be_copied(tmp_path: Path) -> None:
    shown = procx("policy", "show")
    copy = tmp_path / "copy.toml"
    copy.write_text(shown.out, "utf-8")

    assert shown.out == default_policy_text()
    assert load_policy(copy).hash == load_policy().hash


def test_the_schema_is_json() -> None:
    shown = procx("policy", "schema")

    assert "contact" in json.loads(shown.out)["properties"]


@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_file_that_is_not_there_is_named(command: str) -> None:
    files = ["nowhere.toml"] * (2 if command == "diff" else 1)
    told = procx("policy", command, *files)

    assert (told.code, told.out) == (2, "")
    assert told.err == "procx: no such file: nowhere.toml\n"


@pytest.mark.parametrize("command", ["", "check", "diff", "show", "schema"])
def test_help_teaches_by_example(command: str) -> None:
    told = procx("policy", *([command] if command else []), "--help")

    assert told.code == 0
    assert "procx policy" in told.out
    assert "Example" in told.out
