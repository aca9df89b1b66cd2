"""Check every cell of a table against its declaration, and set aside what does not hold."""

from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from procx_graph.errors import DataError, RowError
from procx_graph.schema import Table
from procx_graph.tables.convert import DTYPES, Cells, convert, in_calendar, problem, staged, value
from procx_graph.tables.report import LISTED, Issue

_ROW = "__row"
_NEVER_PLAIN = (pl.Object, pl.Binary, pl.Duration)
_REPEATED = "appears again; the first row with it is kept"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A table fit for use, and what it took.

    Attributes:
        frame: Every declared column with its declared type; a plan over the source when that is
            cheap to read again, else in memory.
        rows: Rows read.
        rows_kept: Rows in `frame`.
        counts: Issues by column.
        issues: The first of them, in row order.
        unknown_columns: Columns not declared, which are left out.
    """

    frame: pl.LazyFrame
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

    A wrong or missing value in a required column, or a key seen before, sets the row aside. A
    wrong value anywhere else empties its cell. Nothing is corrected. Rows of a frame in memory
    in which every cell is empty are no rows.

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
    cells = [convert(c, found.get(c.name), time_zone=time_zone) for c in table.columns]
    if table.customer and customers is not None and table.name != "customers":
        cells = [
            _of_customers(c, customers) if c.column.name == table.customer else c for c in cells
        ]
    checked = staged(frame.lazy().with_row_index(_ROW, offset=first_row), cells)
    if isinstance(frame, pl.DataFrame):
        blank = pl.all_horizontal(pl.col(name).is_null() for name in found)
        checked = checked.filter(~blank).collect().lazy()

    tally = _tally(checked, table, found)
    issues: tuple[Issue, ...] = ()
    if tally.counts:
        issues = _list(checked, table, found, tally)
        if strict:
            worst = issues[0]
            raise RowError(worst.table, worst.row, worst.column, worst.value, worst.problem)

    plan = checked.filter(_good(table, tally)) if tally.kept < tally.rows else checked
    plan = plan.select(
        pl.col(name) if name in tally.unchanged else _sound(name).alias(name)
        for name in table.names
    )
    if isinstance(frame, pl.DataFrame) or not all(
        c.cheap for c in cells if c.column.name not in tally.unchanged
    ):
        plan = plan.collect().lazy()
    unknown = tuple(name for name in found if name not in table.names)
    return Cleaned(plan, tally.rows, tally.kept, tally.counts, issues, unknown)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What one pass over a table counts.

    Attributes:
        counts: Issues by column.
        repeats: Rows whose key was seen before.
        unchanged: Columns that are as declared already.
    """

    rows: int
    kept: int
    counts: dict[str, int]
    repeats: int
    unchanged: frozenset[str]


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


def _of_customers(cells: Cells, customers: pl.Series) -> Cells:
    known = value(cells.column.name).is_in(customers.implode())
    return replace(cells, wrong=(*cells.wrong, (~known, "no such customer")))


def _sound(name: str) -> pl.Expr:
    return pl.when(problem(name).is_null()).then(value(name))


def _complete(table: Table) -> pl.Expr:
    return pl.all_horizontal([problem(name).is_null() for name in table.required])


def _repeated(table: Table) -> pl.Expr:
    """Tell whether an otherwise good row has the key of an earlier one."""
    assert table.key is not None
    key = pl.when(_complete(table)).then(value(table.key))
    return key.is_not_null() & ~key.is_first_distinct()


def _good(table: Table, tally: _Tally) -> pl.Expr:
    return _complete(table) & ~_repeated(table) if tally.repeats else _complete(table)


def _tally(checked: pl.LazyFrame, table: Table, found: dict[str, pl.DataType]) -> _Tally:
    comparable = [c.name for c in table.columns if found.get(c.name) == DTYPES[c.kind]]
    keys = value(table.key).filter(_complete(table)).drop_nulls() if table.key else None
    counted = (
        checked.select(
            pl.len().alias("rows"),
            _complete(table).sum().alias("complete"),
            pl.lit(0).alias("repeats")
            if keys is None
            else (keys.len() - keys.n_unique()).alias("repeats"),
            *(problem(name).is_not_null().sum().alias(name) for name in table.names),
            *(
                _sound(name).ne_missing(pl.col(name)).any().alias(f"{name}:changed")
                for name in comparable
            ),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    counts = {name: int(counted[name]) for name in table.names if counted[name]}
    repeats = int(counted["repeats"])
    if table.key and repeats:
        counts[table.key] = counts.get(table.key, 0) + repeats
    return _Tally(
        rows=int(counted["rows"]),
        kept=int(counted["complete"]) - repeats,
        counts=counts,
        repeats=repeats,
        unchanged=frozenset(name for name in comparable if not counted[f"{name}:changed"]),
    )


def _list(
    checked: pl.LazyFrame,
    table: Table,
    found: dict[str, pl.DataType],
    tally: _Tally,
) -> tuple[Issue, ...]:
    """List the first issues in row order, columns in the order of the schema."""
    names = [name for name in table.names if name in tally.counts]
    problems = {name: problem(name) for name in names}
    if table.key and tally.repeats:
        again = pl.when(_repeated(table)).then(pl.lit(_REPEATED))
        problems[table.key] = pl.coalesce(problem(table.key), again)
    rows = (
        checked.with_columns(problems[name].alias(f"{name}:problem") for name in names)
        .filter(pl.any_horizontal(problem(name).is_not_null() for name in names))
        .head(LISTED)
        .select(
            _ROW,
            *(problem(name) for name in names),
            *(_shown(name, found) for name in names),
        )
        .collect()
    )
    issues = (
        Issue(
            table=table.name,
            row=row[_ROW],
            column=name,
            value=(row[name] or "")[:80],
            problem=row[f"{name}:problem"],
            set_aside="row" if name in (*table.required, table.key) else "cell",
        )
        for row in rows.iter_rows(named=True)
        for name in names
        if row[f"{name}:problem"] is not None
    )
    return tuple(islice(issues, LISTED))


def _shown(name: str, found: dict[str, pl.DataType]) -> pl.Expr:
    if name not in found:
        return pl.lit("").alias(name)
    return in_calendar(pl.col(name), found[name]).cast(pl.String, strict=False)
