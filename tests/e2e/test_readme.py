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
SESSIONS = [
    [line.split(" #")[0].strip() for line in text.splitlines() if line.startswith("procx ")]
    for language, text in BLOCKS
    if language == "bash"
]


def test_there_are_snippets_and_commands() -> None:
    assert SNIPPETS
    assert all(SESSIONS)


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
@pytest.mark.parametrize("commands", SESSIONS, ids=range(len(SESSIONS)))
def test_commands_run_one_after_the_other(
    commands: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    for command in commands:
        done = procx(*shlex.split(command)[1:])

        assert (done.code, done.err) == (0, ""), command
        assert done.out
