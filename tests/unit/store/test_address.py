"""Where a store may be."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from procx_graph.errors import StoreError
from procx_graph.store import Store
from procx_graph.store.address import WAIT, WAL_KEPT, name_of, read_address, reason


def test_a_path_and_a_sqlite_url_are_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my 100% store.db"

    assert read_address(path).database == str(path)
    assert read_address(f"sqlite:///{path}").database == str(path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_its_driver_however_it_is_written(scheme: str) -> None:
    assert read_address(f"{scheme}://host/shop").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("place", ["", " ", "sqlite://", "sqlite:///:memory:", 7, None])
def test_what_would_not_last_is_refused(place: str) -> None:
    with pytest.raises(StoreError, match="store"):
        read_address(place)


def test_a_folder_is_no_store_and_is_not_made_either(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        read_address(tmp_path)
    with pytest.raises(StoreError, match=r"there is no folder .*nowhere for the store procx\.db"):
        read_address(tmp_path / "nowhere" / "procx.db")


def test_a_store_that_must_be_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store procx\.db"):
        Store.open(tmp_path / "procx.db", create=False)

    assert list(tmp_path.iterdir()) == []


def test_a_name_holds_no_secret() -> None:
    url = read_address("postgresql://me:hunter2@host/shop")

    assert name_of(url) == "postgresql:shop"
    assert reason(ValueError("no hunter2 here\nsecond line"), url) == "no *** here"


def pragma(connection: Connection, name: str) -> object:
    return connection.scalar(text(f"PRAGMA {name}"))


def test_only_what_must_outlive_a_loss_of_power_waits_for_the_disk(tmp_path: Path) -> None:
    full, normal = 2, 1

    with Store.open(tmp_path / "procx.db") as store:
        for durable, expected in ((True, full), (False, normal), (True, full)):
            with store.writing(durable=durable) as connection:
                assert pragma(connection, "synchronous") == expected


def test_a_sqlite_store_is_shared_and_keeps_its_references(tmp_path: Path) -> None:
    with Store.open(tmp_path / "procx.db") as store, store.reading() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "busy_timeout") == WAIT * 1000
        assert pragma(connection, "journal_size_limit") == WAL_KEPT
