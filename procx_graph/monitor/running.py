"""A scan under way, as whoever started it holds it."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress

from procx_graph.monitor.events import ScanEvent
from procx_graph.monitor.loop import BackgroundLoop
from procx_graph.monitor.scan import Scan
from procx_graph.report import ScanReport

AWAKE = 0.2
"""Seconds after which a wait looks whether it was interrupted."""


class RunningScan:
    """A scan under way: iterate for its events, `stop` it, take its `report` at any moment."""

    def __init__(self, scan: Scan, loop: BackgroundLoop) -> None:
        self._scan = scan
        self._events: queue.SimpleQueue[ScanEvent | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._work: Future[None] = loop.submit(self._run())

    def __iter__(self) -> Iterator[ScanEvent]:
        """Give each event as it happens; errors of the scan itself are raised at the end."""
        while (event := self._next()) is not None:
            yield event
        if not self._work.cancelled():
            self._work.result()

    @property
    def scan_id(self) -> str:
        """The scan's id."""
        return self._scan.plan.scan_id

    @property
    def note(self) -> str | None:
        """What a reader should know of a scan that is resumed; `None` when there is nothing."""
        return self._scan.note

    def stop(self) -> None:
        """Stop and wait for the end: runs under way are given up, what is done stays."""
        self._work.cancel()
        self._ended.wait(timeout=10)

    def report(self) -> ScanReport:
        """Give the report of what is done so far."""
        return self._scan.report()

    def _next(self) -> ScanEvent | None:
        """Wait for what comes next, awake often: Polars' handler hides Ctrl-C from a wait."""
        while True:
            with suppress(queue.Empty):
                return self._events.get(timeout=AWAKE)

    async def _run(self) -> None:
        try:
            await self._scan.run(self._events.put)
        finally:
            self._ended.set()
            self._events.put(None)
