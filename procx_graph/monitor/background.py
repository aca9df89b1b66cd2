"""Rescoring in a thread of its own, beside whatever else a process does."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from procx_graph.errors import ProcxError
from procx_graph.monitor.rescoring import AT_ONCE, Rescorer

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)
"""How often marks are looked for; what comes in between is scored together."""
AFTER_FAILURE = timedelta(seconds=30)
"""How long to wait where that failed."""


@contextmanager
def rescoring(
    rescorer: Rescorer, *, every: timedelta = EVERY, after_failure: timedelta = AFTER_FAILURE
) -> Iterator[None]:
    """Score marked customers while the block runs, and finish what is under way at its end.

    A failure, such as a store without statistics, is logged and tried again later.

    Args:
        rescorer: Scores them; nobody else is to use it meanwhile.
        every: How often marks are looked for.
        after_failure: How long to wait where that failed.
    """
    ended = threading.Event()
    work = threading.Thread(
        target=_work, args=(rescorer, ended, every, after_failure), name="procx-rescoring"
    )
    work.start()
    try:
        yield
    finally:
        ended.set()
        work.join()


def _work(
    rescorer: Rescorer, ended: threading.Event, every: timedelta, after_failure: timedelta
) -> None:
    pause = every
    while not ended.wait(pause.total_seconds()):
        try:
            while len(rescorer.run()) == AT_ONCE and not ended.is_set():
                pass
            pause = every
        except ProcxError as error:
            log.warning("rescoring failed", extra={"error": str(error)})
            pause = after_failure
        except Exception as error:  # noqa: BLE001 - else nobody would be scored any more
            log.error("rescoring failed", extra={"error": type(error).__name__})
            pause = after_failure
