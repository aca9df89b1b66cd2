"""`procx load` and `procx db`, from the first argument to the last byte."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from procx_graph.store.address import connect, read_address
from procx_graph.store.migrate import alembic_config
from procx_graph.store.schema import HEAD
from tests.e2e.terminal import procx


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def loaded(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shop in it."""
    place = tmp_path_factory.mktemp("loaded") / "procx.db"
    assert procx("load", shop, "--store", place).code == 0
    return place


def an_old_store(place: Path) -> Path:
    """Make a store as it was before it held customers."""
    engine = connect(read_address(place))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
    engine.dispose()
    return place


def test_a_load_tells_what_became_of_every_row_and_the_second_changes_nothing(
    shop: Path, tmp_path: Path
) -> None:
    first, second = procx("load", shop), procx("load", shop)

    assert (first.code, second.code) == (0, 0)
    assert "loaded into sqlite:procx.db" in first.out
    assert "store: sqlite:procx.db (in this folder)" in first.err
    customers = [line.split("|") for line in (first.out + second.out).splitlines()]
    cells = [
        [cell.strip() for cell in line] for line in customers if line[0].strip() == "customers"
    ]
    assert cells == [
        ["customers", "200", "200", "-", "-", "-", "-", "-"],
        ["customers", "200", "-", "-", "200", "-", "-", "-"],
    ]


def test_a_load_as_json_is_the_result_and_nothing_else(shop: Path, tmp_path: Path) -> None:
    told = procx("load", shop, "--store", tmp_path / "s.db", "--json")

    assert told.err == ""
    assert told.json["kept"] is True
    assert told.json["tables"][0] == {
        "name": "customers", "rows": 200, "new": 200, "changed": 0, "unchanged": 0, "older": 0,
        "removed": 0, "set_aside": 0,
    }  # fmt: skip


def test_older_data_changes_nothing_and_that_is_said(shop: Path, tmp_path: Path) -> None:
    procx("load", shop)

    told = procx("load", shop, "--as-of", "2025-06-30")

    assert told.code == 0
    assert "rows stay as they are: the store has them from later data" in told.out


@pytest.mark.parametrize("there", [False, True])
def test_a_dry_run_writes_nothing(shop: Path, tmp_path: Path, *, there: bool) -> None:
    if there:
        procx("load", shop)
    before = {path.name: path.stat().st_size for path in tmp_path.iterdir()}

    told = procx("load", shop, "--store", "procx.db", "--dry-run")

    assert told.code == 0
    assert "would go into sqlite:procx.db; nothing was done" in told.out
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == before


def test_a_store_is_scanned_by_its_path_as_what_it_was_loaded_from(
    shop: Path, loaded: Path
) -> None:
    ask = ("--limit", 3, "--json", "-")

    source, store = procx("scan", shop, *ask).json, procx("scan", loaded, *ask).json

    assert store["counts"] == source["counts"]
    assert [one["customer_id"] for one in store["results"]] == [
        one["customer_id"] for one in source["results"]
    ]


def test_scores_may_be_kept_in_the_store_that_they_are_made_of(loaded: Path) -> None:
    assert procx("score", loaded, "--store", loaded).code == 0
    assert procx("history", "C100001", "--store", loaded).code == 0


def test_a_sound_store_passes_the_check(loaded: Path) -> None:
    told, plain = (
        procx("db", "check", "--store", loaded, "--json"),
        procx("db", "check", "--store", loaded),
    )

    assert (told.code, plain.code) == (0, 0)
    assert (told.json["revision"], told.json["head"]) == (HEAD, HEAD)
    assert told.json["rows"]["customers"] == 200
    assert "customers" in told.json["held"]
    assert "refunds" not in told.json["held"]
    assert told.json["damages"] == []
    assert f"revision {HEAD}, the file is sound" in plain.out


def test_an_old_store_fails_the_check_until_it_is_upgraded(tmp_path: Path) -> None:
    place = an_old_store(tmp_path / "old.db")

    before = procx("db", "check", "--store", place)
    upgraded = procx("db", "upgrade", "--store", place)
    again = procx("db", "upgrade", "--store", place)

    assert before.code == 1
    assert "is at revision 0002" in before.out
    assert "run `procx db upgrade --store PLACE`" in before.out
    assert f"brought from revision 0002 to {HEAD}" in upgraded.out
    assert f"is at revision {HEAD} already" in again.out
    assert procx("db", "check", "--store", place).code == 0


def test_a_store_of_a_newer_version_fails_the_check(tmp_path: Path) -> None:
    place = an_old_store(tmp_path / "new.db")
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("UPDATE procx_schema SET version_num = '9999'")

    told = procx("db", "check", "--store", place)

    assert told.code == 1
    assert "install a newer version" in told.out
    assert procx("db", "upgrade", "--store", place).code == 2


def test_a_damaged_store_fails_the_check(loaded: Path, tmp_path: Path) -> None:
    place = tmp_path / "broken.db"
    content = bytearray(loaded.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 12288)
    place.write_bytes(content)

    told = procx("db", "check", "--store", place, "--json")

    assert told.code == 1
    assert told.json["damages"]
    assert told.json["is_sound"] is False
    assert "is damaged: restore it from a copy" in procx("db", "check", "--store", place).out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["load", "--store", ""], "the store is empty"),
        (["load", "--store", "no/folder/procx.db"], "there is no folder"),
        (["load", "--store", "mysql://host/shop"], "SQLite or PostgreSQL, not mysql"),
        (["load", "no.xlsx"], "no.xlsx"),
        (["load", "mine.db", "--store", "sqlite:///mine.db"], "the source is the store itself"),
        (["load", "--as-of", "soon"], "is no date"),
        (["db", "check"], "there is no store procx.db: fill it with `procx load"),
        (["db", "upgrade"], "there is no store procx.db"),
        (["db", "check", "--store", "://"], "no database URL"),
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


@pytest.mark.parametrize("args", [["load"], ["db", "check"], ["db", "upgrade"]])
def test_a_file_that_is_no_store_is_told(tmp_path: Path, args: list[str]) -> None:
    Path("diary.txt").write_text("dear diary, " * 200, encoding="utf-8")

    told = procx(*args, "--store", "diary.txt")

    assert told.code == 2
    assert "file is not a database" in told.err
    assert len(told.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["scan", "score", "validate"])
def test_a_store_without_customers_says_how_to_fill_it(tmp_path: Path, name: str) -> None:
    an_old_store(tmp_path / "old.db")

    told = procx(name, "old.db")

    assert told.code == 2
    assert "holds no customers yet: fill it with `procx load SOURCE --store PLACE`" in told.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_store_that_may_not_be_written_is_told(loaded: Path, shop: Path, tmp_path: Path) -> None:
    place = tmp_path / "locked.db"
    place.write_bytes(loaded.read_bytes())
    place.chmod(0o444)

    told = procx("load", shop, "--store", place)

    assert told.code == 2
    assert "readonly" in told.err


@pytest.mark.slow
def test_the_command_works_in_a_process_of_its_own(shop: Path, tmp_path: Path) -> None:
    asked = [sys.executable, "-W", "error", "-m", "procx_graph", "load", str(shop), "--json"]

    done = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=120)

    assert json.loads(done.stdout)["store"] == "sqlite:procx.db"
