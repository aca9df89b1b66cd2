"""Tables from a database, by SQLAlchemy URL."""

from collections.abc import Iterable, Sequence
from functools import partial

import polars as pl
from sqlalchemy import Engine, Table, select, type_coerce
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from procx_graph.errors import DataError
from procx_graph.tables import adbc
from procx_graph.tables.database import (
    Place,
    describe,
    engine_of,
    find_tables,
    parse_url,
    reason,
    shown,
    source_name,
)
from procx_graph.tables.source import RawTable, Source
from procx_graph.tables.values import as_series

CHUNK = 50_000
"""Rows fetched at a time."""


def sql_source(
    url: str | URL, *, also: Iterable[str] = (), chunk: int = CHUNK, arrow: bool = True
) -> Source:
    """Look through a database; its tables and views are read when asked for.

    Args:
        url: SQLAlchemy URL, such as `postgresql+psycopg://user:secret@host/shop`.
        also: Further tables, written `schema.table` where they lie outside the default schema.
        chunk: Rows to fetch at a time by SQLAlchemy.
        arrow: Fetch by ADBC where its driver is installed and gives the same, only faster.

    Raises:
        DataError: The URL is wrong, its driver is not installed, or the database does not
            answer. The message never holds the password.
    """
    engine = engine_of(parse_url(url))
    found = find_tables(engine, also)
    tables = {
        name: RawTable(partial(_read, engine, place, chunk, arrow=arrow))
        for name, place in found.places.items()
    }
    return Source(source_name(engine.url), tables, is_store=found.is_store)


def _read(engine: Engine, place: Place, chunk: int, *, arrow: bool) -> pl.DataFrame:
    """Fetch a table, by ADBC where that gives the same and is wanted."""
    _, name = place
    try:
        table = describe(engine, place)
        found = adbc.fetch(engine.url, table) if arrow else None
        return _by_driver(engine, table, chunk) if found is None else found
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot read {name} of {shown(engine.url)}: {reason(error)}") from error


def _by_driver(engine: Engine, table: Table, chunk: int) -> pl.DataFrame:
    """Fetch a table as the driver gives it, so that no value is converted unseen."""
    names = [column.name for column in table.columns]
    query = select(*(type_coerce(column, NullType()) for column in table.columns))
    with engine.connect() as connection:
        rows = connection.execution_options(stream_results=True).execute(query)
        chunks = [_frame(names, part) for part in rows.partitions(chunk)]
    if not chunks:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.concat(_alike(chunks), how="vertical_relaxed")


def _frame(names: list[str], rows: Sequence[Sequence[object]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True)
    return pl.DataFrame(
        [as_series(name, values) for name, values in zip(names, columns, strict=True)]
    )


def _alike(chunks: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Give all chunks the same types; where they differ, the values become text."""
    mixed = [
        name
        for name in chunks[0].columns
        if len({chunk.schema[name] for chunk in chunks} - {pl.Null()}) > 1
    ]
    return [chunk.with_columns(pl.col(mixed).cast(pl.String)) for chunk in chunks]
