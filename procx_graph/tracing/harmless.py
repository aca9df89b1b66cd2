"""Tracing that goes wrong: noted, and no run's business."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from procx_graph.tracing.breaker import Breaker

log = logging.getLogger(__name__)


class Harmless:
    """Keeps what goes wrong inside of a block, and notes it where the status shows it.

    Args:
        breaker: Takes the note.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Do the block, and let no error out of it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - no run may fail because of its tracing
            self._breaker.problem = f"could not {what} ({type(error).__name__})"
            log.info("tracing failed", extra={"what": what, "error": type(error).__name__})
