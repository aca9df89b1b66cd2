"""How many verified deliveries a second are stored so that they outlive a loss of power."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from procx_graph.events import Receiver
from procx_graph.store import Store
from procx_graph.store.schema import events
from tests.bench.deliveries import CUSTOMERS, NOW, deliveries, known_customers
from tests.deliveries import SECRETS, Sent

COUNT = int(os.environ.get("PROCX_BENCH_DELIVERIES", "3000"))
WARM = 60
GOAL = 500.0
"""Deliveries a second of a machine with two cores that does nothing else."""
CONNECTIONS = 8

pytestmark = [pytest.mark.bench, pytest.mark.slow]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store of ten thousand customers, and who they are."""
    place = tmp_path_factory.mktemp("deliveries") / "procx.db"
    return place, known_customers(place)


@pytest.fixture
def place(full: tuple[Path, list[str]], tmp_path: Path) -> Path:
    return Path(shutil.copyfile(full[0], tmp_path / "procx.db"))


def said(how: str, took: Sequence[float], seconds: float, cpu: float) -> float:
    """Print what was measured, and give deliveries a second of CPU."""
    quick = sorted(took)
    half, most = (1e3 * quick[int(len(quick) * share)] for share in (0.5, 0.99))
    print(  # noqa: T201 - a measurement is for reading
        f"\n{len(took):,} deliveries about {CUSTOMERS:,} customers {how}: "
        f"{len(took) / seconds:,.0f}/s, {1e3 * cpu / len(took):.2f} ms of CPU each "
        f"({len(took) / cpu:,.0f} per second of CPU); p50 {half:.1f} ms, p99 {most:.1f} ms"
    )
    return len(took) / cpu


def stored(place: Path) -> int:
    with Store.open(place) as store, store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(events)) or 0


def timed(send: Callable[[Sent], int], sent: Sent) -> float:
    started = time.perf_counter()
    assert send(sent) == httpx.codes.OK
    return time.perf_counter() - started


def test_deliveries_taken_in_one_after_the_other(full: tuple[Path, list[str]], place: Path) -> None:
    all_of_them = list(deliveries(full[1], range(WARM + COUNT)))
    with Store.open(place) as store:
        receiver = Receiver(store, secrets=SECRETS)

        def send(sent: Sent) -> int:
            return receiver.receive(sent.provider, sent.headers, sent.body, now=NOW).status

        for sent in all_of_them[:WARM]:
            timed(send, sent)
        started, cpu = time.perf_counter(), time.process_time()
        took = [timed(send, sent) for sent in all_of_them[WARM:]]
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu

    said("one after the other", took, seconds, cpu)
    assert stored(place) == WARM + COUNT


def test_deliveries_over_http(full: tuple[Path, list[str]], place: Path) -> None:
    all_of_them = list(deliveries(full[1], range(WARM + COUNT)))
    parts = [all_of_them[WARM + at :: CONNECTIONS] for at in range(CONNECTIONS)]
    with serving(place) as (url, cpu_of):

        def sends(part: Sequence[Sent]) -> list[float]:
            with httpx.Client(base_url=url, timeout=60) as client:

                def send(sent: Sent) -> int:
                    address, headers = f"/webhooks/{sent.provider}", dict(sent.headers)
                    return client.post(address, content=sent.body, headers=headers).status_code

                return [timed(send, sent) for sent in part]

        sends(all_of_them[:WARM])
        started, cpu = time.perf_counter(), cpu_of()
        with ThreadPoolExecutor(CONNECTIONS) as senders:
            took = [one for part in senders.map(sends, parts) for one in part]
        seconds, cpu = time.perf_counter() - started, cpu_of() - cpu

    said(f"over {CONNECTIONS} connections", took, seconds, cpu)
    assert stored(place) == WARM + COUNT


@contextmanager
def serving(place: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Serve a store from another process; give where, and what tells its seconds of CPU."""
    command = [sys.executable, "-m", "tests.bench.serve", str(place)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, answers = process.stdin, process.stdout

        def cpu() -> float:
            asks.write("\n")
            asks.flush()
            return float(answers.readline())

        yield f"http://127.0.0.1:{int(answers.readline())}", cpu
        asks.close()
