"""The rows of a few customers from tables that are read already."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from procx_graph.tables.lookup.gather import gather


class Opened(Protocol):
    """Clean tables, as a customer base has them."""

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""

    def table(self, name: str) -> pl.LazyFrame:
        """Give a table with every declared column."""


class BaseLookup:
    """Looks customers up in an opened base, which shows what is known at its moment.

    Args:
        base: A `CustomerBase`.
    """

    def __init__(self, base: Opened) -> None:
        self._base = base

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""
        return self._base.has(name)

    def rows(
        self, ids: Sequence[str], tables: Mapping[str, Sequence[str]]
    ) -> dict[str, pl.DataFrame]:
        """Give the cleaned rows of these customers; see `Lookup.rows`."""
        there = {name: columns for name, columns in tables.items() if self.has(name)}
        return gather(self._fetch, ids, there)

    def close(self) -> None:
        """Do nothing: a base keeps nothing open."""

    def _fetch(
        self, name: str, columns: Sequence[str], by: str, ids: Sequence[str]
    ) -> pl.DataFrame:
        chosen = self._base.table(name).filter(pl.col(by).is_in(list(ids)))
        return chosen.select(columns).collect()
