"""Frames of any engine, given the columns and the types that the schema declares."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw

from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Column, Kind, Table
from procx_graph.tables.moment import as_seen, needed
from procx_graph.tables.validate import NUMBERED

Frame = nw.LazyFrame[Any]

DTYPES: Mapping[Kind, nw.dtypes.DType] = {
    Kind.ID: nw.String(),
    Kind.TEXT: nw.String(),
    Kind.CATEGORY: nw.String(),
    Kind.MONEY: nw.Float64(),
    Kind.NUMBER: nw.Float64(),
    Kind.COUNT: nw.Int64(),
    Kind.TIMESTAMP: nw.Datetime("us"),
    Kind.FLAG: nw.Boolean(),
}

_UTC = frozenset({"UTC", "Etc/UTC", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT", "Universal"})
"""Names of one zone; DuckDB calls it as the machine does."""


def as_given(
    tables: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
    moment: datetime,
    *,
    is_current: bool,
) -> dict[str, Frame]:
    """Give these columns of frames of one engine, as known at a moment.

    Raises:
        DataError: A table is unknown or no frame, the customers are missing, a required column is
            missing or of another type, or the frames are of several engines.
    """
    if "customers" not in tables:
        raise DataError("there is no table customers; name the frame that holds them so")
    if strange := [name for name in tables if name not in TABLES]:
        raise DataError(f"there is no table {strange[0]!r}; known are {', '.join(TABLES)}")
    frames = {
        name: _frame(name, tables[name], needed(TABLES[name], columns[name]))
        for name in columns
        if name in tables
    }
    if len({frame.implementation for frame in frames.values()}) > 1:
        kinds = ", ".join(f"{name}: {frame.implementation}" for name, frame in frames.items())
        raise DataError(f"the tables must all be frames of one engine ({kinds})")
    given = {}
    for name, frame in frames.items():
        table = TABLES[name]
        whole = as_declared(table, _without_nan(frame), needed(table, columns[name]))
        full = whole.filter(*_counts(table, columns[name]))
        given[name] = as_seen(table, full, moment, is_current=is_current, columns=columns[name])
    return given


def as_declared(
    table: Table, frame: Frame, columns: Sequence[str], *, integer_ids: bool = False
) -> Frame:
    """Give columns of a table with their declared types; those that are missing are null.

    Args:
        table: The declaration.
        frame: Has at least the required ones of the columns.
        columns: Columns to give, in this order.
        integer_ids: Leave ids the whole numbers that they are.

    Raises:
        DataError: A required column is missing, or a column cannot be what is declared.
    """
    schema = frame.collect_schema()
    for name in _required(table, columns):
        if name not in schema:
            there = ", ".join(schema.names())
            raise DataError(f"{table.name} has no column {name}, which it needs; it has {there}")
    for name in columns:
        _check_zone(table.name, name, schema.get(name), frame.implementation)
    return frame.select(
        _as_declared(table, table.column(name), schema.get(name), integer_ids=integer_ids)
        for name in columns
    )


def _required(table: Table, columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name in table.required or name == table.customer]


def _counts(table: Table, columns: Sequence[str]) -> Iterator[nw.Expr]:
    """Say which rows count: nothing required is missing, nothing decisive is below its least."""
    for name in _required(table, columns):
        yield ~nw.col(name).is_null()
    for column in (table.column(name) for name in columns if name in table.decisive):
        if column.minimum is not None:
            yield nw.col(column.name).is_null() | (nw.col(column.name) >= column.minimum)


def _frame(name: str, native: Any, columns: Sequence[str]) -> Frame:
    try:
        frame = nw.from_native(native)
    except TypeError as error:
        raise DataError(f"{name} is no frame but a {type(native).__name__}") from error
    if isinstance(frame, nw.Series):
        raise DataError(f"{name} is one column; give a frame")
    if frame.implementation.is_pandas():
        frame = _in_arrow(name, frame.select(column for column in columns if column in frame))
    lazy: Frame = frame.lazy()
    return lazy


def _without_nan(frame: Frame) -> Frame:
    """Write what is not a number as missing, as opening a base does."""
    floats = [name for name, dtype in frame.collect_schema().items() if dtype.is_float()]
    return frame.with_columns(nw.col(name).fill_nan(None) for name in floats)


def _in_arrow(name: str, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Give a pandas frame with Arrow's types, as numpy's know neither days nor missing numbers.

    Columns in which every cell is empty have no type, and are left out.
    """
    import pandas as pd
    import pyarrow as pa

    try:
        cells = frame.to_arrow()
    except (pa.ArrowException, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name} cannot be read: {reason}") from error
    empty = [field.name for field in cells.schema if pa.types.is_null(field.type)]
    typed = cells.drop_columns(empty).to_pandas(types_mapper=pd.ArrowDtype)
    arrow: nw.DataFrame[Any] = nw.from_native(typed)
    return arrow


def _as_declared(
    table: Table, column: Column, dtype: nw.dtypes.DType | None, *, integer_ids: bool
) -> nw.Expr:
    declared, value = DTYPES[column.kind], nw.col(column.name)
    if integer_ids and column.name in NUMBERED:
        declared = nw.Int64()
    if dtype is None:
        return nw.lit(None, declared).alias(column.name)
    if dtype == declared:
        return value
    if not _becomes(column.kind, dtype):
        raise DataError(f"{table.name}.{column.name} is {dtype}, which is no {column.kind}")
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        utc = value if dtype.time_zone in _UTC else value.dt.convert_time_zone("UTC")
        value = utc.dt.replace_time_zone(None)
    return value.cast(declared)


def _check_zone(
    table: str, column: str, dtype: nw.dtypes.DType | None, engine: nw.Implementation
) -> None:
    """Refuse moments in the zone of a session that is not UTC, which only the session can change.

    Raises:
        DataError: The engine tells such moments in a zone of its own.
    """
    zone = dtype.time_zone if isinstance(dtype, nw.Datetime) else None
    if zone is None or zone in _UTC or not (engine.is_spark_like() or engine.is_duckdb()):
        return
    raise DataError(
        f"{table}.{column} is told in {zone}, the zone of the session; set it to UTC "
        "(spark.sql.session.timeZone, or SET TimeZone in DuckDB)"
    )


def _becomes(kind: Kind, dtype: nw.dtypes.DType) -> bool:
    """Tell whether a type becomes what is declared without reading text."""
    if kind is Kind.TIMESTAMP:
        return dtype.is_temporal() and not isinstance(dtype, nw.Time | nw.Duration)
    if kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT):
        return dtype.is_numeric()
    if kind is Kind.FLAG:
        return dtype.is_integer()
    return dtype.is_integer() or isinstance(dtype, nw.Categorical | nw.Enum)
