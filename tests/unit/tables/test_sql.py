"""Databases are sources, and their passwords are never told."""

import sqlite3
from pathlib import Path

import pytest

from procx_graph.errors import DataError
from procx_graph.tables.sql import sql_source


@pytest.fixture
def shop(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table customers (customer_id integer, lifetime_value numeric)")
        connection.execute("insert into customers values (1, 12.5), (2, null), (3, 'much')")
        connection.execute('create table "Odd ""name"" ; drop" (x text)')
        connection.execute("create view orders as select customer_id from customers")
    connection.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_tables_and_views_are_read_as_the_driver_gives_them(shop: str) -> None:
    source = sql_source(shop)

    assert source.name == "sqlite:shop.db"
    assert set(source.tables) == {"customers", "orders", 'Odd "name" ; drop'}
    assert source.tables["customers"].read().lazy().collect().to_dict(as_series=False) == {
        "customer_id": [1, 2, 3],
        "lifetime_value": ["12.5", None, "much"],
    }


def test_any_name_of_a_table_is_safe(shop: str) -> None:
    frame = sql_source(shop).tables['Odd "name" ; drop'].read().lazy().collect()

    assert frame.columns == ["x"]
    assert frame.height == 0


def test_parts_of_a_table_agree_on_their_types(shop: str) -> None:
    values = sql_source(shop, chunk=1).tables["customers"].read().lazy().collect()["lifetime_value"]

    assert values.to_list() == ["12.5", None, "much"]


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no database file shop\.db"):
        sql_source(f"sqlite:///{tmp_path / 'shop.db'}")
    assert not (tmp_path / "shop.db").exists()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("hello " * 500, encoding="utf-8")

    with pytest.raises(DataError, match=r"cannot open .*not a database"):
        sql_source(f"sqlite:///{tmp_path / 'shop.db'}")


@pytest.mark.parametrize(
    "url",
    [
        "nosuch://me:s3cret@host/shop",
        "postgresql+nosuch://me:s3cret@host/shop",
        "postgresql+psycopg://me:s3cret@127.0.0.1:1/shop",
        "postgres://me:s3cret@127.0.0.1:1/shop",
        "postgres://me@127.0.0.1:1/shop?password=s3cret",
        "postgres://me@127.0.0.1:1/shop?nonsense=s3cret",
        "postgresql+psycopg://me:s3cret@127.0.0.1:port/shop",
        "me:s3cret@host",
    ],
)
def test_errors_never_tell_the_password(url: str) -> None:
    with pytest.raises(DataError) as error:
        sql_source(url)

    assert "s3cret" not in str(error.value)
