"""Every command and every snippet of the README does what it says."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from procx_graph.tables.mapping import as_mapping
from tests.e2e.terminal import procx

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SNIPPETS = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    line.split(" #")[0].strip().removeprefix("$ ")
    for language, text in BLOCKS
    if language in {"bash", "sh", "console"}
    for line in text.splitlines()
    if re.match(r"(\$ )?procx ", line)
]


def test_there_are_snippets_and_commands() -> None:
    assert SNIPPETS
    assert COMMANDS


@pytest.mark.parametrize("text", [t for language, t in BLOCKS if language == "toml"])
def test_a_mapping_is_one(text: str) -> None:
    assert as_mapping(tomllib.loads(text)).tables


def test_nothing_is_left_to_fill_in() -> None:
    assert "@@" not in README


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_runs(snippet: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", snippet]

    done = subprocess.run(
        command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    done = procx(*shlex.split(command)[1:])

    assert (done.code, done.err) == (0, "")
    assert done.out
