"""The breaker: after a failure nothing is sent for a while, and one warning says so."""

import logging
import threading
from collections.abc import Callable

from procx_graph.domain.clock import monotonic as system_monotonic

log = logging.getLogger(__name__)

COOL_DOWN = 30.0
"""Seconds from a failure to the next try."""


class Breaker:
    """Whether the service is worth asking, shared by all that is sent to it.

    Args:
        host: Named in the warning.
        cool_down: Seconds from a failure to the next try.
        monotonic: A clock in seconds.
    """

    def __init__(
        self,
        host: str,
        *,
        cool_down: float = COOL_DOWN,
        monotonic: Callable[[], float] = system_monotonic,
    ) -> None:
        self._host, self._cool_down, self._monotonic = host, cool_down, monotonic
        self._lock = threading.Lock()
        self._until: float | None = None
        self._given_up = False
        self._dropped = {"spans": 0, "scores": 0}
        self.problem: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is to be sent now."""
        until = self._until
        return self._given_up or (until is not None and self._monotonic() < until)

    def tries(self) -> bool:
        """Whether to send; after a pause one caller tries, and the others wait for its luck."""
        with self._lock:
            if self.is_open:
                return False
            if self._until is not None:
                self._until = self._monotonic() + self._cool_down
            return True

    def succeeded(self) -> None:
        """Note that something was taken: the outage, if there was one, is over."""
        with self._lock:
            was_out, self._until = self._until is not None, None
        if was_out:
            log.info("Langfuse answers again", extra={"host": self._host})

    def failed(self, problem: str) -> None:
        """Note that nothing was taken; the first time of an outage is told."""
        with self._lock:
            first = self._until is None and not self._given_up
            self._until = self._monotonic() + self._cool_down
            self.problem = problem
        if first:
            log.warning(
                "Langfuse at %s %s: runs go on, their traces are dropped until it answers",
                self._host, problem,
                extra={"host": self._host, "problem": problem},
            )  # fmt: skip

    def give_up(self) -> None:
        """Send nothing any more: the process is leaving."""
        self._given_up = True

    def drop(self, what: str, number: int = 1) -> None:
        """Count `spans` or `scores` that were given up."""
        with self._lock:
            self._dropped[what] += number

    @property
    def dropped_spans(self) -> int:
        """Spans that were given up."""
        return self._dropped["spans"]

    @property
    def dropped_scores(self) -> int:
        """Scores that were given up."""
        return self._dropped["scores"]
