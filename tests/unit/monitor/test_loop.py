"""The background loop: started on first use, ended on request, alive again when needed."""

import asyncio
import threading
from concurrent.futures import CancelledError

import pytest

from procx_graph.monitor.loop import BackgroundLoop


async def thread_name() -> str:
    return threading.current_thread().name


async def forever() -> None:
    await asyncio.Event().wait()


def test_work_is_done_in_a_thread_of_its_own() -> None:
    loop = BackgroundLoop()

    assert loop.submit(thread_name()).result(timeout=5) == "procx"
    loop.close()


async def test_it_works_beside_a_running_loop() -> None:
    loop = BackgroundLoop()

    assert loop.submit(thread_name()).result(timeout=5) == "procx"
    loop.close()


def test_closing_ends_what_is_still_running() -> None:
    loop = BackgroundLoop()
    work = loop.submit(forever())

    loop.close()

    with pytest.raises(CancelledError):
        work.result(timeout=5)


def test_it_starts_again_after_it_was_closed() -> None:
    loop = BackgroundLoop()
    loop.submit(thread_name()).result(timeout=5)
    loop.close()

    assert loop.submit(thread_name()).result(timeout=5) == "procx"
    loop.close()


def test_closing_what_never_started_does_nothing() -> None:
    BackgroundLoop().close()
