"""Customers are looked up in PostgreSQL as in a base that was loaded from it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID, uuid4

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.base import CustomerBase
from procx_graph.errors import DataError
from procx_graph.scoring.features import NEEDED
from procx_graph.tables.lookup import BaseLookup, SqlLookup, open_lookup
from procx_graph.tables.mapping import TableMapping
from tests.unit.scoring.bases import messy

POSTGRES = os.environ.get(
    "PROCX_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
SCHEMA = f"Procx lookup {uuid4().hex[:8]}"
"""A schema of this process: others may run the same tests at once."""
IDS = {"customers": ("customer_id",)}


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


def mapped(*tables: str) -> TableMapping:
    return TableMapping(tables={f"{SCHEMA}.{name}": name for name in tables})


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f'set local search_path to "{SCHEMA}"'))
        for statement in statements:
            connection.execute(text(statement))


def test_the_rows_of_customers_are_those_of_a_whole_load(postgres: Engine) -> None:
    tables = messy(seed=4, customers=60)
    for name, frame in tables.items():
        frame.to_sql(name, postgres, schema=SCHEMA, index=False)
    base = CustomerBase.from_url(POSTGRES, mapping=mapped(*tables), as_of="2030-01-01")
    everybody = base.customer_ids.to_list()

    with SqlLookup(POSTGRES, mapped(*tables)) as lookup:
        for ids in (everybody[:1], everybody[5:9], everybody, ["nobody"], []):
            found, expected = lookup.rows(ids, NEEDED), BaseLookup(base).rows(ids, NEEDED)

            assert list(found) == list(expected)
            for name, rows in expected.items():
                assert_frame_equal(found[name], rows, check_row_order=False)


@pytest.mark.slow
def test_the_sample_is_looked_up_alike_wherever_it_lies(
    postgres: Engine, sample_base: CustomerBase
) -> None:
    for name in NEEDED:
        if sample_base.has(name):
            sample_base.frame(name).to_sql(name, postgres, schema=SCHEMA, index=False)
    names = [name for name in NEEDED if sample_base.has(name)]
    ids = sample_base.customer_ids.to_list()[:50]
    reference = open_lookup(sample_base).rows(ids, NEEDED)

    with SqlLookup(POSTGRES, mapped(*names)) as lookup:
        found = lookup.rows(ids, NEEDED)

    for name, frame in reference.items():
        assert_frame_equal(found[name], frame, check_row_order=False)


@pytest.mark.parametrize("kind", ["bigint", "text", "char(20)", "numeric", "real", "varchar"])
def test_ids_are_found_in_columns_of_any_type(kind: str, postgres: Engine) -> None:
    run(
        postgres,
        f"create table customers (customer_id {kind} primary key)",
        "insert into customers values ('1'), ('20'), ('300')",
    )

    with SqlLookup(POSTGRES, mapped("customers")) as lookup:
        found = lookup.rows(["1", "300", "01", "A", "1.5", "9" * 30], IDS)["customers"]

    assert sorted(found["customer_id"]) == ["1", "300"]


def test_ids_that_are_uuids_are_found(postgres: Engine) -> None:
    one = UUID(int=1)
    run(
        postgres,
        "create table customers (customer_id uuid primary key)",
        f"insert into customers values ('{one}'), ('{UUID(int=2)}')",
    )

    with SqlLookup(POSTGRES, mapped("customers")) as lookup:
        assert lookup.rows([str(one), "C1"], IDS)["customers"]["customer_id"].to_list() == [
            str(one)
        ]


def test_a_connection_that_the_server_ended_is_made_again(postgres: Engine) -> None:
    run(postgres, "create table customers (customer_id text)", "insert into customers values ('C')")
    own = text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'procx lookup test'"
    )

    with SqlLookup(f"{POSTGRES}?application_name=procx lookup test", mapped("customers")) as lookup:
        lookup.rows(["C"], IDS)
        with postgres.begin() as connection:
            assert set(connection.execute(own).scalars()) == {True}

        assert lookup.rows(["C"], IDS)["customers"].height == 1


def test_a_lookup_only_reads(postgres: Engine) -> None:
    run(postgres, "create table customers (customer_id text)")

    with SqlLookup(POSTGRES, mapped("customers")) as lookup:
        with lookup._reading() as cursor:
            cursor.execute("show jit")
            assert cursor.fetchall() == [("off",)]
        with pytest.raises(DataError, match="read-only"), lookup._reading() as cursor:
            cursor.execute(f'drop table "{SCHEMA}".customers')
        assert lookup.rows(["C"], IDS)["customers"].schema == {"customer_id": pl.String}


def test_a_table_that_went_away_is_an_error_of_ours(postgres: Engine) -> None:
    run(postgres, "create table customers (customer_id text)")

    with SqlLookup(POSTGRES, mapped("customers")) as lookup:
        lookup.rows(["C"], IDS)
        run(postgres, "drop table customers")

        with pytest.raises(DataError, match=r"cannot read postgresql.*does not exist"):
            lookup.rows(["C"], IDS)
