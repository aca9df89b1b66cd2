"""Databases to keep a store in, and scorings to keep in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.store import ScoreHistory
from procx_graph.store.schema import SUB_SCORES

POSTGRES = os.environ.get(
    "PROCX_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
KINDS = ("sqlite", "postgresql")
DAY_0 = datetime(2025, 6, 1, 23, 59, 59, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)


@contextmanager
def a_place(kind: str, folder: Path) -> Iterator[str]:
    """Give where a new store can be: a file, or a schema of its own in PostgreSQL."""
    if kind == "sqlite":
        yield str(folder / "procx.db")
        return
    schema = f"procx_store_{uuid4().hex[:12]}"
    engine = create_engine(POSTGRES)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        engine.dispose()
        pytest.skip(f"no PostgreSQL at PROCX_TEST_POSTGRES_URL: {type(error).__name__}")
    try:
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


def scored(**customers: dict[str, Any]) -> pl.DataFrame:
    """Give the scores of these customers: ranked in order, alike where nothing is said."""
    rows = []
    for place, (name, changes) in enumerate(customers.items(), start=1):
        row: dict[str, Any] = {
            "customer_id": name,
            "state": "active",
            "health": 60.0,
            "coverage": 1.0,
            "churn_risk": 0.2,
            "risk_level": "low",
            "value_at_stake": 100.0,
            "rank": place,
            **dict.fromkeys(SUB_SCORES, 0.5),
        } | changes
        row.setdefault("level_above", row["risk_level"])
        row.setdefault("revenue_at_risk", row["churn_risk"] and row["churn_risk"] * 100)
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def crowd(number: int, **changes: Any) -> pl.DataFrame:
    """Give the scores of many customers, C0000000 ranked first."""
    place = pl.int_range(1, number + 1, eager=True)
    one = scored(x=changes).drop("customer_id", "rank")
    ids = [f"C{at:07}" for at in range(number)]
    return pl.DataFrame({"customer_id": ids, "rank": place}).join(one, how="cross")


def keep(history: ScoreHistory, number: int, frame: pl.DataFrame, **changes: Any) -> int | None:
    """Record scores of day `number`."""
    values: dict[str, Any] = {
        "as_of": day(number),
        "profile_hash": "p1",
        "profile_name": "default-v1",
        "fingerprint": "f1",
        "method": "mbg",
        "horizon_days": 90,
        "at": NOW,
    }
    return history.record(frame, **(values | changes))
