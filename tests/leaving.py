"""A process that is traced and ends, for tests of how long it takes to end.

Run as `python -m tests.leaving RUNS SCORES [close]`, with the settings of Langfuse in its
surroundings: it says `done` on stdout when its work is over, and whether Langfuse was imported.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypedDict


class State(TypedDict, total=False):
    health: float


def main() -> None:
    """Run a small graph many times, and score each run."""
    from langgraph.graph import START, StateGraph

    from procx_graph.settings import Settings
    from procx_graph.tracing import Kind, tracer_from

    runs, scores = int(sys.argv[1]), int(sys.argv[2])
    builder = StateGraph(State)
    builder.add_node("first", lambda state: {"health": 1.0})
    builder.add_node("second", lambda state: {"health": 2.0})
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    graph, tracer = builder.compile(name="procx"), tracer_from(Settings())
    for number in range(runs):
        run_id = f"s:c{number}"
        with tracer.run(run_id, scan_id="s", customer_id=f"c{number}") as trace:
            graph.invoke({"health": 0.0}, {"callbacks": trace.callbacks})
            trace.end(output={"status": "drafted"})
    for number in range(scores):
        tracer.score(f"s:c{number}", "health", 1.0, Kind.NUMERIC)
    imported = "langfuse" in sys.modules
    told = "imported" if imported else "not-imported"
    print("done", told, flush=True)  # noqa: T201 - the parent reads it
    if "close" in sys.argv:
        tracer.close()


@dataclass(frozen=True)
class Left:
    """How a process ended.

    Attributes:
        after: Seconds from the end of its work to its own.
        lines: What it wrote to stderr.
        imported: Whether Langfuse was imported.
        code: Its exit code.
    """

    after: float
    lines: list[str]
    imported: bool
    code: int


def leave(environ: dict[str, str], *, runs: int, scores: int, close: bool = False) -> Left:
    """Run such a process to its end, which may close its tracer first."""
    asked = [sys.executable, "-m", "tests.leaving", str(runs), str(scores)]
    asked += ["close"] if close else []
    with subprocess.Popen(
        asked, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = process.stdout.readline().split()
        done = time.monotonic()
        _, err = process.communicate(timeout=60)
        after = time.monotonic() - done
    assert told[:1] == ["done"], err
    return Left(after, err.splitlines(), "imported" in told, process.returncode)


@contextmanager
def black_hole() -> Iterator[str]:
    """Give where connections are taken, and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


@contextmanager
def dripping() -> Iterator[str]:
    """Give where an answer begins at once and comes byte by byte, for as long as one listens."""
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not ended.wait(0.2):
                connection.sendall(b"x")

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()


@contextmanager
def nobody() -> Iterator[str]:
    """Give where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main()
