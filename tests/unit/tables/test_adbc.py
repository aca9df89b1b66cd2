"""ADBC gives the base that SQLAlchemy gives, or leaves the table to it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import MetaData, Table
from sqlalchemy.engine import URL

from procx_graph.base import CustomerBase
from procx_graph.errors import DataError
from procx_graph.tables import adbc
from procx_graph.tables.database import engine_of, parse_url
from procx_graph.tables.load import load
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.sql import sql_source

pytest.importorskip("adbc_driver_sqlite", reason="the sqlite extra is not installed")


def a_table(folder: Path, declared: str, rows: Sequence[Sequence[object]] = ()) -> URL:
    with closing(sqlite3.connect(folder / "shop.db")) as connection, connection:
        connection.execute(f"create table customers ({declared})")
        marks = ", ".join("?" * (declared.count(",") + 1))
        connection.executemany(f"insert into customers values ({marks})", rows)
    return parse_url(f"sqlite:///{folder / 'shop.db'}")


def fetched(url: URL, name: str = "customers") -> pl.DataFrame | None:
    table = Table(name, MetaData(), autoload_with=engine_of(url))
    return adbc.fetch(url, table)


def assert_same_base(url: URL) -> None:
    """Both ways give the same tables after cleaning, and the same report."""
    text = url.render_as_string(hide_password=False)
    slow, fast = (load(sql_source(text, arrow=arrow), TableMapping()) for arrow in (False, True))
    assert slow.fingerprint == fast.fingerprint
    assert slow.report == fast.report
    for name, frame in slow.tables.items():
        assert_frame_equal(fast.tables[name].collect(), frame.collect())


USUAL = {
    "texts": ("customer_id text, first_name varchar(9)", [("C1", "Ásgeir"), ("C2", None)]),
    "integers": ("customer_id integer, lifetime_value real", [(1, 2), (2, 2.5), (3, None)]),
    "dates": ("customer_id text, signup_date datetime", [("C1", None), ("C2", "2025-01-31")]),
    "numbers": ("customer_id text, lifetime_value numeric", [("C1", 1), ("C2", 2.5)]),
    "flags": ("customer_id text, opt_in_marketing boolean", [("C1", True), ("C2", None)]),
    "nothing": ("customer_id text, segment text, city blob", [("C1", None, None)]),
    "no types": ("customer_id, signup_date, lifetime_value", [("C1", "2025-01-31", 3)]),
    "no rows": ("customer_id integer, lifetime_value numeric", []),
    "huge text": ("customer_id text, city text", [("C1", "ä" * 5_000_000), ("C2", "x")]),
    "late value": (
        "customer_id integer, city text",
        [(n, None) for n in range(3000)] + [(-1, "x")],
    ),
}
ODD = {
    "numbers and words": ("customer_id text, lifetime_value numeric", [("C1", 1.50), ("C2", "x")]),
    "numbers and dates": ("customer_id, signup_date datetime", [("C1", 2025), (2, "2025-01-31")]),
    "bytes": ("customer_id text, city blob", [("C1", b"abc"), ("C2", None)]),
    "bytes in text": ("customer_id text, city text", [("C1", b"abc"), ("C2", "Pune")]),
}


@pytest.mark.parametrize("table", USUAL.values(), ids=USUAL)
def test_usual_tables_come_by_adbc_and_are_the_same(
    table: tuple[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    url = a_table(tmp_path, *table)

    assert fetched(url) is not None
    assert_same_base(url)


@pytest.mark.parametrize("table", ODD.values(), ids=ODD)
def test_columns_that_mix_types_come_by_sqlalchemy(
    table: tuple[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    url = a_table(tmp_path, *table)

    assert fetched(url) is None
    assert_same_base(url)


def test_any_name_of_a_table_and_a_column_is_safe(tmp_path: Path) -> None:
    url = a_table(tmp_path, 'customer_id text, [Odd "%s" ; drop :a %(b)s] text', [("C1", "x")])
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute('create table "Odd ""name"" ; drop %s :x ?" as select * from customers')

    found = fetched(url, 'Odd "name" ; drop %s :x ?')

    assert found is not None
    assert found.rows() == [("C1", "x")]
    assert found.columns == ["customer_id", 'Odd "%s" ; drop :a %(b)s']


def test_views_are_tables(tmp_path: Path) -> None:
    url = a_table(tmp_path, "customer_id integer, city text", [(1, "x"), (2, "y")])
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute(
            "create view v as select customer_id + 0.5 as a, city || 1 from customers"
        )

    found = fetched(url, "v")

    assert found is not None
    assert found.rows() == [(1.5, "x1"), (2.5, "y1")]


def test_text_that_is_not_utf_8_is_refused_and_not_believed(tmp_path: Path) -> None:
    url = a_table(tmp_path, "customer_id text, city text", [("C1", "x")])
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute("update customers set city = cast(x'fffe' as text)")

    assert fetched(url) is None
    with pytest.raises(DataError, match="cannot read customers"):
        sql_source(str(url)).tables["customers"].read()


@pytest.mark.parametrize("name", ["shop one.db", "shop#1?.db", "ä%20.db"])
def test_any_name_of_a_file_is_read(name: str, tmp_path: Path) -> None:
    url = a_table(tmp_path, "customer_id text", [("C1",)])
    (tmp_path / "shop.db").rename(tmp_path / name)

    found = fetched(url.set(database=str(tmp_path / name)))

    assert found is not None
    assert found.rows() == [("C1",)]


def test_memory_and_file_addresses_come_by_sqlalchemy(tmp_path: Path) -> None:
    a_table(tmp_path, "customer_id text", [("C1",)])
    address = parse_url(f"sqlite:///file:{tmp_path / 'shop.db'}?mode=ro&uri=true")

    assert fetched(address) is None
    assert CustomerBase.open(str(address), as_of="2025-01-01").customer_ids.to_list() == ["C1"]
    with pytest.raises(DataError, match="has no table customers"):
        CustomerBase.open("sqlite://")


def test_an_unknown_database_is_none_of_its_own() -> None:
    assert adbc.fetch(parse_url("mysql://me:s3cret@127.0.0.1/shop"), Table("t", MetaData())) is None
