"""`procx events`, from the first argument to the last byte."""

from pathlib import Path

import pytest

from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.store import Store
from procx_graph.store.audit import entries
from tests.e2e.terminal import procx
from tests.integration.stores import filled, table, tell

ACCOUNT = ReferenceKind.ACCOUNT


@pytest.fixture
def told_store(tmp_path: Path) -> Path:
    """A store that was told of C1, of somebody unknown, and of [somebody] with brackets."""
    place = tmp_path / "procx.db"
    with filled(str(place)) as store:
        tell(store, "payment.failed", payment_id="pi_1", amount="24.99", currency="USD")
        tell(
            store, "support.ticket.created", (ACCOUNT, "cus_9"), hour=1,
            ticket_id="7", subject="[b]où ?",
        )  # fmt: skip
        tell(store, "nps.detractor", (ACCOUNT, "cus_8"), score=2, hour=2)
    return place


def test_the_events_received_last_come_first(told_store: Path) -> None:
    shown, as_json = (procx("events", "list", "--store", told_store, *o) for o in ((), ("--json",)))

    assert (shown.code, as_json.code) == (0, 0)
    types = [one["type"] for one in as_json.json]
    assert types == ["nps.detractor", "support.ticket.created", "payment.failed"]
    assert [one["customer_id"] for one in as_json.json] == [None, None, "C1"]
    assert "facts" not in as_json.json[0]
    cells = [[cell.strip() for cell in line.split("|")] for line in shown.out.splitlines()]
    assert [line[1] for line in cells if line[0].startswith("2025")] == [
        "unmatched",
        "unmatched",
        "C1",
    ]
    assert "[b]où" in shown.out


def test_only_one_customers_events_and_only_so_many(told_store: Path) -> None:
    mine = procx("events", "list", "--store", told_store, "--customer", "C1", "--json")
    newest = procx("events", "list", "--store", told_store, "--limit", "1", "--json")

    assert [one["type"] for one in mine.json] == ["payment.failed"]
    assert [one["type"] for one in newest.json] == ["nps.detractor"]


def test_who_is_unknown_is_shown_linked_and_then_known(told_store: Path) -> None:
    before = procx("events", "unmatched", "--store", told_store, "--json")
    accounts = [one["accounts"] for one in before.json]
    linked = procx("events", "link", "stripe||cus_9", "C2", "--store", told_store, "--json")
    after = procx("events", "unmatched", "--store", told_store, "--json")

    assert accounts == [["stripe||cus_9"], ["stripe||cus_8"]]
    assert {one["table"] for one in linked.json} == {"support_tickets", "customer_events"}
    assert [one["accounts"] for one in after.json] == [["stripe||cus_8"]]
    assert "stripe||cus_8" in procx("events", "unmatched", "--store", told_store).out


def test_many_are_linked_by_a_file_and_who_did_it_is_kept(told_store: Path, tmp_path: Path) -> None:
    many = tmp_path / "aliases.csv"
    many.write_text("customer_id,account\nC2,stripe||cus_9\nC3,stripe||cus_8\n")

    told = procx("events", "link", "--file", many, "--store", told_store, "--as", "ada")

    assert told.code == 0
    assert told.out.startswith("2 ids linked, ")
    with Store.open(told_store) as store:
        assert [row["customer_id"] for row in table(store, "support_tickets")] == ["C2"]
        with store.reading() as connection:
            assert [one.actor for one in entries(connection)] == ["ada", "ada"]
    everybody = procx("events", "unmatched", "--store", told_store)
    assert everybody.out == "everything received has found its customer\n"


def test_settling_again_changes_nothing(told_store: Path) -> None:
    told = procx("events", "settle", "--store", told_store)

    assert (told.code, told.out) == (0, "0 rows changed\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["link", "stripe||cus_9", "C0"], "no customer 'C0'"),
        (["link", "cus_9", "C1"], "an account is written provider|account|id"),
        (["link", "stripe||cus_9"], "say which id and whose it is"),
        (["link", "--file", "none.csv"], "cannot read none.csv"),
        (["link", "--file", "wrong.csv"], "it needs account and customer_id"),
        (["list", "--store", "none.db"], "there is no store none.db"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    told_store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.csv").write_text("a,b\n1,2\n")
    where = () if "--store" in args else ("--store", told_store)

    told = procx("events", *args, *where)

    assert told.code == 2
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_store_that_was_told_nothing_says_so(tmp_path: Path) -> None:
    filled(str(tmp_path / "new.db")).close()

    told = procx("events", "list", "--store", tmp_path / "new.db")

    assert (told.code, told.out) == (0, "no event has been received\n")


def test_of_a_file_with_a_wrong_line_nothing_is_linked(told_store: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.csv"
    lines = {"C0": "no customer 'C0'", "": "line 3 has an empty cell"}
    for wrong, why in lines.items():
        many.write_text(f"account,customer_id\nstripe||cus_9,C2\nstripe||cus_8,{wrong}\n")

        told = procx("events", "link", "--file", many, "--store", told_store)

        assert told.code == 2
        assert why in told.err
        assert "cus_9" in procx("events", "unmatched", "--store", told_store).out
