"""The tables of a business as seen from one moment."""

from collections.abc import Sequence
from datetime import datetime

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl

from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Table
from procx_graph.tables.load import Loaded
from procx_graph.tables.moment import Moment, as_moment, as_seen, literal, people
from procx_graph.tables.report import Report
from procx_graph.tables.stored import ParquetTable


class View:
    """Tables as known at `as_of`; rows dated later do not exist in it, and it never changes.

    Args:
        loaded: The tables with all their rows.
        as_of: The moment; the latest behavioural timestamp when not given.

    Raises:
        DataError: The moment is none, or nothing in the tables has a date to take it from.
    """

    def __init__(self, loaded: Loaded, as_of: Moment | None) -> None:
        self._loaded = loaded
        moment = loaded.behaviour.latest if as_of is None else as_moment(as_of)
        if moment is None:
            raise DataError(
                f"{loaded.name} holds no dated behaviour (orders, payments, tickets, surveys, "
                f"events), so say which moment it shows: pass as_of{_aside(loaded.report)}"
            )
        self._as_of = moment
        ids = people(loaded.tables, literal(moment), is_current=self.is_current)
        self._everyone = len(ids) == len(loaded.customer_ids)
        self._customer_ids = loaded.customer_ids if self._everyone else ids

    @property
    def name(self) -> str:
        """What the source is called, without folders or credentials."""
        return self._loaded.name

    @property
    def as_of(self) -> datetime:
        """The moment the base shows, aware UTC."""
        return self._as_of

    @property
    def is_current(self) -> bool:
        """Whether nothing happened after `as_of`, so that snapshot columns hold."""
        latest = self._loaded.behaviour.latest
        return latest is None or latest <= self._as_of

    @property
    def report(self) -> Report:
        """What came of reading the source."""
        return self._loaded.report

    @property
    def fingerprint(self) -> str:
        """A short hash of the content: equal tables, in any order of rows, have equal ones.

        It does not depend on `as_of`, and holds within one version of Polars.
        """
        return self._loaded.fingerprint

    @property
    def integer_ids(self) -> bool:
        """Whether ids of customers and orders are whole numbers in every table of the source."""
        return self._loaded.integer_ids

    @property
    def shows_everyone(self) -> bool:
        """Whether all customers of the source are there at `as_of`."""
        return self._everyone

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are there."""
        return tuple(self._loaded.tables)

    @property
    def customer_ids(self) -> pl.Series:
        """Ids of all customers, sorted."""
        return self._customer_ids

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""
        return name in self._loaded.tables

    def table(self, name: str, *, compact: bool = False) -> pl.LazyFrame:
        """Give a table with every declared column, as known at `as_of`.

        Rows without a date are kept where the schema does not require one. Values known only
        later, such as the delivery of an order, are null. In a base that is not current so are the
        customers' snapshot columns (segment, tier, lifetime value, ...), and how a ticket ended
        before its hours to resolution are over.

        Args:
            name: One of `tables`.
            compact: Where `integer_ids` is true, give ids of customers and orders as Int64, which
                is faster to join and group by. Elsewhere it changes nothing.

        Raises:
            DataError: The table is not there.
        """
        table, compact = self._declared(name), compact and self.integer_ids
        cleaned = self._loaded.cleaned[name]
        plan: nw.LazyFrame[pl.LazyFrame] = nw.from_native(
            cleaned.compact if compact else cleaned.frame
        )
        seen: pl.LazyFrame = as_seen(
            table, plan, self.as_of, is_current=self.is_current, columns=table.names
        ).to_native()
        if self.shows_everyone:
            return seen
        if table.customer:
            there = self._customer_ids.to_frame(table.customer).lazy()
            if compact:
                there = there.cast(pl.Int64)
            return seen.join(there, on=table.customer, how="semi", maintain_order="left")
        if table.parent and self.has(table.parent):
            key = TABLES[table.parent].key
            parents = self.table(table.parent, compact=compact).select(key)
            return seen.join(parents, on=key, how="semi")
        return seen

    def parquet_table(self, name: str, columns: Sequence[str]) -> ParquetTable | None:
        """Give the Parquet files whose columns become the declared ones by a cast at most.

        No row or cell of them was set aside, renamed or translated, so that another engine may
        read them itself. Columns may be missing (null everywhere), and whole numbers may stand for
        ids, amounts and flags; the answer has the types that the files have. Which of the rows are
        there at `as_of` is for `as_seen` to say, and, where not `shows_everyone`, for
        `customer_ids`.

        Returns:
            None when the table is not there, comes from elsewhere, or a column is not like that.
        """
        if not self.has(name):
            return None
        loaded = self._loaded
        return loaded.stored[name].parquet(TABLES[name], loaded.cleaned[name], columns)

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table as a pandas frame, as known at `as_of`."""
        return self.table(name).collect().to_pandas()

    def __len__(self) -> int:
        return len(self._customer_ids)

    def _declared(self, name: str) -> Table:
        if not self.has(name):
            raise DataError(f"{self.name} has no table {name}; it has {', '.join(self.tables)}")
        return TABLES[name]


def _aside(report: Report) -> str:
    """Tell how much was set aside, and the first of it; nothing when nothing was."""
    if not report.issues:
        return ""
    return f" ({report.rows_set_aside} rows were set aside, the first: {report.issues[0]})"
