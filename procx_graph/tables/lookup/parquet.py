"""The rows of a few customers from Parquet files, by filters that the reader pushes down."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from procx_graph.errors import DataError
from procx_graph.schema import TABLES
from procx_graph.tables.files import folder_source
from procx_graph.tables.load import choose
from procx_graph.tables.lookup.gather import gather
from procx_graph.tables.lookup.ids import numbers, written
from procx_graph.tables.lookup.recipe import Recipe
from procx_graph.tables.mapping import TableMapping, as_mapping


class ParquetLookup:
    """Looks customers up in a folder of Parquet, whose row groups are skipped by statistics.

    Files sorted by customer are read far faster than others.

    Args:
        folder: Holds a Parquet file, or a folder of them, per table.
        mapping: How names and values translate.

    Raises:
        DataError: There is no such folder, a table is no Parquet, or none holds customers.
        ConfigError: The mapping is wrong.
    """

    def __init__(
        self,
        folder: str | Path,
        mapping: TableMapping | str | Path | Mapping[str, object] | None = None,
    ) -> None:
        self._mapping = as_mapping(mapping)
        self._recipes: dict[tuple[str, tuple[str, ...]], Recipe] = {}
        source = folder_source(folder)
        chosen = choose(source, self._mapping)
        self._frames: dict[str, pl.LazyFrame] = {}
        for ours, theirs in chosen.items():
            frame = source.tables[theirs].read()
            if TABLES[ours].ignored:
                continue
            if not isinstance(frame, pl.LazyFrame):
                raise DataError(f"{theirs} is no Parquet; open the folder as a base to look it up")
            self._frames[ours] = frame

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""
        return name in self._frames

    def rows(
        self, ids: Sequence[str], tables: Mapping[str, Sequence[str]]
    ) -> dict[str, pl.DataFrame]:
        """Give the cleaned rows of these customers; see `Lookup.rows`."""
        there = {name: columns for name, columns in tables.items() if self.has(name)}
        return gather(self._fetch, ids, there)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _fetch(
        self, name: str, columns: Sequence[str], by: str, ids: Sequence[str]
    ) -> pl.DataFrame:
        frame, how = self._frames[name], self._recipe(name, tuple(columns))
        theirs = how.theirs_of(by)
        if theirs is None:
            return how.nothing()
        translated = self._mapping.values.get(name, {}).get(by)
        dtype = frame.collect_schema()[theirs]
        chosen = _is_one_of(theirs, dtype, written(ids, translated))
        try:
            raw = frame.filter(chosen).select(how.theirs).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise DataError(f"cannot read {name}: {reason}") from error
        return how.of_frame(raw).filter(pl.col(by).is_in(list(ids)))

    def _recipe(self, name: str, columns: tuple[str, ...]) -> Recipe:
        if (name, columns) not in self._recipes:
            there = self._frames[name].collect_schema().names()
            self._recipes[name, columns] = Recipe(TABLES[name], there, columns, self._mapping)
        return self._recipes[name, columns]


def _is_one_of(column: str, dtype: pl.DataType, texts: Sequence[str]) -> pl.Expr:
    """Say which rows hold one of the texts, in the type of the column so that it is pushed down."""
    if dtype.is_integer():
        return pl.col(column).is_in(numbers(texts))
    if dtype.is_float() or dtype.is_decimal():
        return pl.col(column).is_in([float(number) for number in numbers(texts)])
    return pl.col(column).cast(pl.String).is_in(list(texts))
