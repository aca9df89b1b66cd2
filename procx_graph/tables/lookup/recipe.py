"""How rows of a table, as a source gives them, become a clean frame."""

from collections.abc import Sequence

import polars as pl

from procx_graph.schema import Table
from procx_graph.tables.convert import DTYPES
from procx_graph.tables.lookup.cells import OddCell, read_cells, reader
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.validate import clean
from procx_graph.tables.values import as_series

Rows = Sequence[Sequence[object]]

FEW = 1_500
"""Rows of a table that plain Python cleans faster than Polars does."""


class Recipe:
    """Asks for the columns that are needed, and cleans what comes.

    Columns that decide whether a row counts, the decisive ones and the key, are asked for too.

    Args:
        table: The declaration.
        there: Columns of the source, under its names.
        columns: Columns to give, under our names.
        mapping: How names and values translate.

    Attributes:
        theirs: Columns to ask the source for, under its names.

    Raises:
        DataError: The source lacks a required column, or one that the mapping names.
    """

    def __init__(
        self, table: Table, there: Sequence[str], columns: Sequence[str], mapping: TableMapping
    ) -> None:
        _refuse(table, there, mapping)
        asked = {*columns, *table.decisive, table.key}
        chosen = {a: b for a, b in mapping.columns_of(table, there).items() if b in asked}
        self.theirs, self._ours = tuple(chosen), tuple(chosen.values())
        self._table = table
        self._columns = [table.column(name) for name in self._ours]
        # what is left to translate once names are ours
        self._values = mapping.model_copy(update={"tables": {}, "columns": {}})
        values = mapping.values.get(table.name, {})
        self._read = [
            reader(column, time_zone=mapping.time_zone, translated=values.get(column.name))
            for column in self._columns
        ]
        self._schema = {name: DTYPES[table.column(name).kind] for name in columns}
        adds = table.name == "customers" and mapping.currency and "currency" in columns
        self._few = 0 if adds else FEW

    def theirs_of(self, name: str) -> str | None:
        """Give their name of one of our columns, None when the source lacks it."""
        return dict(zip(self._ours, self.theirs, strict=True)).get(name)

    def nothing(self) -> pl.DataFrame:
        """Give the frame of no rows."""
        return pl.DataFrame(schema=self._schema)

    def of_rows(self, rows: Rows) -> pl.DataFrame:
        """Clean rows of `theirs`, in Python values as drivers hand them over.

        Raises:
            DataError: A column holds lists or structures.
        """
        if not rows:
            return self.nothing()
        try:
            return self._plain(rows)
        except OddCell:
            columns = zip(self._ours, zip(*rows, strict=True), strict=True)
            return self._cleaned(pl.DataFrame([_series(*column) for column in columns]))

    def of_frame(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Clean a frame of `theirs`.

        Raises:
            DataError: A column holds lists or structures.
        """
        if raw.is_empty():
            return self.nothing()
        try:
            return self._plain(raw.rows()) if len(raw) <= self._few else self._long(raw)
        except OddCell:
            return self._long(raw)

    def _long(self, raw: pl.DataFrame) -> pl.DataFrame:
        return self._cleaned(raw.rename(dict(zip(self.theirs, self._ours, strict=True))))

    def _cleaned(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Clean as a whole load does; columns carry our names already."""
        renamed = self._values.rename(self._table, raw.lazy())[0].collect()
        cleaned = clean(self._table, renamed, time_zone=self._values.time_zone)
        return cleaned.frame.select(list(self._schema)).collect()

    def _plain(self, rows: Rows) -> pl.DataFrame:
        """Clean in plain Python.

        Raises:
            OddCell: There are many rows, a cell is not plain, a required one is empty, or a key
                repeats.
        """
        if len(rows) > self._few:
            raise OddCell
        given = zip(self._columns, zip(*rows, strict=True), self._read, strict=True)
        cells = {column.name: read_cells(column, cell, read) for column, cell, read in given}
        keys = [key for key in cells.get(self._table.key or "", ()) if key is not None]
        if len(set(keys)) < len(keys):
            raise OddCell
        lacking = [None] * len(rows)
        chosen = [cells.get(name, lacking) for name in self._schema]
        return pl.DataFrame(list(zip(*chosen, strict=True)), schema=self._schema, orient="row")


def _refuse(table: Table, there: Sequence[str], mapping: TableMapping) -> None:
    """Refuse a table that a whole load would refuse.

    Raises:
        DataError: It lacks a required column, or one that the mapping names.
    """
    nothing = pl.DataFrame(schema=dict.fromkeys(there, pl.String))
    clean(table, mapping.rename(table, nothing.lazy())[0].collect())


def _series(name: str, values: Sequence[object]) -> pl.Series:
    """Do what `as_series` does, at once where all is text."""
    if set(map(type, values)) <= {str, type(None)}:
        return pl.Series(name, values, dtype=pl.String)
    return as_series(name, values)
