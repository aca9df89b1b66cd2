"""Scores on their way: kept for a moment, and sent together by a thread of their own.

The SDK's own way takes a tenth of a millisecond of CPU for each, and a run has a score for every
check of its text.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

Score = dict[str, Any]

TOGETHER = 200
"""Scores of one request."""
MOST = 10_000
"""Scores that wait."""
PAUSE = 1.0
"""Seconds that the first waits for others."""


class ScoreSender:
    """Sends scores in the background, in their order; the same id again replaces the first.

    Args:
        send: Sends some together; what it raises is not told.
        dropped: Is told how many were given up because too many wait.
    """

    def __init__(
        self, send: Callable[[list[Score]], object], *, dropped: Callable[[int], object]
    ) -> None:
        self._send, self._dropped = send, dropped
        self._changed = threading.Condition()
        self._waiting: deque[Score] = deque()
        self._hurry = self._ended = False
        self._under_way = 0
        self._thread: threading.Thread | None = None

    def put(self, score: Score) -> None:
        """Send a score soon."""
        with self._changed:
            if len(self._waiting) >= MOST or not self._works():
                self._dropped(1)
                return
            self._waiting.append(score)
            if len(self._waiting) in {1, TOGETHER}:
                self._changed.notify_all()

    def flush(self) -> None:
        """Send all that wait, and wait for it."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._under_way)
            self._hurry = False

    def end(self) -> None:
        """Send all that wait, and end the thread."""
        self.flush()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _works(self) -> bool:
        """Whether there is a thread; after a fork, which leaves threads behind, there is none."""
        if self._thread is not None and self._thread.is_alive():
            return True
        self._thread = threading.Thread(target=self._work, name="procx-scores", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the process is ending
            self._thread = None
            return False
        return True

    def _work(self) -> None:
        while batch := self._next():
            try:
                self._send(batch)
            except Exception:  # noqa: BLE001 - the next ones may go
                self._dropped(len(batch))
            with self._changed:
                self._under_way = 0
                self._changed.notify_all()

    def _next(self) -> list[Score]:
        """Give the next batch when it is time; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            self._changed.wait_for(
                lambda: len(self._waiting) >= TOGETHER or self._hurry or self._ended, PAUSE
            )
            batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            self._under_way = len(batch)
            return batch
