"""Watching a live store: a scan every few minutes, and scoring in between."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from procx_graph.domain.clock import in_utc
from procx_graph.errors import ProcxError, StoreError
from procx_graph.monitor.history import record
from procx_graph.monitor.rescoring import Listener, Rescorer
from procx_graph.monitor.reviews import Reviews
from procx_graph.report import ScanReport
from procx_graph.store.database import Store
from procx_graph.store.history import ScoreHistory
from procx_graph.store.holder import new_holder
from procx_graph.store.lease import Leases

if TYPE_CHECKING:
    from procx_graph.monitor.monitor import Monitor

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
"""From one scan to the next when nothing else is said."""
PULSE = timedelta(seconds=1)
"""How often it is looked for somebody to score again, and whether another process still watches."""
LEASE, TTL = "watch", timedelta(minutes=2)
RECORDED = timedelta(days=1)
"""How often scores go into the history, and the statistics for single customers are renewed."""


class Watch:
    """Scans the source of a monitor on a schedule.

    Args:
        monitor: How to scan; a new one like it is made for each scan.
        store: Keeps scans, scores and who watches.
        every: From the start of one scan to the start of the next.
        limit: Customers of each scan.
        options: Further options of each scan.
        on_at_risk: Is told who enters the queue in between.
        capacity: Size of the queue for that.
    """

    def __init__(
        self,
        monitor: "Monitor",
        store: Store,
        *,
        every: timedelta,
        limit: int | None,
        options: dict[str, Any],
        on_at_risk: Listener | None,
        capacity: float,
    ) -> None:
        self.monitor, self.store, self.every = monitor, store, every
        self.limit, self.options = limit, options
        self._rescorer = Rescorer(
            store,
            clock=monitor.clock,
            profile=monitor.profile,
            capacity=capacity,
            on_at_risk=on_at_risk,
        )
        self._number = 0
        self._pulse = min(PULSE, every).total_seconds()

    def reports(self, stop: threading.Event) -> Iterator[ScanReport]:
        """Give the report of each scan until told to stop.

        What fails in the first scan is raised; what fails later is logged and tried again at the
        next one.
        """
        with self._rescorer, self._alone(stop) as lost:
            while not (stop.is_set() or lost.is_set()):
                with _alarm(self.every) as due:
                    try:
                        report = self._scan(stop)
                    except ProcxError as error:
                        if not self._number:
                            raise
                        log.warning("scan failed", extra={"error": str(error)})
                    else:
                        self._number += 1
                        yield report
                    while not (due.is_set() or lost.is_set() or stop.wait(self._pulse)):
                        self._score_again()

    def _scan(self, stop: threading.Event) -> ScanReport:
        now = in_utc(self.monitor.clock.now())
        name = f"watch-{now:%Y%m%dT%H%M%S}-{new_holder()[-6:]}"
        with self.monitor.reopened(now, scan_ids=lambda: name) as monitor:
            self._record(monitor, now)
            running = monitor.begin(self.limit, **self.options)
            for _ in running:
                if stop.is_set():
                    running.stop()
            self._look_at_clocks(monitor)
            return running.report()

    def _look_at_clocks(self, monitor: "Monitor") -> None:
        for step in Reviews(monitor).tick():
            log.warning(
                "case runs late",
                extra={"review_id": step.review_id, "step": step.step.value, **step.detail},
            )

    def _record(self, monitor: "Monitor", now: datetime) -> None:
        known = ScoreHistory(self.store).scorings(monitor.profile.hash)
        if not known or now - known[-1].as_of >= RECORDED:
            record(monitor.scores, self.store, at=now)

    def _score_again(self) -> None:
        try:
            self._rescorer.run()
        except ProcxError as error:
            log.warning("rescoring failed", extra={"error": str(error)})

    @contextmanager
    def _alone(self, stop: threading.Event) -> Iterator[threading.Event]:
        """Wait until nobody else watches, and keep it so; gives what is set when that fails."""
        leases, holder, clock = Leases(self.store), new_holder(), self.monitor.clock
        lost, ended = threading.Event(), threading.Event()
        told = False
        while not leases.acquire(LEASE, holder, ttl=TTL, now=clock.now()):
            if not told:
                log.warning("another process watches this store; waiting for its end")
                told = True
            if stop.wait(PULSE.total_seconds()):
                lost.set()
                break

        def keep() -> None:
            while not ended.wait(TTL.total_seconds() / 3):
                try:
                    if not leases.renew(LEASE, holder, ttl=TTL, now=clock.now()):
                        lost.set()
                        return
                except StoreError as error:
                    log.warning("lease not renewed", extra={"error": str(error)})

        keeper = threading.Thread(target=keep, name="procx-watch-lease", daemon=True)
        keeper.start()
        try:
            yield lost
        finally:
            ended.set()
            keeper.join()
            with suppress(StoreError):  # the lease then ends by itself
                leases.release(LEASE, holder)


@contextmanager
def _alarm(after: timedelta) -> Iterator[threading.Event]:
    """Give an event that is set once a span of time has passed."""
    due = threading.Event()
    timer = threading.Timer(after.total_seconds(), due.set)
    timer.daemon = True
    timer.start()
    try:
        yield due
    finally:
        timer.cancel()
