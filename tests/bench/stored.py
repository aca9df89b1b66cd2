"""A made-up business of any size in a SQLite file, with the indexes that look-ups need."""

import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import polars as pl

from procx_graph.schema import TABLES, Kind, Table
from procx_graph.tables.sample import AS_OF, generate

TILE = 20_000
"""Customers that are generated; the rest are copies of them under other ids."""

PER_CUSTOMER = {
    "orders": 5.0,
    "payments": 4.75,
    "support_tickets": 2.0,
    "nps_survey": 0.8,
    "customer_events": 10.0,
}
"""Rows kept at most, as measured in the facts on the engine: 24 with the customer and the label."""

IDS = ("customer_id", "order_id", "payment_id", "ticket_id", "survey_id", "event_id")
INDEXED = ("customer_id", "order_id")
SQL = {Kind.MONEY: "REAL", Kind.NUMBER: "REAL", Kind.COUNT: "INTEGER", Kind.FLAG: "INTEGER"}


def store_customers(customers: int, path: Path, *, seed: int = 1) -> Path:
    """Write that many customers, rounded up to whole tiles, and their rows in a new file."""
    path.unlink(missing_ok=True)
    tables = thinned(min(customers, TILE), seed)
    with closing(sqlite3.connect(path)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TEMP TABLE tiles (n INTEGER)")
        tiles = -(-customers // TILE)
        connection.executemany("INSERT INTO tiles VALUES (?)", ((n,) for n in range(tiles)))
        for name, frame in tables.items():
            _write(connection, TABLES[name], frame)
        connection.commit()
    return path


def thinned(customers: int, seed: int) -> Mapping[str, pl.DataFrame]:
    """Generate customers, and keep of each table as many rows as are usual."""
    made = generate(customers, seed=seed, as_of=AS_OF).tables
    names = ("customers", "churn_labels", *PER_CUSTOMER)
    tables = {name: pl.from_pandas(made[name]) for name in names}
    kept = {name: _sampled(name, frame, customers, seed) for name, frame in tables.items()}
    orders = kept["orders"].select("order_id")
    paid = tables["payments"].join(orders, on="order_id", how="semi")
    return kept | {"payments": _sampled("payments", paid, customers, seed)}


def _sampled(name: str, frame: pl.DataFrame, customers: int, seed: int) -> pl.DataFrame:
    share = PER_CUSTOMER.get(name, frame.height) * customers / max(1, frame.height)
    return frame.sample(fraction=share, seed=seed) if share < 1 else frame


def _write(connection: sqlite3.Connection, table: Table, frame: pl.DataFrame) -> None:
    name, columns = table.name, [c for c in table.columns if c.name in frame.columns]
    declared = ", ".join(f"{c.name} {SQL.get(c.kind, 'TEXT')}" for c in columns)
    connection.execute(f"CREATE TEMP TABLE part_{name} ({declared})")
    connection.execute(f"CREATE TABLE main.{name} ({declared})")
    moments = pl.col([c.name for c in columns if c.kind is Kind.TIMESTAMP])
    rows = frame.select(c.name for c in columns).with_columns(
        moments.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S")
    )
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO part_{name} VALUES ({marks})", rows.rows())
    copied = ", ".join(f"{c.name} || '-' || n" if c.name in IDS else c.name for c in columns)
    connection.execute(f"INSERT INTO main.{name} SELECT {copied} FROM tiles CROSS JOIN part_{name}")
    for column in INDEXED:
        if column in frame.columns:
            connection.execute(f"CREATE INDEX {name}_by_{column} ON {name} ({column})")


if __name__ == "__main__":
    start = time.perf_counter()
    store_customers(int(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(f"stored in {time.perf_counter() - start:.0f} s\n")
