"""A PostgreSQL database gives the same base by ADBC as by SQLAlchemy."""

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, MetaData, Table, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.base import CustomerBase
from procx_graph.errors import DataError
from procx_graph.tables import adbc
from procx_graph.tables.load import Loaded, load
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.sql import sql_source

pytest.importorskip("adbc_driver_postgresql", reason="the postgres extra is not installed")

POSTGRES = os.environ.get(
    "PROCX_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
SCHEMA = "Procx adbc"


@pytest.fixture
def postgres() -> Iterator[Engine]:
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f'drop schema if exists "{SCHEMA}" cascade'))
            connection.execute(text(f'create schema "{SCHEMA}"'))
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        engine.dispose()
        pytest.skip(f"no PostgreSQL at PROCX_TEST_POSTGRES_URL: {type(error).__name__}")
    yield engine
    with suppress(SQLAlchemyError), engine.begin() as connection:
        connection.execute(text(f'drop schema "{SCHEMA}" cascade'))
    engine.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f'set local search_path to "{SCHEMA}"'))
        for statement in statements:
            connection.execute(text(statement))


def by_adbc(engine: Engine, name: str) -> bool:
    """Whether ADBC gives the table."""
    table = Table(name, MetaData(), schema=SCHEMA, autoload_with=engine)
    return adbc.fetch(engine.url, table) is not None


def both(tables: dict[str, str], **mapping: object) -> tuple[Loaded, Loaded]:
    """Load by SQLAlchemy and by ADBC, and make sure that both are the same."""
    names = TableMapping.model_validate(
        {"tables": {f"{SCHEMA}.{theirs}": ours for theirs, ours in tables.items()}} | mapping
    )
    slow, fast = (
        load(sql_source(POSTGRES, also=names.tables, arrow=arrow), names) for arrow in (False, True)
    )
    assert slow.fingerprint == fast.fingerprint
    assert slow.report == fast.report
    for name, frame in slow.tables.items():
        assert_frame_equal(fast.tables[name].collect(), frame.collect())
    return slow, fast


def test_usual_types_are_the_same(postgres: Engine) -> None:
    run(
        postgres,
        "create type tier as enum ('Gold', 'Silver')",
        """create table "Kunden" (customer_id bigint, "First Name" varchar(20), segment char(8),
           lifetime_value numeric(12, 2), avg_order_value real, loyalty_tier tier, phone numeric,
           opt_in_marketing boolean, signup_date date, last_active_date timestamptz, city text)""",
        """insert into "Kunden" values
           (1, 'Ásgeir', 'VIP', 12.50, 9.99, 'Gold', 919831882064, true, '2024-01-29',
            '2025-01-01 05:30:00.123456+05:30', repeat('ä', 3000000)),
           (2, null, null, null, null, null, null, null, null, null, null),
           (3, '', '', 'NaN', 'NaN', 'Silver', 1.5, false, '0001-01-01', '1950-06-01', 'null'),
           (4, '%s \\:x', 'x', 0.1, 1e-30, 'Gold', 1e17, false, '9999-12-31', '2025-07-01', '?')""",
        """create table orders (order_id uuid, customer_id smallint, order_date timestamp,
           total_amount double precision, items_count int)""",
        """insert into orders values
           ('0189a9f0-0000-7000-8000-000000000001', 1, '2025-01-01 10:00', 0.1, 3),
           ('0189a9f0-0000-7000-8000-000000000002', 4, '2025-01-02 10:00:00.5', 1e15, null)""",
    )

    both({"Kunden": "customers", "orders": "orders"})

    assert by_adbc(postgres, "Kunden")
    assert by_adbc(postgres, "orders")


def test_types_that_only_psycopg_knows_come_by_sqlalchemy(postgres: Engine) -> None:
    run(
        postgres,
        "create table customers (customer_id text, more jsonb, tags text[], bytes bytea)",
        """insert into customers values ('C1', '{"a": 1}', '{a,b}', 'abc')""",
        "create table orders (customer_id text, order_date timestamp, total_amount money)",
        "insert into orders values ('C1', '2025-01-01', 1)",
        "create domain euros as numeric check (value >= 0)",
        "create table payments (customer_id text, payment_date date, status text, amount euros)",
        "insert into payments values ('C1', '2025-01-01', 'success', 1.5)",
    )

    tables = {"customers": "customers", "orders": "orders", "payments": "payments"}
    both(tables, columns={"customers": {"tags": "city"}})

    assert not any(by_adbc(postgres, name) for name in tables)


def test_views_empty_tables_and_quoted_names_are_the_same(postgres: Engine) -> None:
    run(
        postgres,
        'create table "All ""people"" %s" ("Customer-ID" int, "Life Time %s" numeric)',
        'insert into "All ""people"" %s" values (1, 2.5), (2, null)',
        'create view customers as select * from "All ""people"" %s"',
        "create table orders (customer_id int, order_date timestamptz, total_amount numeric)",
    )

    slow, _ = both(
        {"customers": "customers", "orders": "orders"},
        columns={"customers": {"Life Time %s": "lifetime_value"}},
    )

    assert slow.tables["customers"].collect()["lifetime_value"].to_list() == [2.5, None]
    assert by_adbc(postgres, 'All "people" %s')
    assert by_adbc(postgres, "customers")
    assert by_adbc(postgres, "orders")


def test_amounts_beyond_a_double_and_endless_times_are_no_crash(postgres: Engine) -> None:
    run(
        postgres,
        "create table customers (customer_id text, lifetime_value numeric)",
        "insert into customers values ('C1', 1e400)",
        "create table orders (customer_id text, order_date timestamp, total_amount int)",
        "insert into orders values ('C1', 'infinity', 1)",
    )

    assert not by_adbc(postgres, "customers")
    both({"customers": "customers"})
    with pytest.raises(DataError, match="cannot read orders"):
        both({"customers": "customers", "orders": "orders"})


@pytest.fixture
def stranger(postgres: Engine) -> Iterator[URL]:
    """Log in with a password of letters that mean something in a URL."""
    secret = "p@ss:w/o%r d?#&"
    with postgres.begin() as connection:
        connection.execute(text("create role procx_adbc login"))
    yield make_url(POSTGRES).set(username="procx_adbc", password=secret)
    run(postgres, "drop owned by procx_adbc", "drop role procx_adbc")


def test_a_password_of_any_letters_works_and_is_never_told(postgres: Engine, stranger: URL) -> None:
    run(
        postgres,
        "create table customers (customer_id text)",
        "create table orders (customer_id text)",
        f'grant usage on schema "{SCHEMA}" to procx_adbc',
        "grant select on customers to procx_adbc",
    )
    mapping = {"tables": {f"{SCHEMA}.orders": "orders", f"{SCHEMA}.customers": "customers"}}
    engine = create_engine(stranger)

    with pytest.raises(DataError, match="permission denied") as error:
        CustomerBase.from_url(stranger.render_as_string(hide_password=False), mapping=mapping)

    assert str(stranger.password) not in str(error.value)
    assert by_adbc(engine, "customers")
    engine.dispose()
