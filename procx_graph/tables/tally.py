"""Count the cells and rows that do not hold, and list the first of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl

from procx_graph.schema import Table
from procx_graph.tables.convert import DTYPES, in_calendar, problem, value
from procx_graph.tables.proof import Proof
from procx_graph.tables.report import LISTED, Issue

ROW = "__row"
"""Column of the number of the row, as the user counts."""

_REPEATED = "appears again; the first row with it is kept"


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted over a table.

    Attributes:
        rows: Rows read.
        kept: Rows without a reason to set them aside.
        counts: Issues by column.
        repeats: Rows whose key was seen before.
        unchanged: Columns that are as declared already.
    """

    rows: int
    kept: int
    counts: dict[str, int]
    repeats: int
    unchanged: frozenset[str]


def sound(name: str) -> pl.Expr:
    """Give the value of a staged column, null where something is wrong with it."""
    return pl.when(problem(name).is_null()).then(value(name))


def good(table: Table, tally: Tally) -> pl.Expr:
    """Say which rows are kept."""
    return _complete(table) & ~_repeated(table) if tally.repeats else _complete(table)


def tally(
    checked: pl.LazyFrame,
    table: Table,
    found: Mapping[str, pl.DataType],
    proof: Proof,
    doubtful: Sequence[str],
) -> Tally:
    """Count what is not proven.

    Args:
        checked: The staged table.
        table: Its declaration.
        found: Types of the source.
        proof: What need not be looked at.
        doubtful: Columns in which a cell may be wrong.
    """
    keys = None
    if table.key and not proof.distinct:
        keys = value(table.key).filter(_complete(table)).drop_nulls()
    if keys is None and not doubtful:
        return Tally(proof.rows, proof.rows, {}, 0, proof.unchanged)
    comparable = [name for name in doubtful if found.get(name) == DTYPES[table.column(name).kind]]
    counted = (
        checked.select(
            _complete(table).sum().alias(":complete"),
            pl.lit(0).alias(":repeats")
            if keys is None
            else (keys.len() - keys.n_unique()).alias(":repeats"),
            *(problem(name).is_not_null().sum().alias(name) for name in doubtful),
            *(
                sound(name).ne_missing(pl.col(name)).any().alias(f"{name}:changed")
                for name in comparable
            ),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    counts = {name: int(counted[name]) for name in doubtful if counted[name]}
    repeats = int(counted[":repeats"])
    if table.key and repeats:
        counts[table.key] = counts.get(table.key, 0) + repeats
    unchanged = {name for name in comparable if not counted[f"{name}:changed"]}
    return Tally(
        rows=proof.rows,
        kept=int(counted[":complete"]) - repeats,
        counts={name: counts[name] for name in table.names if name in counts},
        repeats=repeats,
        unchanged=proof.unchanged.difference(doubtful) | unchanged,
    )


def listed(
    checked: pl.LazyFrame, table: Table, found: Mapping[str, pl.DataType], tally: Tally
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
            ROW,
            *(problem(name) for name in names),
            *(_shown(name, found) for name in names),
        )
        .collect()
    )
    issues = (
        Issue(
            table=table.name,
            row=row[ROW],
            column=name,
            value=(row[name] or "")[:80],
            problem=row[f"{name}:problem"],
            set_aside="row" if name in (*table.decisive, table.key) else "cell",
        )
        for row in rows.iter_rows(named=True)
        for name in names
        if row[f"{name}:problem"] is not None
    )
    return tuple(islice(issues, LISTED))


def _complete(table: Table) -> pl.Expr:
    return pl.all_horizontal([problem(name).is_null() for name in table.decisive])


def _repeated(table: Table) -> pl.Expr:
    """Tell whether an otherwise good row has the key of an earlier one."""
    assert table.key is not None
    key = pl.when(_complete(table)).then(value(table.key))
    return key.is_not_null() & ~key.is_first_distinct()


def _shown(name: str, found: Mapping[str, pl.DataType]) -> pl.Expr:
    if name not in found:
        return pl.lit("").alias(name)
    return in_calendar(pl.col(name), found[name]).cast(pl.String, strict=False)
