"""Ctrl-C while a model takes its time: soon over, and said in one line."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from procx_graph.settings import Settings, variable_of
from procx_graph.testing import Answer, ModelRequest, ModelServer

SOON = 15
"""Seconds; a client itself gives up after 20."""


class Slow:
    """A rule that never answers in time, and knows when it was asked."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def __call__(self, request: ModelRequest) -> Answer:
        self.asked.set()
        return Answer(after=300)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)
    rule = Slow()
    with ModelServer(rule) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield rule


def interrupted(slow: Slow, *args: object) -> tuple[int, str, str]:
    """Send Ctrl-C as soon as the model is asked; give code, stdout and stderr."""
    with subprocess.Popen(
        [sys.executable, "-m", "procx_graph", *map(str, args), "--model", "openai:slow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"NO_COLOR": "1"},
        text=True,
    ) as running:
        try:
            assert slow.asked.wait(60)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=SOON)
        finally:
            running.kill()
    return running.returncode, out, err


@pytest.mark.slow
def test_a_scan_tells_what_was_done(slow: Slow, shop: Path) -> None:
    code, out, err = interrupted(slow, "scan", shop, "--limit", 3)

    assert code == 130
    assert "0 processed" in out
    assert err.startswith("stopped: this is what was done until then\n")
    assert "procx: stopped" not in err


@pytest.mark.slow
def test_an_evaluation_ends(slow: Slow) -> None:
    code, out, err = interrupted(slow, "eval")

    assert (code, out, err) == (130, "", "procx: stopped\n")
