"""A scan that is kept: listed, resumed and answered later, from the command line."""

from pathlib import Path

import pytest

from procx_graph import CustomerBase, Monitor, Store
from procx_graph.domain.clock import FixedClock
from procx_graph.monitor import CustomerFinished
from tests.e2e.terminal import procx

AT = "2025-10-09T09:00"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "procx.db"


def stop_a_scan(shop: Path, place: Path) -> None:
    """Stop a scan after its first customer, as Ctrl-C does."""
    base = CustomerBase.open(shop)
    with (
        Store.open(place) as store,
        Monitor(base, store=store, clock=FixedClock(base.as_of), concurrency=1) as monitor,
    ):
        running = monitor.begin(limit=5, scan_id="s")
        for event in running:
            if isinstance(event, CustomerFinished):
                running.stop()


def test_a_stopped_scan_is_pointed_out_listed_and_resumed(shop: Path, place: Path) -> None:
    stop_a_scan(shop, place)

    [listed] = procx("scans", "--store", place, "--json").json
    other = procx("scan", shop, "--store", place, "--limit", 1, "--scan-id", "t", "--now", AT)
    resumed = procx("scan", shop, "--store", place, "--resume", "s", "--json", "-")
    table = procx("scans", "--store", place)

    assert (listed["scan_id"], listed["state"]) == ("s", "stopped")
    assert f"procx scan --resume s --store {place}" in other.err
    assert resumed.code == 0
    assert resumed.json["scan_id"] == "s"
    assert resumed.json["counts"]["processed"] == 5
    assert table.out.count("finished") == 2


def test_who_waits_is_answered_by_a_later_command(shop: Path, place: Path, careful: Path) -> None:
    kept = ("--store", place, "--policy", careful)
    scan = procx("scan", shop, *kept, "--limit", 20, "--now", AT, "--scan-id", "s", "--json", "-")
    review_id = next(r["review"]["review_id"] for r in scan.json["results"] if r["review"])

    asked = procx("review", review_id, "--source", shop, *kept, "--now", AT, typed="s\n")
    closed = procx("review", review_id, "dismiss", "--source", shop, *kept, "--json", "--now", AT)
    twice = procx("review", review_id, "approve", "--source", shop, *kept)
    report = procx("scan", shop, *kept, "--resume", "s", "--json", "-")

    assert asked.code == 0
    assert "Customer" in asked.out
    assert closed.json["status"] == "closed"
    assert (twice.code, "already answered" in twice.err) == (2, True)
    assert report.json["counts"]["closed"] == 1


def test_a_resumed_scan_takes_no_other_options(shop: Path, place: Path) -> None:
    stop_a_scan(shop, place)

    refused = procx("scan", shop, "--store", place, "--resume", "s", "--limit", 3, "--diverse")
    unknown = procx("scan", shop, "--store", place, "--resume", "nothing")

    assert refused.code == unknown.code == 2
    assert "leave out --diverse, --limit" in refused.err
    assert "has no scan 'nothing'" in unknown.err


def test_a_dry_run_makes_no_store(shop: Path, place: Path) -> None:
    ran = procx("scan", shop, "--store", place, "--dry-run", "--limit", 1)

    assert ran.code == 0
    assert not list(place.parent.iterdir())
