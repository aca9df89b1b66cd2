"""`procx rescore`, from the first argument to the last byte."""

import json
from pathlib import Path

import pytest

from tests.e2e.terminal import procx


@pytest.fixture(scope="module")
def recorded(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a scan by each of two values."""
    place = tmp_path_factory.mktemp("store") / "procx.db"
    assert procx("score", shop, "--store", place).code == 0
    assert procx("score", shop, "--store", place, "--value", "ltv").code == 0
    return place


@pytest.mark.parametrize("value", [(), ("--value", "ltv")])
def test_a_customer_alone_has_the_numbers_of_the_scan(
    shop: Path, recorded: Path, value: tuple[str, ...], tmp_path: Path
) -> None:
    scan = tmp_path / "scores.json"
    procx("score", shop, "--out", scan, *value)
    row = next(r for r in json.loads(scan.read_text()) if r["customer_id"] == "C100001")

    told = procx("rescore", "C100001", "--source", shop, "--store", recorded, "--json", *value)

    [score] = told.json
    names = ("health", "churn_risk", "risk_level", "revenue_at_risk", "state")
    assert {name: score[name] for name in names} == {name: row[name] for name in names}


def test_the_terminal_shows_whom_was_asked_for_in_their_order(shop: Path, recorded: Path) -> None:
    ids = ("C100002", "C100001")

    told = procx("rescore", *ids, "--source", shop, "--store", recorded)

    assert told.code == 0
    assert [line[:7] for line in told.out.splitlines() if line.startswith("C1")] == list(ids)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["C0"], "no customer 'C0' in this base"),
        (["C100001", "--profile", "procx-seed"], "has no cohort for profile"),
        (["C100001", "--source", "/dev/null"], "there is no folder /dev/null"),
        (["C100001", "--source", "sqlite:///none.db"], "there is no database file none.db"),
    ],
)
def test_what_cannot_be_scored_is_one_line(
    shop: Path, recorded: Path, args: list[str], said: str
) -> None:
    where = () if "--source" in args else ("--source", shop)

    told = procx("rescore", *args, *where, "--store", recorded)

    assert told.code == 2
    assert said in told.err
    assert len(told.err.splitlines()) == 1
