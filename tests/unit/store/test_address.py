"""Where a store may be."""

from pathlib import Path

import pytest

from procx_graph.errors import StoreError
from procx_graph.store import Store
from procx_graph.store.address import name_of, read_address, reason


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
