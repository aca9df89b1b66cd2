"""A store opens on SQLite and PostgreSQL alike, whoever comes first and whatever is there."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from procx_graph.errors import StoreError
from procx_graph.store import Cohorts, ScoreHistory, Store
from procx_graph.store.address import connect, read_address
from procx_graph.store.migrate import alembic_config, revision
from procx_graph.store.schema import HEAD, VERSIONS, metadata
from tests.unit.store.places import KINDS, a_place, keep, scored


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


def stamp(place: str, to: str) -> None:
    """Say that a store is at a revision."""
    with Store.open(place) as store, store.writing() as connection:
        connection.execute(text(f"UPDATE {VERSIONS} SET version_num = :to"), {"to": to})


def make_at(place: str, to: str) -> None:
    """Make a store as it was at a revision."""
    engine = connect(read_address(place))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), to)
    engine.dispose()


def test_an_empty_place_becomes_a_store_with_the_tables_of_the_code(place: str) -> None:
    with Store.open(place) as store, store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})

        assert compare_metadata(context, metadata) == []
        assert revision(connection) == HEAD


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_a_store_of_the_first_revision_is_brought_up_with_what_it_holds(place: str) -> None:
    make_at(place, "0001")
    columns = "as_of, profile_hash, profile_name, fingerprint, method, horizon_days, customers, "
    engine = connect(read_address(place))
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO scorings ({columns} active, recorded_at) VALUES "
                "('2025-01-01 00:00:00', 'p', 'n', 'f', 'mbg', 90, 0, 0, '2025-01-01 00:00:00')"
            )
        )
    engine.dispose()

    with Store.open(place) as store:
        [old] = ScoreHistory(store).scorings()
        Cohorts(store).keep("v", old.as_of, "p", "f", b"payload")

    assert old.profile_hash == "p"


def test_a_store_that_must_not_be_changed_is_refused_when_it_is_old(place: str) -> None:
    make_at(place, "0001")

    with pytest.raises(StoreError, match=r"is at revision 0001, and revision \d+ is needed"):
        Store.open(place, migrate=False)

    Store.open(place).close()
    Store.open(place, migrate=False).close()


def test_a_store_of_a_newer_version_is_refused(place: str) -> None:
    stamp(place, "9999")

    with pytest.raises(StoreError, match=r"'9999'.*install a newer version"):
        Store.open(place)


def test_tables_of_another_owner_are_left_alone(place: str) -> None:
    engine = connect(read_address(place))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE scores (points INTEGER)"))

    with pytest.raises(StoreError, match="already has a table scores that is not ours"):
        Store.open(place)

    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["scores"]
    engine.dispose()


def test_customers_of_another_owner_are_left_alone_when_a_store_is_brought_up(place: str) -> None:
    make_at(place, "0002")
    engine = connect(read_address(place))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (customer_id VARCHAR)"))

    with pytest.raises(StoreError, match="already has a table customers that is not ours"):
        Store.open(place)

    with engine.connect() as connection:
        assert revision(connection) == "0002"
    engine.dispose()


def test_two_processes_may_open_a_new_store_at_once(place: str) -> None:
    code = "import sys; from procx_graph.store import Store; Store.open(sys.argv[1]).close()"
    running = [subprocess.Popen([sys.executable, "-W", "error", "-c", code, place]) for _ in "123"]

    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]


def test_threads_may_make_stores_at_once(tmp_path: Path) -> None:
    together = Barrier(8)

    def made(number: int) -> str | None:
        together.wait()
        with Store.open(tmp_path / f"{number}.db") as store, store.reading() as connection:
            return revision(connection)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(made, range(8))) == [HEAD] * 8


def test_a_closed_store_says_so(place: str) -> None:
    store = Store.open(place)
    store.close()
    store.close()

    with pytest.raises(StoreError, match="is closed"):
        ScoreHistory(store).scorings()


def test_a_sqlite_store_lets_readers_read_while_somebody_writes(tmp_path: Path) -> None:
    with Store.open(tmp_path / "procx.db") as store:
        history = ScoreHistory(store)
        keep(history, 0, scored(ana={}))
        with store.writing() as connection:
            connection.execute(text("INSERT INTO cohorts VALUES (1, 'v', '', '', '', x'00')"))

            assert len(history.scorings()) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:hunter2@127.0.0.1:1/shop", "cannot read the store postgresql:shop"),
        ("postgresql://me:hunter2@127.0.0.1:1/shop?nonsense=hunter2", "nonsense"),
        ("mysql://me:hunter2@host/shop", "SQLite or PostgreSQL, not mysql"),
        ("postgresql://me:hunter2@host:port/shop", "no database URL"),
        ("://hunter2", "no database URL"),
    ],
)
def test_the_password_is_in_no_message(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(url)

    assert "hunter2" not in str(caught.value)


def test_a_user_who_may_not_write_is_told(tmp_path: Path) -> None:
    with a_place("postgresql", tmp_path) as place:
        Store.open(place).close()
        engine = connect(read_address(place))
        with engine.begin() as connection:
            schema = connection.scalar(text("SELECT current_schema()"))
            connection.execute(text("CREATE ROLE procx_reader LOGIN"))
            connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO procx_reader"))
            granted = f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO procx_reader"
            connection.execute(text(granted))
        reader = engine.url.set(username="procx_reader").render_as_string(hide_password=False)
        try:
            with (
                Store.open(reader) as store,
                pytest.raises(StoreError, match=r"cannot write the store .* permission denied"),
            ):
                keep(ScoreHistory(store), 0, scored(ana={}))
        finally:
            with engine.begin() as connection:
                connection.execute(text("DROP OWNED BY procx_reader"))
                connection.execute(text("DROP ROLE procx_reader"))
            engine.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("dear diary, " * 200)

    with pytest.raises(StoreError, match=r"sqlite:notes\.db: file is not a database"):
        Store.open(tmp_path / "notes.db")
