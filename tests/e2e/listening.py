"""`procx listen` in a process of its own, and somebody who sends to it."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.deliveries import SECRETS, Sent

LONG = 60
"""Seconds after which nothing comes any more, also on a busy machine."""


@dataclass
class Listening:
    """A process that listens.

    Attributes:
        process: Itself.
        url: Where it listens.
        lines: What it wrote after that, line by line.
    """

    process: "subprocess.Popen[str]"
    url: str
    lines: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def send(self, sent: Sent) -> httpx.Response:
        """Send a delivery."""
        address = f"{self.url}/webhooks/{sent.provider}"
        return httpx.post(address, headers=dict(sent.headers), content=sent.body, timeout=LONG)

    def end(self) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONG)


@contextmanager
def listening(store: Path | str, *options: str, **environment: str) -> Iterator[Listening]:
    """Listen on a free port of this machine while the block runs."""
    secrets = {f"PROCX_WEBHOOK_SECRETS_{name.upper()}": ",".join(SECRETS[name]) for name in SECRETS}
    command = [sys.executable, "-m", "procx_graph", "listen", "--store", str(store), "--port", "0"]
    process = subprocess.Popen(
        [*command, *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **secrets, **environment, "COLUMNS": "200"},
    )
    assert process.stderr is not None
    try:
        url, said = None, []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"listening on (http://\S+)/webhooks/", line):
                url = found[1]
                break
        assert url is not None, "".join(said)
        heard = Listening(process, url)
        reading = threading.Thread(target=_read, args=(process.stderr, heard.lines), daemon=True)
        reading.start()
        yield heard
    finally:
        process.kill()
        process.wait(LONG)
        process.stderr.close()


def _read(stream: Iterator[str], lines: "queue.Queue[str]") -> None:
    try:
        for line in stream:
            lines.put(line)
    except ValueError:
        return  # it was closed meanwhile
