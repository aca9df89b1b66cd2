"""Prepared statements say and give the same as SQLAlchemy's own way, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from procx_graph import Store
from procx_graph.errors import StoreError
from procx_graph.store.prepared import Prepared
from procx_graph.store.schema import receipts
from tests.unit.store.places import KINDS, a_place

EAST = timezone(timedelta(hours=5, minutes=30))
AT = datetime(2025, 6, 30, 17, 30, 1, 123456, tzinfo=EAST)
ROW: dict[str, Any] = {
    "provider": "stripe",
    "account": "",
    "key": "evt_1",
    "topic": "t",
    "occurred_at": AT,
    "received_at": AT,
    "mapped": True,
    "remark": None,
    "digest": "d",
    "body": b"\x00\xff",
    "repeats": 0,
}
ADD = Prepared(insert(receipts))
ALL = select(receipts).where(receipts.c.provider == bindparam("who"))
READ = Prepared(ALL)
COUNT = Prepared(
    update(receipts).where(receipts.c.key == bindparam("of")).values(repeats=receipts.c.repeats + 1)
)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def test_rows_come_back_as_sqlalchemy_gives_them(store: Store) -> None:
    with store.writing() as connection:
        ADD.run(connection, ROW)
        prepared = READ.rows(connection, {"who": "stripe"})
        usual = connection.execute(ALL, {"who": "stripe"}).all()

    assert prepared == [tuple(row) for row in usual]
    [row] = prepared
    told = dict(zip(receipts.c.keys(), row, strict=True))
    assert told["occurred_at"] == AT
    assert told["occurred_at"].tzinfo is UTC
    assert (told["mapped"], told["remark"], bytes(told["body"])) == (True, None, b"\x00\xff")


def test_it_says_how_many_rows_it_changed(store: Store) -> None:
    other = ROW | {"key": "evt_2", "digest": "e"}
    with store.writing() as connection:
        added = ADD.run(connection, ROW, other)
        changed = COUNT.run(connection, {"of": "evt_1"})
        none = COUNT.run(connection, {"of": "evt_3"})

    assert (added, changed, none) == (2, 1, 0)


def test_one_statement_serves_different_columns(store: Store) -> None:
    with store.writing() as connection:
        ADD.run(connection, ROW)
        ADD.run(
            connection, {k: v for k, v in ROW.items() if k != "body"} | {"key": "2", "topic": "u"}
        )
        found = READ.column(connection, {"who": "stripe"})

    assert len(found) == 2


def test_what_fails_is_told_as_the_stores_failure_and_undone(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot write"), store.writing() as connection:
        ADD.run(connection, ROW, ROW)

    with store.reading() as connection:
        assert READ.first(connection, {"who": "stripe"}) is None


def test_a_value_that_is_missing_is_named(store: Store) -> None:
    with store.reading() as connection, pytest.raises(KeyError, match="who"):
        READ.rows(connection, {})


def test_text_is_never_read_as_sql(store: Store) -> None:
    evil = "'; DROP TABLE receipts; --"
    with store.writing() as connection:
        ADD.run(connection, ROW | {"provider": evil})
        Prepared(delete(receipts).where(receipts.c.provider == bindparam("who"))).run(
            connection, {"who": "' OR 1=1 --"}
        )
        assert len(READ.rows(connection, {"who": evil})) == 1
