"""A base is loaded whole or not at all, the same twice is the same once, and newer data wins."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, inspect, select, update

from procx_graph.base import CustomerBase
from procx_graph.domain.contact_key import email_key, phone_key
from procx_graph.errors import ConfigError
from procx_graph.store import Store
from procx_graph.store.live import held, hold
from procx_graph.store.loading import StoreLoad, load_base
from procx_graph.store.schema import AS_OF, EMAIL, LIVE, PHONE, ROW, live_tables
from procx_graph.tables.sample import write_parquet
from tests.unit.store.places import KINDS, NOW, a_place

MAY, JUNE = datetime(2025, 5, 31, tzinfo=UTC), datetime(2025, 6, 30, tzinfo=UTC)
ANA: dict[str, Any] = {"customer_id": "ana", "first_name": "Ana", "segment": "VIP"}
ORDER: dict[str, Any] = {
    "order_id": "#1001",
    "customer_id": "ana",
    "order_date": datetime(2025, 4, 1, 12, tzinfo=UTC),
    "total_amount": 0.1,
    "items_count": 3,
}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with Store.open(place) as store:
        yield store


def base_of(as_of: datetime = MAY, **tables: list[dict[str, Any]]) -> CustomerBase:
    frames = {"customers": [ANA]} | tables
    return CustomerBase.from_frames(
        {name: pl.DataFrame(rows) for name, rows in frames.items()}, as_of=as_of
    )


def load(store: Store, base: CustomerBase, **options: Any) -> StoreLoad:
    return load_base(base, store, at=NOW, **options)


def counts(load: StoreLoad, name: str) -> dict[str, int]:
    [found] = [table for table in load.tables if table.name == name]
    told = found.model_dump(exclude={"name", "rows", "set_aside"})
    assert found.rows == found.new + found.changed + found.unchanged + found.older
    return {what: number for what, number in told.items() if number}


def rows(store: Store, name: str) -> list[dict[str, Any]]:
    with store.reading() as connection:
        found = connection.execute(select(LIVE[name]).order_by(LIVE[name].c[ROW]))
        return [dict(row._mapping) for row in found]


def test_a_row_is_known_by_its_key_and_says_where_it_comes_from(store: Store) -> None:
    load(store, base_of(orders=[ORDER]))

    [order] = rows(store, "orders")

    assert order[ROW] == order["order_id"] == "#1001"
    assert order[AS_OF] == MAY
    assert order["order_date"] == datetime(2025, 4, 1, 12, tzinfo=UTC)
    assert (order["total_amount"], order["items_count"], order["promo_code"]) == (0.1, 3, None)


def test_the_same_load_twice_is_the_same_load_once(store: Store) -> None:
    base = base_of(orders=[ORDER, ORDER | {"order_id": None}])
    first = load(store, base)
    before = [rows(store, name) for name in LIVE]

    again = load(store, base)

    assert counts(first, "orders") == {"new": 2}
    assert counts(again, "orders") == {"unchanged": 2}
    assert [rows(store, name) for name in LIVE] == before


def test_newer_data_changes_a_row_and_older_data_does_not(store: Store) -> None:
    load(store, base_of(orders=[ORDER]))
    newer = load(store, base_of(JUNE, orders=[ORDER | {"total_amount": 9.0}]))
    older = load(store, base_of(MAY, orders=[ORDER, ORDER | {"order_id": "#1002"}]))

    assert counts(newer, "orders") == {"changed": 1}
    assert counts(newer, "customers") == {"unchanged": 1}
    assert counts(older, "orders") == {"new": 1, "older": 1}
    assert [row["total_amount"] for row in rows(store, "orders")] == [9.0, 0.1]


def test_a_row_that_newer_data_left_as_it_was_is_as_new_as_that_data(store: Store) -> None:
    load(store, base_of(MAY))
    load(store, base_of(JUNE))

    between = load(store, base_of(MAY + timedelta(days=9), customers=[ANA | {"segment": "New"}]))

    assert counts(between, "customers") == {"older": 1}
    assert rows(store, "customers")[0][AS_OF] == JUNE


def test_the_last_of_two_loads_of_one_moment_has_the_last_word(store: Store) -> None:
    load(store, base_of())
    again = load(store, base_of(customers=[ANA | {"segment": "Loyal"}]))

    assert counts(again, "customers") == {"changed": 1}
    assert rows(store, "customers")[0]["segment"] == "Loyal"


def test_what_an_event_made_of_a_row_is_overwritten(store: Store) -> None:
    load(store, base_of(orders=[ORDER]))
    orders = LIVE["orders"]
    with store.writing() as connection:
        connection.execute(update(orders).values({"payment_status": "failed", AS_OF: None}))

    again = load(store, base_of(orders=[ORDER]))

    assert counts(again, "orders") == {"changed": 1}
    assert rows(store, "orders")[0]["payment_status"] is None
    assert rows(store, "orders")[0][AS_OF] == MAY


def test_rows_that_a_later_base_does_not_have_stay(store: Store) -> None:
    load(store, base_of(orders=[ORDER]))
    load(store, base_of(JUNE, orders=[ORDER | {"order_id": "#1002"}]))

    assert [row[ROW] for row in rows(store, "orders")] == ["#1001", "#1002"]


def test_equal_rows_without_a_key_are_counted_and_known_again(store: Store) -> None:
    ticket = {
        "customer_id": "ana",
        "created_at": datetime(2025, 3, 1, tzinfo=UTC),
        "category": "refund",
    }
    tickets = [ticket, ticket, ticket | {"category": "delivery"}]
    load(store, base_of(support_tickets=tickets))

    again = load(store, base_of(JUNE, support_tickets=[*reversed(tickets), ticket]))

    assert counts(again, "support_tickets") == {"unchanged": 3, "new": 1}
    names = [row[ROW] for row in rows(store, "support_tickets")]
    assert all(name.startswith("#") for name in names)
    assert sorted(name.partition(":")[2] for name in names) == ["1", "1", "2", "3"]


def test_a_row_is_known_by_its_content_whatever_the_version_of_the_libraries(store: Store) -> None:
    order = ORDER | {"order_id": None}
    load(store, base_of(orders=[order]))

    assert rows(store, "orders")[0][ROW] == "#f6b480bc7e7012006064c07f1bcd1f3a:1"


def test_a_table_without_identities_becomes_what_the_base_shows(store: Store) -> None:
    teams = [{"team": "L1", "sla_hours": 4.0}, {"team": "L2", "sla_hours": 8.0}]
    load(store, base_of(escalation_matrix=teams))
    changed = load(store, base_of(escalation_matrix=[*teams[:1], {"team": "L2", "sla_hours": 1.0}]))

    assert counts(changed, "escalation_matrix") == {"new": 1, "unchanged": 1, "removed": 1}
    assert {(row["team"], row["sla_hours"]) for row in rows(store, "escalation_matrix")} == {
        ("L1", 4.0),
        ("L2", 1.0),
    }

    load(store, base_of(MAY - timedelta(days=1), escalation_matrix=teams))
    assert ("L2", 1.0) in {(r["team"], r["sla_hours"]) for r in rows(store, "escalation_matrix")}


def test_customers_are_found_by_their_addresses_with_an_index(store: Store) -> None:
    load(store, base_of(customers=[ANA | {"email": "Ana@Example.com", "phone": "919831882064"}]))
    customers = LIVE["customers"]

    with store.reading() as connection:
        by_email = customers.c[EMAIL] == email_key("ana@example.com ")
        by_phone = customers.c[PHONE] == phone_key("+91 98318 82064")
        found = connection.scalars(select(customers.c.customer_id).where(by_email, by_phone)).all()
        indexes = inspect(connection).get_indexes("customers")

    assert found == ["ana"]
    assert {EMAIL, PHONE} <= {index["column_names"][0] for index in indexes}


def test_only_loaded_tables_are_held_even_when_they_are_empty(store: Store) -> None:
    empty = pl.DataFrame(schema={"customer_id": pl.String, "date": pl.Datetime, "nps_score": int})
    tables = {"customers": pl.DataFrame([ANA]), "nps_survey": empty}
    load(store, CustomerBase.from_frames(tables, as_of=MAY))

    with store.reading() as connection:
        assert held(connection) == ("customers", "nps_survey")
        assert connection.scalar(select(func.min(live_tables.c.since))) == NOW


def test_a_table_that_an_event_wrote_is_held_from_then_on(store: Store) -> None:
    load(store, base_of())

    with store.writing() as connection:
        hold(connection, ["refunds", "customers"], at=JUNE)
        hold(connection, ["refunds"], at=NOW)

    with store.reading() as connection:
        since = {row.name: row.since for row in connection.execute(select(live_tables))}
    assert since == {"customers": NOW, "refunds": JUNE}


def test_a_dry_run_says_what_would_change_and_changes_nothing(store: Store) -> None:
    told = load(store, base_of(orders=[ORDER]), dry_run=True)

    assert counts(told, "orders") == {"new": 1}
    assert not told.kept
    assert rows(store, "orders") == rows(store, "customers") == []
    with store.reading() as connection:
        assert held(connection) == ()


def test_any_text_goes_in(store: Store) -> None:
    texts = ['a,b "c"', "line\n\\.\nline", "\\N", "அனா", "'; DROP TABLE orders; --", " x ", "\t"]
    tickets = [
        {
            "ticket_id": str(number),
            "customer_id": "ana",
            "created_at": datetime(2025, 3, 1, tzinfo=UTC),
            "initial_message": told,
        }
        for number, told in enumerate(texts)
    ]
    load(store, base_of(support_tickets=tickets))

    assert [row["initial_message"] for row in rows(store, "support_tickets")] == texts


def test_a_base_from_the_past_loads_what_was_known_then(store: Store) -> None:
    delivered = {
        "actual_delivery_date": datetime(2025, 6, 2, tzinfo=UTC),
        "order_status": "delivered",
    }
    orders = [
        ORDER | delivered,
        ORDER | {"order_id": "later", "order_date": datetime(2025, 6, 9, tzinfo=UTC)},
    ]
    load(store, base_of(JUNE, orders=orders).at(MAY))

    [order] = rows(store, "orders")

    assert order["actual_delivery_date"] is None
    assert rows(store, "customers")[0]["segment"] is None


def test_a_mapping_is_applied_before_and_what_is_wrong_is_set_aside(store: Store) -> None:
    people = pl.DataFrame({"Kunde": ["ana", "ana", "ben"], "segment": ["Gold", "Gold", "x"]})
    base = CustomerBase.from_frames(
        {"Kunden": people},
        as_of=MAY,
        mapping={
            "tables": {"Kunden": "customers"},
            "columns": {"customers": {"Kunde": "customer_id"}},
            "values": {"customers": {"segment": {"Gold": "VIP"}}},
        },
    )

    [customers] = load(store, base).tables

    assert (customers.rows, customers.set_aside) == (2, 1)
    assert [row["segment"] for row in rows(store, "customers")] == ["VIP", "x"]


def test_how_far_a_load_is_is_told(store: Store) -> None:
    told: list[tuple[str, int, int]] = []

    load(store, base_of(orders=[ORDER]), on_progress=lambda *step: told.append(step))

    assert told == [("customers", 1, 2), ("orders", 2, 2)]


def test_what_is_no_base_is_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match="a CustomerBase is loaded, not a dict"):
        load_base({}, store, at=NOW)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parquet(400, tmp_path_factory.mktemp("town") / "town", seed=3)


LOADER = """
import sys
from datetime import UTC, datetime
from procx_graph.base import CustomerBase
from procx_graph.store import Store
from procx_graph.store.loading import load_base

def say(name, done, of):
    print(name, flush=True)

with Store.open(sys.argv[2]) as store:
    base = CustomerBase.open(sys.argv[1])
    load_base(base, store, at=datetime(2026, 1, 1, tzinfo=UTC), on_progress=say)
"""


def loader(town: Path, place: str) -> "subprocess.Popen[str]":
    asked = [sys.executable, "-W", "error", "-c", LOADER, str(town), place]
    return subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_processes_load_at_once(town: Path, place: str) -> None:
    running = [loader(town, place) for _ in "12"]

    assert [process.communicate(timeout=120) and process.returncode for process in running] == [
        0,
        0,
    ]
    assert CustomerBase.open(place_url(place)).fingerprint == CustomerBase.open(town).fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("until", ["customers", "payments", "customer_events"])
def test_a_load_that_is_killed_leaves_the_store_as_it_was(
    until: str, town: Path, place: str
) -> None:
    with Store.open(place) as store:
        load(store, base_of(orders=[ORDER]))
        before = [rows(store, name) for name in LIVE]
    process = loader(town, place)
    assert process.stdout
    for line in process.stdout:
        if line.strip() == until:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)

    with Store.open(place) as store:
        assert [rows(store, name) for name in LIVE] == before
        whole = CustomerBase.open(town)
        assert counts(load(store, whole), "customers") == {"new": len(whole)}
        assert len(rows(store, "customers")) == len(whole) + 1


def place_url(place: str) -> str:
    return place if "://" in place else f"sqlite:///{place}"
