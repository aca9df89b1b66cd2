"""A query that is built once and asked again and again with other rows.

Building the query of the features takes longer than a customer's few rows take to run through it.
Its tables are therefore sources that give, each time, the rows of the moment.
"""

from collections.abc import Callable, Iterator, Mapping

import polars as pl
from polars.io.plugins import register_io_source

Tables = Mapping[str, pl.DataFrame]
UNCHANGED = pl.QueryOptFlags.none()
"""A few rows are through the query before an optimiser has looked at it."""
Build = Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]


class LivePlan:
    """A query over tables that change while their columns stay; not for two threads at once."""

    def __init__(self, tables: Tables, build: Build) -> None:
        self._schemas = {name: table.schema for name, table in tables.items()}
        self._rows: Tables = {}
        self._plan = build({name: self._source(name) for name in tables})

    def fits(self, tables: Tables) -> bool:
        """Whether the tables have the names and columns that the query was built for."""
        return {name: table.schema for name, table in tables.items()} == self._schemas

    def run(self, tables: Tables) -> pl.DataFrame:
        """Run the query over these rows."""
        self._rows = tables
        try:
            return self._plan.collect(optimizations=UNCHANGED)
        finally:
            self._rows = {}

    def _source(self, name: str) -> pl.LazyFrame:
        def give(
            columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            rows = self._rows[name]
            if columns is not None:
                rows = rows.select(columns)
            if predicate is not None:
                rows = rows.filter(predicate)
            yield rows if n_rows is None else rows.head(n_rows)

        return register_io_source(give, schema=self._schemas[name])
