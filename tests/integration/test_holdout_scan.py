"""Holding customers out of a scan, and the record of who was eligible."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from procx_graph import CustomerBase, Store
from procx_graph.domain.policy import Policy
from procx_graph.report import Status
from procx_graph.store.holdouts import assign, assignments
from tests.conftest import NOON, MakeMonitor, Shop
from tests.unit.builders import a_policy
from tests.unit.store.places import KINDS, a_place


@pytest.fixture(scope="module")
def town(shop: Shop) -> CustomerBase:
    """Thirty who agreed and ten who did not."""
    people: dict[str, Any] = {f"c{number:02}": {} for number in range(30)}
    people |= {f"n{number:02}": {"opt_in_marketing": False} for number in range(10)}
    return shop(**people)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def trial(share: float = 0.3) -> Policy:
    return a_policy(holdout={"experiment": "spring", "share": share})


def test_who_is_held_out_is_skipped_and_everybody_eligible_is_recorded(
    town: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    report = monitor_of(town, store=store, policy=trial()).scan(limit=None)
    arms = {one.customer_id: one.held for one in assignments(store, "spring")}
    reasons = {r.customer_id: r.reason for r in report.results if r.status is Status.SKIPPED}
    held = {name for name, reason in reasons.items() if reason == "holdout"}

    assert set(arms) == {name for name in reasons if name[0] == "c"} | {
        r.customer_id for r in report.results if r.status is not Status.SKIPPED
    }
    assert {name for name in arms if arms[name]} == held
    assert 3 <= len(held) <= 15
    assert all(name.startswith("c") for name in arms)
    assert Counter(reasons.values())["no_consent"] == 10


def test_a_limit_leaves_the_rest_unassigned(
    town: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor_of(town, store=store, policy=trial()).scan(limit=3)
    arms = assignments(store, "spring")

    assert sum(not one.held for one in arms) == 3
    assert len(arms) < 15


def test_a_dry_run_shows_who_is_held_out_and_records_nobody(
    town: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(town, store=store, policy=trial())
    dry = monitor.scan(limit=None, dry_run=True, scan_id="s")
    before = assignments(store, "spring")
    wet = monitor.scan(limit=None, scan_id="s")

    assert before == []
    assert [r.reason for r in dry.results] == [r.reason for r in wet.results]


def test_an_arm_is_kept_when_the_share_is_changed(
    town: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    with store.writing() as connection:
        assign(connection, "spring", {"c00": True, "c01": False}, at=NOON)
        assign(connection, "spring", {"c00": False, "c01": True}, at=NOON)
    report = monitor_of(town, store=store, policy=trial(0.5)).scan(limit=None)
    reasons = {r.customer_id: r.reason for r in report.results}

    assert reasons["c00"] == "holdout"
    assert reasons["c01"] != "holdout"


def test_without_a_store_the_ledger_in_memory_keeps_the_arms(
    town: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(town, policy=trial())
    report = monitor.scan(limit=None)
    held = [r.customer_id for r in report.results if r.reason == "holdout"]

    assert held
    assert all(monitor.store.dealings(name).arms == {"spring": True} for name in held)


def test_nobody_is_held_out_by_default(
    town: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    report = monitor_of(town, store=store).scan(limit=5)

    assert "holdout" not in {r.reason for r in report.results}
    assert assignments(store, "retention") == []


def test_who_is_skipped_for_a_while_is_skipped_until_a_moment(
    shop: Shop, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(shop(ana={}, ben={}))
    monitor.store.record_contact("ana", at=NOON)

    [ana, ben] = monitor.scan(limit=None).results

    until = NOON + timedelta(days=monitor.policy.cooldown_days)
    assert (ana.reason, ben.status) == ("cooldown", Status.DRAFTED)
    assert ana.detail.endswith(f"(until {until:%Y-%m-%d %H:%M} UTC)")
