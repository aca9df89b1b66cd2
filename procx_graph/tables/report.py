"""What was read, what was set aside and why."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

LISTED = 1_000
"""Issues listed in full for each table; all are counted."""

SetAside = Literal["row", "cell"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One cell that is not what its table declares.

    Attributes:
        row: Number of the row as the user counts it: 2 is the first data row of a sheet or CSV
            file, 1 the first of a database table, Parquet file or frame.
        value: The value found, as text, cut to 80 characters; empty when there is none.
        set_aside: `row` when the row is not used at all, `cell` when only this value is unknown.
    """

    table: str
    row: int
    column: str
    value: str
    problem: str
    set_aside: SetAside

    def __str__(self) -> str:
        return f"{self.table} row {self.row}, column {self.column}: {self.problem} ({self.value!r})"


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table as it was read.

    Attributes:
        name: Our name of the table.
        source: Its name where it came from.
        rows: Rows read.
        rows_kept: Rows that are used.
        cells_set_aside: Cells emptied because their value is not what is declared.
        counts: Number of issues by column, all of them.
        issues: The first of them, in row order.
        unknown_columns: Columns that the schema does not declare; they are not read.
    """

    name: str
    source: str
    rows: int
    rows_kept: int
    cells_set_aside: int
    counts: dict[str, int]
    issues: tuple[Issue, ...]
    unknown_columns: tuple[str, ...]

    @property
    def rows_set_aside(self) -> int:
        """Rows that are not used."""
        return self.rows - self.rows_kept


@dataclass(frozen=True, slots=True)
class Report:
    """What came of reading a source.

    Attributes:
        tables: The tables read, in the order of the schema.
        unused: Tables of the source that the schema knows but nothing reads.
        unknown: Tables of the source that the schema does not know.
        mappings: Names and values translated, in words.
        warnings: What else the user should know, in sentences.
    """

    tables: tuple[TableReport, ...]
    unused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues listed, over all tables."""
        return tuple(issue for table in self.tables for issue in table.issues)

    @property
    def issue_count(self) -> int:
        """Number of issues, listed or not."""
        return sum(sum(table.counts.values()) for table in self.tables)

    @property
    def rows_set_aside(self) -> int:
        """Rows that are not used, over all tables."""
        return sum(table.rows_set_aside for table in self.tables)

    def to_frame(self) -> "pd.DataFrame":
        """Give the listed issues as a frame: table, row, column, value, problem, set_aside."""
        import pandas as pd

        columns = list(Issue.__dataclass_fields__)
        return pd.DataFrame([asdict(issue) for issue in self.issues], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as JSON-able values."""
        return {
            "tables": [
                asdict(table) | {"issues": [asdict(issue) for issue in table.issues]}
                for table in self.tables
            ],
            "unused": list(self.unused),
            "unknown": list(self.unknown),
            "mappings": list(self.mappings),
            "warnings": list(self.warnings),
            "issue_count": self.issue_count,
            "rows_set_aside": self.rows_set_aside,
        }

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        words = f"{len(self.tables)} tables, {rows:,} rows read"
        if self.issue_count:
            words += f", {self.rows_set_aside:,} set aside, {self.issue_count:,} issues"
        return "\n".join([words, *self.warnings])
