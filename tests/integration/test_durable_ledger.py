"""The ledger in the store keeps what the one in memory keeps, and for every process."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from procx_graph.errors import StoreError
from procx_graph.store import DurableLedger, Store
from procx_graph.store.schema import contacts
from tests.unit.builders import NOW, a_case
from tests.unit.store.ledger_contract import YES, LedgerContract
from tests.unit.store.places import KINDS, a_place

CLAIM = """
import sys
from procx_graph.store import DurableLedger, Store
with Store.open(sys.argv[1]) as store:
    ledger = DurableLedger(store)
    print(sum(ledger.claim(f"scan:C{number}") for number in range(100)))
"""


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with Store.open(place) as store:
        yield store


class TestDurableLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, store: Store) -> DurableLedger:
        return DurableLedger(store)


def test_what_one_process_keeps_the_next_one_finds(place: str) -> None:
    with Store.open(place) as store:
        ledger = DurableLedger(store)
        ledger.open(a_case("open"))
        ledger.settle(a_case("answered"), YES, at=NOW)
        ledger.record_contact("C1", at=NOW)
        ledger.claim("scan:C1")
    with Store.open(place) as store:
        ledger = DurableLedger(store)

        assert [case.review_id for case in ledger.waiting()] == ["open"]
        assert ledger.case("answered").answer == YES
        assert ledger.last_contact("C1") == NOW
        assert not ledger.claim("scan:C1")


def test_of_processes_that_claim_the_same_runs_each_run_goes_to_one(place: str) -> None:
    Store.open(place).close()
    asked = [sys.executable, "-c", CLAIM, place]

    both = [subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    claimed = [int(process.communicate(timeout=120)[0]) for process in both]

    assert sum(claimed) == 100


def test_many_customers_are_looked_up_together(store: Store) -> None:
    ledger = DurableLedger(store)
    ledger.open(a_case("rev_1", customer_id="C1"))
    ledger.record_contact("C2", at=NOW)

    standing = ledger.standing(["C1", "C2", "C3"])

    assert [standing.has_open_case(f"C{number}") for number in (1, 2, 3)] == [True, False, False]
    assert [standing.last_contact(f"C{number}") for number in (1, 2, 3)] == [None, NOW, None]


def test_a_contact_is_never_changed_or_taken_back(store: Store) -> None:
    DurableLedger(store).record_contact("C1", at=NOW)

    for change in (update(contacts).values(customer_id="C2"), delete(contacts)):
        with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
            connection.execute(change)
    with store.reading() as connection:
        assert connection.execute(select(contacts.c.customer_id)).all() == [("C1",)]
