"""A scan that is killed again and again ends as if nobody had touched it."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from procx_graph.report import ScanReport
from procx_graph.store import DurableLedger, Scans, Store
from procx_graph.store.schema import review_cases, runs
from procx_graph.tables.sample import write_parquet
from tests.killing import SCAN, Sitting, plain_report
from tests.unit.store.places import KINDS, a_place

CUSTOMERS = 300
KILLS = 5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "town"
    write_parquet(CUSTOMERS, folder, seed=4)
    return folder


@pytest.fixture(scope="module")
def undisturbed(town: Path) -> ScanReport:
    return plain_report(town)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


def require_whole(place: str, undisturbed: ScanReport) -> None:
    """Hold what the store keeps against the scan that nobody interrupted."""
    with Store.open(place) as store:
        kept = [run.customer_id for run in Scans(store).runs(SCAN) if run.result is not None]
        waiting = Counter(case.customer_id for case in DurableLedger(store).waiting())
        with store.reading() as connection:
            cases = connection.scalars(select(review_cases.c.run_id)).all()
            states = set(connection.scalars(select(runs.c.state)))
    assert sorted(kept) == sorted(result.customer_id for result in undisturbed.results)
    assert waiting == Counter(result.customer_id for result in undisturbed.waiting)
    assert len(cases) == len(set(cases)) == len(undisturbed.waiting) > 0
    assert states <= {"done", "refused"}


def test_a_scan_killed_at_any_moment_loses_nobody_and_does_nobody_twice(
    place: str, town: Path, undisturbed: ScanReport, tmp_path: Path
) -> None:
    chance, report = random.Random(7), tmp_path / "report.json"
    work = len(undisturbed.results)
    Store.open(place).close()

    for _ in range(KILLS):
        Sitting(place, town, report).kill_after(chance.randrange(1, work // (KILLS + 1)))
        assert not report.exists()
    assert Sitting(place, town, report).end() == ""

    assert report.read_text(encoding="utf-8") == undisturbed.to_json()
    require_whole(place, undisturbed)


def test_of_two_processes_that_resume_at_once_one_gets_the_scan(
    place: str, town: Path, undisturbed: ScanReport, tmp_path: Path
) -> None:
    Store.open(place).close()
    Sitting(place, town, tmp_path / "killed.json").kill_after(20)

    both = [Sitting(place, town, tmp_path / f"{number}.json") for number in range(2)]
    complaints = [sitting.end() for sitting in both]

    assert not set(both[0].done) & set(both[1].done)
    refused = [told for told in complaints if told]
    assert all("is being worked on by process" in told for told in refused)
    reports = list(tmp_path.glob("?.json"))
    assert len(reports) == 2 - len(refused)
    for report in reports:
        assert report.read_text(encoding="utf-8") == undisturbed.to_json()
    require_whole(place, undisturbed)
