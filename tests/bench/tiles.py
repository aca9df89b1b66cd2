"""Bases of any size for measuring: one generated base, repeated with new ids.

A generated base of `TILE` customers is thinned to `ROWS` rows per customer (facts on the engine
measured that shape) and written again and again, with ids of its own in every repetition. Rows
lie as the generator writes them: repetition after repetition, in its order within each.
"""

import re
from pathlib import Path

import polars as pl

from procx_graph.tables.sample import write_parquet

TILE = 20_000
"""Customers of the base that is repeated."""
PER_FILE = 10
"""Repetitions in one file."""
ROW_GROUP = 250_000
ROWS = {
    "customers": 1.0,
    "orders": 5.0,
    "payments": 4.75,
    "support_tickets": 2.0,
    "nps_survey": 0.8,
    "customer_events": 10.0,
    "churn_labels": 1.0,
}
"""Rows per customer that are kept, where the generator makes that many."""
FIRST = 100_000_000
"""The least number of an id, so that all are equally long."""
ORDERS_A_TILE = 400_000
"""More than the generator makes for `TILE` customers."""
SEED = 1


def tiled(customers: int, folder: Path, *, integer_ids: bool = False) -> Path:
    """Give a folder with a base of so many customers; it is made if it is not there.

    Args:
        customers: A multiple of `TILE`, or less than it.
        folder: Where such bases are kept.
        integer_ids: Write the ids as whole numbers instead of text.
    """
    base = folder / f"{customers}-{'integer' if integer_ids else 'text'}"
    if (base / "customers").exists():
        return base
    tile = min(customers, TILE)
    for table, rows in _thinned(_source(tile, folder), tile).items():
        _write(rows, base / table, max(1, customers // TILE), integer_ids=integer_ids)
    return base


def _source(tile: int, folder: Path) -> dict[str, pl.DataFrame]:
    source = folder / f"source-{tile}"
    if not source.exists():
        write_parquet(tile, source, seed=SEED)
    return {name: pl.read_parquet(source / f"{name}.parquet") for name in ROWS}


def _thinned(tables: dict[str, pl.DataFrame], tile: int) -> dict[str, pl.DataFrame]:
    """Keep as many rows as the shape has, in their order, and only payments of orders kept."""
    thin: dict[str, pl.DataFrame] = {}
    for name, rows in tables.items():
        if name == "payments":
            rows = rows.join(thin["orders"], on="order_id", how="semi", maintain_order="left")
        kept = min(len(rows), int(ROWS[name] * tile))
        thin[name] = rows.with_row_index().sample(kept, seed=SEED).sort("index").drop("index")
    # customers last: a folder that has them is complete
    return {name: thin[name] for name in reversed(ROWS)}


def _write(rows: pl.DataFrame, folder: Path, repeats: int, *, integer_ids: bool) -> None:
    folder.mkdir(parents=True)
    for start in range(0, repeats, PER_FILE):
        tiles = range(start, min(start + PER_FILE, repeats))
        file = folder / f"part-{start // PER_FILE:04}.parquet"
        parts = [_renumbered(rows, tile, integer_ids=integer_ids) for tile in tiles]
        pl.concat(parts).write_parquet(file, row_group_size=ROW_GROUP)


def _renumbered(rows: pl.DataFrame, tile: int, *, integer_ids: bool) -> pl.DataFrame:
    """Give the rows ids that no other tile has; a row's own id is simply numbered."""
    own = rows.columns[0]

    def renewed(name: str) -> pl.Expr:
        number = pl.col(name).str.extract(r"(\d+)$").cast(pl.Int64)
        if name == "customer_id":
            return number - 100_000 + tile * TILE
        if name == "order_id":
            return number - 300_000 + tile * ORDERS_A_TILE
        return pl.row_index().cast(pl.Int64) + tile * len(rows)

    ids = [name for name in rows.columns if name in {"customer_id", "order_id", own}]
    numbers = {name: renewed(name) + FIRST for name in ids}
    if integer_ids:
        return rows.with_columns(**numbers)
    prefix = {name: re.sub(r"\d.*", "", str(rows[name].drop_nulls()[0])) for name in ids}
    return rows.with_columns(**{name: prefix[name] + numbers[name].cast(pl.String) for name in ids})
