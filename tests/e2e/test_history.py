"""`procx score --history` and `procx history`, from the first argument to the last byte."""

import json
from pathlib import Path

import pytest

from procx_graph.cli.show_history import sparkline
from tests.e2e.terminal import procx


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PROCX_STORE_URL", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def filled(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with half a year of the shop."""
    place = tmp_path_factory.mktemp("store") / "procx.db"
    told = procx("score", shop, "--history", "monthly", "--since", "2025-04-01", "--store", place)
    assert told.code == 0
    return place


def test_the_history_is_filled_and_filled_no_second_time(shop: Path, tmp_path: Path) -> None:
    ask = ("score", shop, "--history", "monthly", "--since", "2025-08-01")

    first, second = procx(*ask), procx(*ask)

    assert "3 moments recorded in sqlite:procx.db" in first.out
    assert "store: sqlite:procx.db (in this folder)" in first.err
    assert "0 moments recorded in sqlite:procx.db, 3 were there already" in second.out
    assert (tmp_path / "procx.db").is_file()


def test_a_dry_run_lists_the_moments_and_makes_nothing(shop: Path, tmp_path: Path) -> None:
    told = procx("score", shop, "--history", "weekly", "--since", "2025-09-20", "--dry-run")

    assert told.code == 0
    assert told.out.splitlines()[0] == "2025-09-21 23:59"
    assert "nothing was done" in told.out
    assert list(tmp_path.iterdir()) == []


def test_the_surroundings_name_the_store(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_STORE_URL", f"sqlite:///{tmp_path / 'mine.db'}")

    told = procx("score", shop, "--history", 30, "--since", "2025-09-01")

    assert "store: sqlite:mine.db (PROCX_STORE_URL)" in told.err
    assert (tmp_path / "mine.db").is_file()


def test_a_customers_history_is_a_table_with_changes_and_a_line(filled: Path) -> None:
    told = procx("history", "C100001", "--store", filled)

    assert told.code == 0
    assert "2025-04-30" in told.out
    for start in ("health ", "risk ", "30 days: ", "90 days: ", "trend: "):
        assert any(line.startswith(start) for line in told.out.splitlines())
    assert "█" not in told.out


def test_a_customers_history_as_json_says_from_which_scorings(filled: Path) -> None:
    told = procx("history", "C100001", "--store", filled, "--json")

    assert told.err == ""
    assert [row["scoring_id"] for row in told.json["moments"]][:3] == [1, 2, 3]
    assert set(told.json["changes"]) == {"30", "90"}
    assert told.json["changes"]["30"]["previous_id"] < told.json["changes"]["30"]["scoring_id"]


def test_alerts_are_told_as_a_table_and_as_json(filled: Path) -> None:
    ask = ("history", "--alerts", "--store", filled, "--capacity", 20)

    shown, told = procx(*ask), procx(*ask, "--json").json

    assert "new on" in shown.out
    assert told
    for alert in told:
        assert alert["previous_id"] < alert["scoring_id"]
        assert alert["customer_id"] in shown.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["history"], "name one customer, or ask for --alerts"),
        (["history", "C1", "--alerts"], "name one customer, or ask for --alerts"),
        (["history", "C1"], "there is no store procx.db"),
        (["history", "C1", "--store", ""], "the store is empty"),
        (["history", "--alerts", "--capacity", "lots"], "--capacity 'lots' is neither"),
        (["score", "--history", "weekly"], "--history and --since go together"),
        (["score", "--since", "2025-01-01"], "--history and --since go together"),
        (["score", "--dry-run"], "is for --history"),
        (["score", "--history", "weekly", "--since", "2025-01-01", "--out", "x.csv"], "leave out"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_makes_no_file(
    tmp_path: Path, args: list[str], said: str
) -> None:
    told = procx(*args)

    assert told.code == 2
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_customer_without_scores_is_named(filled: Path) -> None:
    told = procx("history", "nobody", "--store", filled)

    assert (told.code, told.out) == (2, "")
    assert "has no score of customer 'nobody'" in told.err


def test_a_customers_history_ends_with_todays_score(shop: Path, filled: Path) -> None:
    explained = json.loads(procx("explain", "C100001", "--source", shop, "--json").out)

    last = procx("history", "C100001", "--store", filled, "--json").json["moments"][-1]

    assert last["health"] == pytest.approx(explained["health"]["score"], abs=1e-6)


def test_a_line_is_blocks_on_a_terminal_and_numbers_elsewhere() -> None:
    values = [0.0, 50.0, None, 100.0]

    assert sparkline(values, top=100, blocks=True) == "▁▅ █"
    assert sparkline(values, top=100, blocks=False) == "0 50 - 100"
