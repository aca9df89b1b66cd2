"""A live store is watched: scanned on a schedule, by one process, and scored in between."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import FixedClock
from procx_graph.errors import ConfigError
from procx_graph.monitor import Monitor
from procx_graph.monitor.rescoring import Rescored
from procx_graph.report import ScanReport
from procx_graph.store import Store
from procx_graph.store.holder import new_holder
from procx_graph.store.lease import Leases
from procx_graph.store.scans import Scans
from tests.integration.stores import NOW, filled, tell

SOON = timedelta(milliseconds=50)


class Hands:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(str(tmp_path / "procx.db")) as store:
        yield store


def monitor_of(store: Store, clock: Hands) -> Monitor:
    return Monitor(CustomerBase.from_url(store.url, as_of=clock.now()), store=store, clock=clock)


def drafted(report: ScanReport) -> set[str]:
    return {one.customer_id for one in report.results if one.status.value == "drafted"}


def test_whoever_was_written_to_rests_until_something_happens_to_them(store: Store) -> None:
    clock, stop = Hands(NOW), threading.Event()
    with monitor_of(store, clock) as monitor:
        reports = monitor.watch(SOON, stop=stop)

        assert drafted(next(reports)) == {"C1", "C2"}

        clock.at += timedelta(hours=1)
        second = next(reports)
        assert drafted(second) == set()
        assert second.others["handled_lately"] == 2

        tell(store, "payment.failed", hour=2, payment_id="pi_1", amount=100)
        clock.at += timedelta(hours=2)
        third = next(reports)
        [result] = [one for one in third.results if one.customer_id == "C1"]
        assert result.situation is not None
        assert result.situation.kind.value == "payment_failed"

        stop.set()
        assert list(reports) == []


def test_an_event_between_two_scans_is_scored_at_once(store: Store) -> None:
    clock, stop = Hands(NOW), threading.Event()
    seen: list[Rescored] = []

    def note(one: Rescored) -> None:
        seen.append(one)
        stop.set()

    with monitor_of(store, clock) as monitor:
        reports = monitor.watch(timedelta(hours=1), stop=stop, on_at_risk=note, capacity=0.4)
        next(reports)
        tell(store, "payment.failed", hour=1, amount=100, order_id="O2", thing="intent:1")
        tell(store, "support.ticket.created", hour=1, ticket_id="7", priority="urgent")
        clock.at += timedelta(hours=1)
        waits = threading.Timer(20, stop.set)
        waits.start()
        assert list(reports) == []
        waits.cancel()

    assert [one.customer_id for one in seen] in ([], ["C1"], ["C2"])


def test_only_one_watches_a_store_at_a_time(store: Store) -> None:
    other, clock = new_holder(), Hands(NOW)
    leases = Leases(store)
    assert leases.acquire("watch", other, ttl=timedelta(hours=1), now=NOW)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()

    with monitor_of(store, clock) as monitor:
        assert list(monitor.watch(SOON, stop=stop)) == []
    assert Scans(store).summaries() == []

    leases.release("watch", other)
    with monitor_of(store, clock) as monitor:
        reports = monitor.watch(SOON, stop=threading.Event())
        assert drafted(next(reports)) == {"C1", "C2"}
        reports.close()  # type: ignore[attr-defined]


def test_the_end_of_a_watch_lets_the_next_one_begin(store: Store) -> None:
    clock = Hands(NOW)
    for _ in range(2):
        with monitor_of(store, clock) as monitor:
            reports = monitor.watch(SOON, stop=threading.Event())
            next(reports)
            reports.close()  # type: ignore[attr-defined]

    assert Leases(store).find("watch", NOW) is None


def test_a_watch_needs_a_store(store: Store) -> None:
    base = CustomerBase.from_url(store.url)

    with Monitor(base) as monitor, pytest.raises(ConfigError, match="needs the monitor's store"):
        monitor.watch()


def test_a_wrong_option_is_told_before_anything_is_watched(store: Store) -> None:
    with monitor_of(store, Hands(NOW)) as monitor, pytest.raises(ConfigError, match="limt"):
        monitor.watch(limt=3)


def test_a_fixed_clock_scans_the_same_moment_again(store: Store) -> None:
    base = CustomerBase.from_url(store.url, as_of=NOW)
    with Monitor(base, store=store, clock=FixedClock(NOW)) as monitor:
        reports = monitor.watch(SOON, stop=threading.Event())
        first, second = next(reports), next(reports)
        reports.close()  # type: ignore[attr-defined]

    assert first.scan_id != second.scan_id
