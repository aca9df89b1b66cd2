"""Check a table against its declaration, and set aside what does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from procx_graph.errors import DataError, RowError
from procx_graph.schema import Column, Table
from procx_graph.tables.convert import Cells, convert, fits, staged, value
from procx_graph.tables.proof import Proof, prove
from procx_graph.tables.report import Issue
from procx_graph.tables.tally import ROW, Tally, good, listed, sound, tally

NUMBERED = ("customer_id", "order_id")
"""Ids that may stay the whole numbers that they are in a source."""

_NEVER_PLAIN = (pl.Object, pl.Binary, pl.Duration)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A table fit for use, and what it took.

    Attributes:
        frame: Every declared column with its declared type; a plan over the source when that is
            cheap to read again, else in memory.
        compact: The same, with the whole numbers that the source has for ids of customers and
            orders.
        found: Polars types of the source, by our names.
        sound: Columns of the source without a wrong cell, whose values conversion gives.
        unchanged: Columns whose cells in the source are the declared values.
        rows: Rows read.
        rows_kept: Rows in `frame`.
        counts: Issues by column.
        issues: The first of them, in row order.
        unknown_columns: Columns not declared, which are left out.
    """

    frame: pl.LazyFrame
    compact: pl.LazyFrame
    found: Mapping[str, pl.DataType]
    sound: frozenset[str]
    unchanged: frozenset[str]
    rows: int
    rows_kept: int
    counts: dict[str, int]
    issues: tuple[Issue, ...]
    unknown_columns: tuple[str, ...]


def clean(
    table: Table,
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    first_row: int = 1,
    strict: bool = False,
    time_zone: str = "UTC",
    customers: pl.Series | None = None,
) -> Cleaned:
    """Give the table as the schema declares it.

    A missing value in a required column, a wrong one in a decisive column, or a key seen before
    sets the row aside. A wrong value anywhere else empties its cell. Nothing is corrected. Rows
    of a frame in memory in which every cell is empty are no rows.

    Args:
        table: The declaration.
        frame: Columns already carry our names.
        first_row: Number of the first row, as the user counts.
        strict: Raise on the first issue instead.
        time_zone: IANA zone of timestamps that name none.
        customers: Ids that rows may belong to; None accepts any.

    Raises:
        DataError: A required column is missing, or a column holds lists or structures.
        RowError: `strict`, and a cell is not what is declared.
    """
    found = dict(frame.collect_schema())
    _require(table, found)
    owners = None if table.name == "customers" or not table.customer else customers
    rows = _rows(frame, first_row)
    proof = prove(table, rows, found, time_zone=time_zone, customers=owners)
    cells = [_cells(column, found, proof, time_zone) for column in table.columns]
    if owners is not None and not proof.ours:
        cells = [_of(owners, c) if c.column.name == table.customer else c for c in cells]
    checked = staged(rows, cells)
    if isinstance(frame, pl.DataFrame):
        checked = checked.collect().lazy()
    counted = tally(checked, table, found, proof, [c.column.name for c in cells if c.wrong])
    issues = listed(checked, table, found, counted) if counted.counts else ()
    if issues and strict:
        worst = issues[0]
        raise RowError(worst.table, worst.row, worst.column, worst.value, worst.problem)
    # numbered rows would stop every later filter from reaching down into the files
    numberless = checked if isinstance(frame, pl.DataFrame) else staged(frame, cells)
    plan = _kept(numberless, table, found, counted)
    if isinstance(frame, pl.DataFrame) or _is_dear(table, cells, counted):
        plan = plan.collect().lazy()
    return Cleaned(
        frame=plan.select(table.names),
        compact=_compact(plan, table),
        found={name: found[name] for name in table.names if name in found},
        sound=proof.sound,
        unchanged=counted.unchanged,
        rows=counted.rows,
        rows_kept=counted.kept,
        counts=counted.counts,
        issues=issues,
        unknown_columns=tuple(name for name in found if name not in table.names),
    )


def _require(table: Table, found: dict[str, pl.DataType]) -> None:
    for name in table.required:
        if name not in found:
            raise DataError(
                f"{table.name} has no column {name} (it has: {', '.join(found) or 'none'}); "
                f"name the column that holds it in a mapping (--map)"
            )
    for name in table.names:
        dtype = found.get(name, pl.Null())
        plain = not dtype.is_nested() and dtype not in _NEVER_PLAIN
        if not plain and dtype != pl.List(pl.String):
            raise DataError(f"{table.name}.{name} holds {dtype}; it must hold plain values")


def _rows(frame: pl.DataFrame | pl.LazyFrame, first_row: int) -> pl.LazyFrame:
    """Number the rows, and leave out those of a frame in memory that are empty."""
    rows = frame.lazy().with_row_index(ROW, offset=first_row)
    if isinstance(frame, pl.LazyFrame) or not all(column.null_count() for column in frame):
        return rows
    blank = pl.all_horizontal(pl.col(frame.columns).is_null())
    return rows.filter(~blank).collect().lazy()


def _cells(column: Column, found: Mapping[str, pl.DataType], proof: Proof, time_zone: str) -> Cells:
    """Say how a column is converted; nothing is looked for where nothing can be wrong."""
    cells = convert(column, found.get(column.name), time_zone=time_zone)
    if column.name in proof.unchanged:
        filled = pl.col(f"{column.name}:filled")
        return Cells(column, pl.col(column.name), filled, (), cheap=True)
    return replace(cells, wrong=()) if column.name in proof.sound else cells


def _of(customers: pl.Series, cells: Cells) -> Cells:
    known = value(cells.column.name).is_in(customers.implode())
    return replace(cells, wrong=(*cells.wrong, (~known, "no such customer")))


def _kept(
    checked: pl.LazyFrame, table: Table, found: Mapping[str, pl.DataType], tally: Tally
) -> pl.LazyFrame:
    """Give the rows that hold, with every declared column, and ids as numbers where they are."""
    plan = checked.filter(good(table, tally)) if tally.kept < tally.rows else checked
    return plan.select(
        *(
            pl.col(name) if name in tally.unchanged else sound(name).alias(name)
            for name in table.names
        ),
        *(
            pl.col(name).cast(pl.Int64).alias(f"{name}:number")
            for name in NUMBERED
            if name in table.names and fits(found.get(name, pl.Null()))
        ),
    )


def _compact(plan: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    there = plan.collect_schema().names()
    numbers = {name for name in table.names if f"{name}:number" in there}
    return plan.select(
        pl.col(f"{name}:number" if name in numbers else name).alias(name) for name in table.names
    )


def _is_dear(table: Table, cells: Sequence[Cells], tally: Tally) -> bool:
    """Tell whether a column that most queries read takes much to convert again."""
    read = {*table.decisive, table.key, table.customer, table.seen_at} - tally.unchanged
    return any(c.column.name in read and not c.cheap for c in cells)
