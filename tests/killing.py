"""A scan in a process of its own, which can be killed at any customer and is then resumed.

Run as `python -m tests.killing PLACE FOLDER REPORT`: it tells on stdout when it has begun, after
how many seconds, and each customer it is done with.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from procx_graph import CustomerBase, Monitor, Store
from procx_graph.domain.clock import FixedClock
from procx_graph.monitor import CustomerFinished, ScanStarted
from procx_graph.report import ScanReport
from procx_graph.store import Scans

SCAN = "s"


def plain_report(folder: Path) -> ScanReport:
    """Give the report of the scan when nobody interrupts it."""
    base = CustomerBase.open(folder)
    with Monitor(base, clock=FixedClock(base.as_of)) as monitor:
        return monitor.scan(limit=None, scan_id=SCAN)


class Sitting:
    """One process that works on the scan."""

    def __init__(self, place: str, folder: Path, report: Path) -> None:
        asked = [sys.executable, "-m", "tests.killing", place, str(folder), str(report)]
        self.process = subprocess.Popen(
            asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.done: list[str] = []
        self.begun_after: float | None = None

    def follow(self) -> Iterator[str]:
        """Give each customer as the process is done with it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, told = line.strip().partition(" ")
            if word == "begun":
                self.begun_after = float(told)
            elif word == "done":
                self.done.append(told)
                yield told

    def kill_after(self, customers: int) -> None:
        """Kill the process when it is done with so many customers, or has just begun."""
        for _ in self.follow():
            if len(self.done) >= customers:
                break
        os.kill(self.process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> str:
        """Wait for the end; give what the process complained of."""
        list(self.follow())
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        told = self.process.stderr.read()
        self.process.wait(timeout=300)
        self.process.stdout.close()
        self.process.stderr.close()
        return told


def main(place: str, folder: str, report: str) -> None:
    base = CustomerBase.open(folder)
    with Store.open(place) as store:
        known = any(scan.scan_id == SCAN for scan in Scans(store).summaries())
        with Monitor(base, store=store, clock=FixedClock(base.as_of)) as monitor:
            monitor.scores.scores([])
            asked = time.perf_counter()
            running = (
                monitor.begin(resume=SCAN) if known else monitor.begin(limit=None, scan_id=SCAN)
            )
            for event in running:
                if isinstance(event, ScanStarted):
                    sys.stdout.write(f"begun {time.perf_counter() - asked}\n")
                elif isinstance(event, CustomerFinished):
                    sys.stdout.write(f"done {event.result.customer_id}\n")
                sys.stdout.flush()
            Path(report).write_text(running.report().to_json(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
