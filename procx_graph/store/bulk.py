"""Many rows at once: frames into tables, and queries into frames."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, MetaData, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

Schema = Mapping[str, type[pl.DataType] | pl.DataType]
"""Columns and their types."""

CHUNK = 50_000
"""Rows handed to the driver, or taken from it, at a time."""


def insert(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Add the rows of a frame, in the transaction of the connection.

    Args:
        connection: A writing one.
        table: Where they go.
        frame: Columns named as the table's; numbers arrive to the last bit, and moments, which
            are in UTC, to the microsecond.
    """
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, frame)
        return
    marks = ", ".join("?" * frame.width)
    into = _into(connection, table, frame)
    statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 # our own names
    frame = frame.with_columns(pl.selectors.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    for part in frame.iter_slices(CHUNK):
        connection.exec_driver_sql(statement, part.rows())


def fetch(connection: Connection, query: Select[Any], schema: Schema) -> pl.DataFrame:
    """Give what a query finds as a frame.

    Args:
        connection: A reading one.
        query: What is asked for.
        schema: Polars type of each of its columns, in order.
    """
    rows = connection.execution_options(stream_results=True).execute(query)
    parts = [_frame(part, schema) for part in rows.partitions(CHUNK)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


@contextmanager
def staging(connection: Connection, table: Table) -> Iterator[Table]:
    """Give an empty temporary table with the columns of another one, gone afterwards.

    Args:
        connection: A writing one; only this one sees the table.
        table: Whose columns it has, without keys and indexes.
    """
    columns = (Column(column.name, column.type) for column in table.columns)
    staged = Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    staged.create(connection)
    yield staged
    # not after an error, which ends the transaction and with it the table
    staged.drop(connection)


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Give an INSERT of the database's own kind, which can say what becomes of rows in conflict."""
    return insert_of(connection.dialect.name, table)


def insert_of(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Give the INSERT of a kind of database, by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _into(connection: Connection, table: Table, frame: pl.DataFrame) -> str:
    """Name a table and the columns of a frame in SQL."""
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(quote(name) for name in frame.columns)})"


def _frame(rows: Sequence[Sequence[Any]], schema: Schema) -> pl.DataFrame:
    columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(name, cells, dtype) for (name, dtype), cells in columns])


def _copy_in(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Use COPY, which takes the text of a float that reads back as the same float."""
    driver = connection.connection.driver_connection
    assert driver is not None
    statement = f"COPY {_into(connection, table, frame)} FROM STDIN WITH (FORMAT csv)"
    frame = frame.with_columns(pl.selectors.datetime(time_zone=None).dt.replace_time_zone("UTC"))
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(CHUNK):
            copy.write(part.write_csv(include_header=False))
