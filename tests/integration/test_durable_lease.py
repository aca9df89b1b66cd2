"""Of all processes on a store one holds a lease, until it lets go, dies or falls silent."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from procx_graph.domain.clock import SystemClock
from procx_graph.monitor.heartbeat import Heartbeat
from procx_graph.store import Leases, Store
from procx_graph.store.holder import is_gone, new_holder, told
from tests.unit.store.places import KINDS, NOW, a_place

TTL = timedelta(minutes=1)
LATER = NOW + timedelta(seconds=61)
NAME = "from procx_graph.store.holder import new_holder; print(new_holder())"


@pytest.fixture(params=KINDS)
def leases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Leases]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield Leases(store)


@pytest.fixture(scope="module")
def dead() -> str:
    """Give the name of a process that has ended."""
    asked = [sys.executable, "-c", NAME]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def test_a_lease_is_one_holders_at_a_time(leases: Leases) -> None:
    one, two = new_holder(), new_holder()

    assert leases.acquire("watch", one, ttl=TTL, now=NOW)
    assert not leases.acquire("watch", two, ttl=TTL, now=NOW)
    assert leases.acquire("other", two, ttl=TTL, now=NOW)
    assert leases.acquire("watch", one, ttl=TTL, now=NOW)


def test_a_lease_that_is_let_go_is_free(leases: Leases) -> None:
    one, two = new_holder(), new_holder()
    leases.acquire("watch", one, ttl=TTL, now=NOW)
    leases.release("watch", two)
    assert leases.find("watch", NOW)

    leases.release("watch", one)

    assert leases.find("watch", NOW) is None
    assert leases.acquire("watch", two, ttl=TTL, now=NOW)


def test_who_falls_silent_loses_the_lease_and_who_renews_keeps_it(leases: Leases) -> None:
    one, two = new_holder(), new_holder()
    leases.acquire("watch", one, ttl=TTL, now=NOW)
    assert leases.renew("watch", one, ttl=TTL, now=NOW + timedelta(seconds=30))
    assert not leases.acquire("watch", two, ttl=TTL, now=LATER)

    assert leases.acquire("watch", two, ttl=TTL, now=LATER + TTL)

    assert not leases.renew("watch", one, ttl=TTL, now=LATER + TTL)
    found = leases.find("watch", LATER + TTL)
    assert found is not None
    assert found.holder == two


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc tells who is alive")
def test_the_lease_of_a_process_that_died_is_free_at_once(leases: Leases, dead: str) -> None:
    assert leases.acquire("watch", dead, ttl=TTL, now=NOW)

    assert leases.find("watch", NOW) is None
    assert leases.acquire("watch", new_holder(), ttl=TTL, now=NOW)


def test_of_many_who_ask_at_once_one_gets_it(leases: Leases) -> None:
    holders = [new_holder() for _ in range(16)]

    with ThreadPoolExecutor(16) as threads:
        got = list(threads.map(lambda h: leases.acquire("watch", h, ttl=TTL, now=NOW), holders))

    assert sum(got) == 1


async def test_a_heartbeat_keeps_a_lease_beyond_its_life_and_then_lets_go(leases: Leases) -> None:
    life, clock = timedelta(seconds=1.5), SystemClock()
    beating = Heartbeat(leases, "watch", new_holder(), clock=clock, ttl=life)
    other = Heartbeat(leases, "watch", new_holder(), clock=clock, ttl=life)

    assert await beating.start() is None
    await asyncio.sleep(2)
    held = await other.start()
    await beating.stop()

    assert held is not None
    assert held.holder == beating.holder
    assert await other.start() is None
    await other.stop()


def test_a_process_is_alive_while_it_runs_and_a_stranger_is_not_judged(dead: str) -> None:
    host, _, *rest = dead.split("|")

    assert not is_gone(new_holder())
    assert not is_gone("|".join((host, "another machine", *rest)))
    assert not is_gone("somebody")
    assert told(new_holder()).startswith("process ")
