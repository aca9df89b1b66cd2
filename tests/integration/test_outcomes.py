"""Outcomes are kept once each, retention is read from the orders, figures from the store."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import delete, func, insert, select, update

from procx_graph import CustomerBase, Store, record_outcome
from procx_graph.domain.outcome import OutcomeKind
from procx_graph.errors import DataError, StoreError, UnknownCustomer
from procx_graph.events import load_base
from procx_graph.outcomes import observe_retention
from procx_graph.outcomes.figures import UpliftVerdict
from procx_graph.outcomes.gather import gather
from procx_graph.store import DurableLedger
from procx_graph.store.outcomes import find, of_customer
from procx_graph.store.schema import holdouts, outcomes
from tests.integration.worked import CLOCK, NOW, a_run, ago, an_experiment, tell, worked
from tests.unit.store.places import KINDS, a_place


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def kept(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(outcomes)) or 0


def record(store: Store, kind: str = "resolved", customer_id: str = "C1", **given: Any) -> Any:
    values: dict[str, Any] = {"at": NOW, "source": "ada", "clock": CLOCK}
    return record_outcome(store, customer_id, kind, **(values | given))


def test_an_outcome_is_kept_as_told(store: Store) -> None:
    told = record(store, "csat", value=4, note="thanks", outcome_id="o1")

    with store.reading() as connection:
        assert find(connection, "o1") == told
        assert of_customer(connection, "C1") == [told]
        assert connection.scalar(select(outcomes.c.recorded_at)) == NOW
    assert (told.kind, told.value, told.at) == (OutcomeKind.CSAT, 4, NOW)


def test_the_same_word_twice_is_kept_once_with_or_without_an_id(store: Store) -> None:
    for given in ({}, {"outcome_id": "o1"}):
        first, again = (record(store, **given) for _ in range(2))
        assert first == again

    assert kept(store) == 2


def test_words_that_differ_are_two(store: Store) -> None:
    for given in ({}, {"at": ago(1)}, {"source": "bo"}, {"customer_id": "C2"}, {"value": 0}):
        record(store, **given)

    assert kept(store) == 5


def test_a_naive_time_is_utc_and_any_zone_is_the_same_moment(store: Store) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    told = [record(store, at=at) for at in (NOW.replace(tzinfo=None), NOW.astimezone(india))]

    assert [one.at for one in told] == [NOW, NOW]
    assert kept(store) == 1


def test_an_id_that_another_word_has_is_refused(store: Store) -> None:
    record(store, outcome_id="o1")

    with pytest.raises(DataError, match="'o1' is already that of another customer_id, kind"):
        record(store, "replied", customer_id="C2", outcome_id="o1")


def test_an_outcome_is_never_changed_or_taken_back(store: Store) -> None:
    record(store)

    for change in (update(outcomes).values(kind="csat"), delete(outcomes)):
        with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
            connection.execute(change)


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("csat", {"value": 6}, "csat is a rating from 1 to 5, not 6"),
        ("csat", {"value": 0}, "csat is a rating from 1 to 5"),
        ("csat", {}, "csat is a rating from 1 to 5, not None"),
        ("csat", {"value": float("nan")}, "csat is a rating from 1 to 5"),
        ("retained_90", {}, "retained_90 is 1"),
        ("retained_30", {"value": 0.5}, "retained_30 is 1"),
        ("replied", {"value": 2}, "replied is 1"),
        ("happy", {}, "kind: Input should be 'contacted'"),
        ("resolved", {"source": " "}, "source"),
        ("resolved", {"customer_id": ""}, "customer_id"),
        ("resolved", {"at": "2025-01-01"}, "at '2025-01-01' is no moment"),
        ("resolved", {"run_id": "scan:nobody"}, "knows no run 'scan:nobody'"),
    ],
)
def test_what_is_no_outcome_is_refused_by_name(
    store: Store, kind: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        record(store, kind, **given)
    assert kept(store) == 0


def test_a_run_of_somebody_else_is_refused(store: Store) -> None:
    with store.writing() as connection:
        a_run(connection, 1, "complaint")

    record(store, customer_id="C1", run_id="scan:C1")
    with pytest.raises(DataError, match="run 'scan:C1' is not of customer 'C2'"):
        record(store, customer_id="C2", run_id="scan:C1")


def shop(*orders: tuple[str, datetime, str], until: datetime = NOW) -> CustomerBase:
    """Give a base of C0 to C4 with these orders: customer, moment, status."""
    people = pd.DataFrame({"customer_id": [f"C{number}" for number in range(5)]})
    rows = [
        {
            "order_id": f"O{number}", "customer_id": customer,
            "order_date": at.replace(tzinfo=None), "total_amount": 10.0,
            "order_status": status, "payment_status": "success",
        }
        for number, (customer, at, status) in enumerate(orders)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "order_date", "total_amount",
                                        "order_status", "payment_status"])  # fmt: skip
    return CustomerBase.from_frames({"customers": people, "orders": frame}, as_of=until)


def test_where_the_store_knows_customers_only_they_have_outcomes(store: Store) -> None:
    load_base(shop(("C1", ago(3), "placed")), store, at=NOW)

    record(store, customer_id="C1")
    with pytest.raises(UnknownCustomer, match="C9"):
        record(store, customer_id="C9")


def assign(store: Store, *members: tuple[str, bool], at: datetime, experiment: str = "x") -> None:
    rows = [
        {"experiment": experiment, "customer_id": name, "held": held, "assigned_at": at}
        for name, held in members
    ]
    with store.writing() as connection:
        connection.execute(insert(holdouts), rows)


def values(store: Store, customer_id: str) -> dict[str, float | None]:
    with store.reading() as connection:
        return {one.kind.value: one.value for one in of_customer(connection, customer_id)}


def test_who_bought_within_which_window_is_read_from_the_orders(store: Store) -> None:
    assign(store, ("C0", True), ("C1", False), ("C2", False), ("C3", True), at=ago(100))
    base = shop(
        ("C0", ago(100) + timedelta(days=20), "placed"),
        ("C1", ago(100) + timedelta(days=75), "delivered"),
        ("C2", ago(101), "placed"),
        ("C2", ago(5), "placed"),
        ("C3", ago(90), "Cancelled"),
    )

    seen = observe_retention(base, store, NOW)

    kinds = ("retained_30", "retained_60", "retained_90")
    told = {name: values(store, name) for name in ("C0", "C1", "C2", "C3")}
    assert {name: tuple(found[kind] for kind in kinds) for name, found in told.items()} == {
        "C0": (1, 1, 1),
        "C1": (0, 0, 1),
        "C2": (0, 0, 0),
        "C3": (0, 0, 0),
    }
    assert (seen.recorded, seen.running, seen.unknown) == (12, 0, 0)


def test_observing_again_changes_nothing(store: Store) -> None:
    assign(store, ("C0", True), at=ago(100))
    base = shop(("C0", ago(90), "placed"))

    first, again = (observe_retention(base, store, NOW) for _ in range(2))

    assert (first.recorded, first.known) == (3, 0)
    assert (again.recorded, again.known) == (0, 3)
    assert kept(store) == 3


def test_a_window_is_over_only_when_the_orders_reach_its_end(store: Store) -> None:
    assign(store, ("C0", True), at=ago(70))
    old = shop(("C0", ago(65), "placed"), until=ago(30))

    seen = observe_retention(old, store, NOW)

    assert values(store, "C0") == {"retained_30": 1}
    assert (seen.recorded, seen.running) == (1, 2)


def test_customers_that_the_base_does_not_know_stay_unknown(store: Store) -> None:
    assign(store, ("gone", True), at=ago(100))

    seen = observe_retention(shop(("C0", ago(1), "placed")), store, NOW)

    assert (seen.recorded, seen.unknown, kept(store)) == (0, 3, 0)


def test_each_experiment_has_windows_of_its_own(store: Store) -> None:
    assign(store, ("C0", True), at=ago(100), experiment="first")
    assign(store, ("C0", False), at=ago(40), experiment="second")

    observe_retention(shop(("C0", ago(35), "placed")), store, NOW)
    found = {(one.experiment, one.days): one for one in gather(store, NOW).uplifts}

    assert found["first", 30].held.retained.count == 0
    assert found["first", 90].held.retained.count == 1
    assert found["second", 30].treated.retained.count == 1


def test_a_base_without_orders_says_so(store: Store) -> None:
    people = pd.DataFrame({"customer_id": ["C0"]})
    base = CustomerBase.from_frames({"customers": people}, as_of=NOW)

    with pytest.raises(DataError, match="has no table orders"):
        observe_retention(base, store, NOW)


def test_the_figures_are_those_of_the_store(store: Store) -> None:
    worked(store)
    figures = gather(store, NOW)

    found = {one.name: one for one in figures.triggers}
    assert {name: one.runs for name, one in found.items()} == {
        "complaint": 10,
        "gone_quiet": 30,
        "vip_risk": 4,
    }
    quiet = found["gone_quiet"]
    assert (quiet.precision.count, quiet.precision.of) == (10, 30)
    assert (quiet.contacted, quiet.accepted, quiet.replied) == (2, 2, 2)
    assert (quiet.rated, quiet.mean_csat) == (2, 3.75)
    total = figures.offer_totals
    assert total is not None
    assert (total.made, total.accepted.count, total.cost, total.unknown) == (3, 2, 12.5, 1)
    assert {(one.state, one.reason, one.messages) for one in figures.messages} == {
        ("sent", None, 2),
        ("suppressed", "no_consent", 1),
        ("drafted", None, 1),
    }
    teams = {one.team: one for one in figures.teams}
    assert (teams["Payments"].breaches, teams["Payments"].in_time.count) == (2, 1)
    assert teams["Payments"].median_hours == 4.0
    waits = {one.what: one for one in figures.waits}
    assert waits["messages to approve"].median_hours == 3.0
    assert (waits["escalated cases"].answered, waits["escalated cases"].open) == (3, 1)
    assert len(figures.suggestions) == 1
    assert "gone_quiet" in figures.suggestions[0]


def test_the_newest_word_of_a_run_counts(store: Store) -> None:
    with store.writing() as connection:
        a_run(connection, 1, "complaint")
    tell(store, 1, "false_alarm")
    record(store, "false_alarm", value=0, run_id="scan:C1")

    (complaint,) = gather(store, NOW).triggers

    assert (complaint.false_alarms, complaint.precision.count) == (0, 1)


def test_a_span_holds_what_began_in_it_with_what_came_later(store: Store) -> None:
    with store.writing() as connection:
        a_run(connection, 1, "complaint", finished_at=ago(20))
        a_run(connection, 2, "praise", finished_at=ago(10))
        a_run(connection, 3, "inquiry", finished_at=ago(2))
    tell(store, 2, "resolved")

    found = gather(store, NOW, since=ago(15), until=ago(8)).triggers

    assert [(one.name, one.resolved) for one in found] == [("praise", 1)]


def test_who_was_skipped_is_no_alert(store: Store) -> None:
    with store.writing() as connection:
        a_run(connection, 1, "complaint", status="skipped")

    assert gather(store, NOW).is_empty


def test_an_experiment_is_read_with_its_outcomes(store: Store) -> None:
    an_experiment(store, held=(800, 1_000), treated=(7_740, 9_000))

    found = gather(store, NOW).uplifts[0]

    assert (found.experiment, found.days, found.verdict) == ("autumn", 90, UpliftVerdict.HIGHER)
    assert found.difference == pytest.approx(0.06)


def test_contacts_of_the_held_out_are_found(store: Store) -> None:
    an_experiment(store, held=(8, 10), treated=(80, 90))
    ledger = DurableLedger(store)
    for customer_id in ("aut-h1", "aut-t1"):
        ledger.record_contact(customer_id, at=ago(50))

    assert gather(store, NOW).uplifts[0].contacted == 1


def test_what_began_after_the_moment_of_the_report_is_not_there(store: Store) -> None:
    worked(store)
    an_experiment(store, held=(8, 10), treated=(80, 90))

    assert gather(store, ago(101)).is_empty


def test_a_store_of_nothing_has_empty_figures(store: Store) -> None:
    assert gather(store, NOW).is_empty


def test_a_span_that_ends_before_it_begins_is_refused(store: Store) -> None:
    with pytest.raises(DataError, match="ends before"):
        gather(store, NOW, since=ago(1), until=ago(2))


def test_equal_stores_give_equal_bytes(store: Store) -> None:
    worked(store)

    assert gather(store, NOW).to_json() == gather(store, NOW).to_json()
