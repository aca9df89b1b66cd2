"""A circuit breaker: who does not answer is left alone for a while."""

import threading
from collections.abc import Callable

from procx_graph.domain.clock import monotonic as real_monotonic

FAILURES = 5
"""Failures in a row that open the breaker."""
COOL_DOWN = 30.0
"""Seconds before one call tries again."""


class Breaker:
    """Closed while calls succeed; open after failures in a row; then one call tries again.

    Args:
        failures: In a row, that open it.
        cool_down: Seconds for which it stays open.
        monotonic: A clock in seconds.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        cool_down: float = COOL_DOWN,
        monotonic: Callable[[], float] = real_monotonic,
    ) -> None:
        self._most, self._cool_down, self._monotonic = failures, cool_down, monotonic
        self._lock = threading.Lock()
        self._failed = 0
        self._until: float | None = None

    @property
    def open(self) -> bool:
        """Whether calls are refused at present."""
        return self.seconds_left > 0

    @property
    def seconds_left(self) -> float:
        """Seconds until a call may try again; 0 when it may now."""
        until = self._until
        return 0.0 if until is None else max(0.0, until - self._monotonic())

    def admits(self) -> bool:
        """Whether a call may go out; when the time is up, the first that asks tries for all."""
        with self._lock:
            if self._until is None:
                return True
            now = self._monotonic()
            if now < self._until:
                return False
            self._until = now + self._cool_down
            return True

    def succeeded(self) -> None:
        """Note an answer, whatever it says: the breaker closes."""
        with self._lock:
            self._failed, self._until = 0, None

    def failed(self, *, for_good: bool = False) -> bool:
        """Note a failure, and say whether it opened the breaker.

        Args:
            for_good: Trying again cannot help, e.g. the key is wrong: it opens at once.
        """
        with self._lock:
            self._failed += 1
            if not for_good and self._failed < self._most:
                return False
            opened = self._until is None
            self._until = self._monotonic() + self._cool_down
            return opened
