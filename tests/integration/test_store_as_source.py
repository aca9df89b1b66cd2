"""A store that was loaded is a source like any other, and gives the scores of what it came from."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from alembic import command
from polars.testing import assert_frame_equal
from sqlalchemy import text

from procx_graph.base import CustomerBase
from procx_graph.errors import ConfigError, DataError, StoreError
from procx_graph.scoring.engine import score
from procx_graph.scoring.scorer import CustomerScorer
from procx_graph.store import Store
from procx_graph.store.address import connect, read_address
from procx_graph.store.live import hold
from procx_graph.store.loading import load_base
from procx_graph.store.migrate import alembic_config
from procx_graph.store.schema import LIVE
from procx_graph.tables.load import load
from procx_graph.tables.lookup import SqlLookup, open_lookup
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.sql import sql_source
from tests.unit.store.places import KINDS, NOW, a_place

ANA = {"customer_id": ["ana"], "signup_date": [datetime(2025, 1, 1, tzinfo=UTC)]}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


def url_of(place: str) -> str:
    return place if "://" in place else f"sqlite:///{place}"


def filled(place: str, base: CustomerBase) -> str:
    """Load a base into a store, and give the URL."""
    with Store.open(place) as store:
        load_base(base, store, at=NOW)
    return url_of(place)


def a_base(**tables: dict[str, Any]) -> CustomerBase:
    frames = {
        name: pl.DataFrame(columns) for name, columns in ({"customers": ANA} | tables).items()
    }
    return CustomerBase.from_frames(frames, as_of="2025-06-30")


@pytest.mark.slow
@pytest.mark.parametrize("source", ["sample_base", "agentmax_base"])
def test_the_scores_are_those_of_the_source(
    source: str, place: str, request: pytest.FixtureRequest
) -> None:
    base: CustomerBase = request.getfixturevalue(source)
    url = filled(place, base)
    expected = score(base)

    for arrow in (True, False):
        stored = CustomerBase(load(sql_source(url, arrow=arrow), TableMapping()), None)

        assert stored.as_of == base.as_of
        assert stored.tables == base.tables
        for name in base.tables:
            shown = base.table(name).collect()
            assert_frame_equal(stored.table(name).collect(), shown, check_row_order=False)
        assert_frame_equal(score(stored).frame, expected.frame, check_exact=True)


@pytest.mark.slow
def test_customers_are_scored_alone_by_the_indexes(
    place: str, sample_base: CustomerBase, caplog: pytest.LogCaptureFixture
) -> None:
    url = filled(place, sample_base)
    full = score(sample_base)
    ids = sample_base.customer_ids.to_list()[::50]

    with caplog.at_level(logging.WARNING), CustomerScorer(url, full.cohort) as scorer:
        alone = scorer.score_many(ids, drivers=True)

    assert alone == full.scores(ids)
    assert not caplog.records


def test_what_is_the_stores_own_is_neither_read_nor_told(place: str) -> None:
    url = filled(place, a_base())

    base = CustomerBase.from_url(url, as_of="2025-06-30")

    assert base.tables == ("customers",)
    assert base.report.unknown == base.report.unused == ()
    assert [table.unknown_columns for table in base.report.tables] == [()]
    with SqlLookup(url) as lookup:
        assert lookup.has("customers")
        assert not lookup.has("orders")


def test_a_held_table_without_rows_is_there(place: str) -> None:
    url = filled(place, a_base())
    with Store.open(place) as store, store.writing() as connection:
        hold(connection, ["support_tickets"], at=NOW)

    base = CustomerBase.from_url(url, as_of="2025-06-30")

    assert base.tables == ("customers", "support_tickets")
    assert base.table("support_tickets").collect().is_empty()
    assert base.table("support_tickets").collect_schema()["created_at"] == pl.Datetime("us")


def test_a_store_without_customers_says_how_to_fill_it(place: str) -> None:
    Store.open(place).close()

    for open_it in (CustomerBase.open, open_lookup):
        with pytest.raises(DataError, match=r"holds no customers yet: fill it with `procx load"):
            open_it(url_of(place))


def test_a_store_takes_no_mapping(place: str) -> None:
    url = filled(place, a_base())

    for open_it in (CustomerBase.open, open_lookup):
        with pytest.raises(ConfigError, match="is a store, whose tables are in our words already"):
            open_it(url, mapping={"time_zone": "Asia/Kolkata"})


def test_a_database_with_the_stores_histories_beside_other_tables_is_read(place: str) -> None:
    """Scores may be recorded beside tables of another owner."""
    url = url_of(place)
    with Store.open(place) as store, store.writing() as connection:
        for name in [*LIVE, "live_tables"]:
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("CREATE TABLE customers (customer_id VARCHAR, procx_note INTEGER)"))
        connection.execute(text("INSERT INTO customers VALUES ('ana', 1)"))

    base = CustomerBase.open(url, as_of="2025-06-30")

    assert base.customer_ids.to_list() == ["ana"]
    assert "scores" in base.report.unknown


def test_a_store_of_before_that_is_filled_says_the_same(place: str) -> None:
    engine = connect(read_address(place))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
    engine.dispose()

    with pytest.raises(DataError, match="holds no customers yet"):
        CustomerBase.open(url_of(place))


def test_the_path_of_a_store_is_a_source_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "50% of ? customers"
    filled(str(path), a_base())

    assert len(CustomerBase.open(path, as_of="2025-06-30")) == 1
    with closing(open_lookup(path)) as lookup:
        found = lookup.rows(["ana"], {"customers": ("customer_id", "signup_date")})
    assert found["customers"]["signup_date"].dt.year().to_list() == [2025]


@pytest.mark.parametrize("content", [b"", b"dear diary", b"SQLite format 3"])
def test_a_file_that_is_no_database_is_no_source(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "procx.db"
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"procx\.db"):
        CustomerBase.open(path)


def test_a_damaged_database_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "procx.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    with pytest.raises(DataError, match="cannot open sqlite"):
        CustomerBase.open(path)
    with pytest.raises(StoreError, match=r"sqlite:procx\.db"):
        Store.open(path)


def test_moments_come_back_to_the_microsecond(place: str) -> None:
    moments = [
        datetime(2025, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ]
    orders = {
        "order_id": ["1", "2", "3"],
        "customer_id": ["ana"] * 3,
        "order_date": [datetime(2025, 1, 1, tzinfo=UTC)] * 3,
        "total_amount": [0.1, 1e-300, 12345678.9],
        "estimated_delivery_date": moments,
    }
    url = filled(place, a_base(orders=orders))

    for arrow in (True, False):
        loaded = load(sql_source(url, arrow=arrow), TableMapping())
        found = loaded.tables["orders"].sort("order_id").collect()
        assert found["estimated_delivery_date"].dt.replace_time_zone("UTC").to_list() == moments
        assert found["total_amount"].to_list() == orders["total_amount"]
    assert CustomerBase.open(url).as_of == datetime(2025, 1, 1, tzinfo=UTC)
