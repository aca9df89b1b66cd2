"""Stores with a few customers in them, filled once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from procx_graph.store import Store
from tests.integration.stores import a_copy, filled
from tests.unit.store.places import KINDS, POSTGRES, a_place


@pytest.fixture(scope="session")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that is never changed."""
    place = tmp_path_factory.mktemp("full") / "procx.db"
    filled(str(place)).close()
    return place


@pytest.fixture(scope="session")
def full_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A schema in PostgreSQL that is never changed."""
    with a_place("postgresql", tmp_path_factory.mktemp("full")) as place:
        filled(place).close()
        yield place.partition("%3D")[2]


@pytest.fixture
def sqlite_store(full_store: Path, tmp_path: Path) -> Iterator[Store]:
    with a_copy(full_store, tmp_path / "procx.db") as store:
        yield store


@pytest.fixture
def postgresql_store(full_schema: str, tmp_path: Path) -> Iterator[Store]:
    with a_place("postgresql", tmp_path) as place:
        _copy(full_schema, place.partition("%3D")[2])
        with Store.open(place, migrate=False) as store:
            yield store


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Store:
    """A store of each kind."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found


def _copy(full: str, schema: str) -> None:
    engine = create_engine(POSTGRES)
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names(schema=full):
            connection.execute(
                text(f'CREATE TABLE {schema}."{name}" (LIKE {full}."{name}" INCLUDING ALL)')
            )
            connection.execute(text(f'INSERT INTO {schema}."{name}" SELECT * FROM {full}."{name}"'))
    engine.dispose()
