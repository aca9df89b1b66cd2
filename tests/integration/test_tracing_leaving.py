"""Whatever the server does, a traced process ends in time and says at most one thing."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.langfuse_server import SECRET, langfuse_server
from tests.leaving import black_hole, dripping, leave, nobody

PUBLIC = "pk-leaving"
IN_TIME = 4.0
"""Seconds from the end of the work to the end of the process."""

pytestmark = pytest.mark.slow


def surroundings(url: str | None = None, **more: str) -> dict[str, str]:
    """Give the variables of a process, with keys where there is a server."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LANGFUSE_", "PROCX_", "OTEL_"))
    }
    keys = {"LANGFUSE_PUBLIC_KEY": PUBLIC, "LANGFUSE_SECRET_KEY": SECRET}
    return kept | ({} if url is None else keys | {"LANGFUSE_BASE_URL": url}) | more


@contextmanager
def answering(status: int | None = None, *, delay: float = 0.0) -> Iterator[str]:
    with langfuse_server(public_key=PUBLIC) as server:
        server.fails, server.delay = status, delay
        yield server.url


@contextmanager
def nowhere() -> Iterator[str]:
    yield "http://langfuse.invalid"


MODES: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "wrong keys": lambda: answering(401),
    "broken": lambda: answering(500),
    "unavailable": lambda: answering(503),
    "too many": lambda: answering(429),
    "moved": lambda: answering(301),
    "slow": lambda: answering(delay=30),
    "refused": nobody,
    "no such host": nowhere,
    "black hole": black_hole,
    "dripping": dripping,
}


def test_all_is_sent_before_the_process_ends() -> None:
    with langfuse_server(public_key=PUBLIC) as server:
        left = leave(surroundings(server.url), runs=20, scores=10)

        assert (left.code, left.lines, left.imported) == (0, [], True)
        assert left.after < IN_TIME
        assert len(server.received.named("procx.customer")) == 20
        assert len(server.received.spans) == 80
        assert len(server.received.scores) == 10


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_fails_keeps_nobody_waiting_and_is_told_once(mode: str) -> None:
    with MODES[mode]() as url:
        left = leave(surroundings(url), runs=60, scores=100)

    assert left.code == 0
    assert left.after < IN_TIME, mode
    assert len(left.lines) == 1, left.lines


def test_closing_and_ending_together_take_no_longer() -> None:
    with black_hole() as url:
        left = leave(surroundings(url), runs=60, scores=100, close=True)

    assert left.after < IN_TIME
    assert len(left.lines) == 1, left.lines


def test_a_full_queue_is_no_reason_to_wait_or_to_say_more() -> None:
    with black_hole() as url:
        left = leave(surroundings(url), runs=700, scores=1_000)

    assert left.after < IN_TIME
    assert len(left.lines) == 1, left.lines


def test_without_keys_nothing_is_imported_and_nothing_said() -> None:
    left = leave(surroundings(), runs=20, scores=10)

    assert (left.code, left.lines, left.imported) == (0, [], False)


def test_with_tracing_off_nothing_is_imported_and_nothing_said() -> None:
    off = surroundings("http://127.0.0.1:9", LANGFUSE_TRACING_ENABLED="false")

    left = leave(off, runs=5, scores=5)

    assert (left.code, left.lines, left.imported) == (0, [], False)
