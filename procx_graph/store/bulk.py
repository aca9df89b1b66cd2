"""Many rows at once: frames into tables, and queries into frames."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, Table

Schema = Mapping[str, type[pl.DataType] | pl.DataType]
"""Columns and their types."""

CHUNK = 50_000
"""Rows handed to the driver, or taken from it, at a time."""


def insert(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Add the rows of a frame, in the transaction of the connection.

    Args:
        connection: A writing one.
        table: Where they go.
        frame: Columns named as the table's; numbers arrive to the last bit.
    """
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, frame)
        return
    names, marks = ", ".join(frame.columns), ", ".join("?" * frame.width)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 # our own names
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


def _frame(rows: Sequence[Sequence[Any]], schema: Schema) -> pl.DataFrame:
    columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(name, cells, dtype) for (name, dtype), cells in columns])


def _copy_in(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Use COPY, which takes the text of a float that reads back as the same float."""
    driver = connection.connection.driver_connection
    assert driver is not None
    statement = f"COPY {table.name} ({', '.join(frame.columns)}) FROM STDIN WITH (FORMAT csv)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(CHUNK):
            copy.write(part.write_csv(include_header=False))
