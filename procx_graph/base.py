"""The customer base: every table of a business as seen from one moment."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Self

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl

from procx_graph.assets import asset_path
from procx_graph.domain.customer import Customer
from procx_graph.domain.record import CustomerRecord
from procx_graph.errors import DataError, UnknownCustomer
from procx_graph.schema import TABLES, Table
from procx_graph.tables.files import folder_source
from procx_graph.tables.frames import frames_source
from procx_graph.tables.load import Loaded, load
from procx_graph.tables.mapping import TableMapping, as_mapping
from procx_graph.tables.moment import as_moment, as_seen, literal, people
from procx_graph.tables.records import fetch_records
from procx_graph.tables.report import Report
from procx_graph.tables.source import Source
from procx_graph.tables.sql import sql_source
from procx_graph.tables.stored import ParquetTable
from procx_graph.tables.workbook import workbook_source

Moment = datetime | date | str
MappingLike = TableMapping | str | Path | Mapping[str, object]

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
REMEMBERED = 1_024
"""Records kept after they were fetched."""


class CustomerBase:
    """Customers and what they did, as known at `as_of`; rows dated later do not exist in it.

    Made by `open` or one of the `from_…`; it never changes. All of them take

    - `mapping`: a `TableMapping`, or the path of its TOML file, for other names and values;
    - `strict`: refuse the load on the first wrong cell, instead of setting it aside;
    - `as_of`: the moment, naive is UTC and a bare date is the end of that day; the latest
      behavioural timestamp when not given.

    They raise `DataError` for what cannot be read, `RowError` when strict, and `ConfigError` for a
    wrong mapping.
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
        self._now = literal(moment)
        ids = people(loaded.tables, self._now, is_current=self.is_current)
        self._everyone = len(ids) == len(loaded.customer_ids)
        self._customer_ids = loaded.customer_ids if self._everyone else ids
        self._recent: OrderedDict[str, CustomerRecord] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def open(
        cls,
        source: str | Path,
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
    ) -> Self:
        """Read a workbook, a folder or a database URL, whichever `source` is."""
        if not isinstance(source, str | Path):
            raise DataError(f"a source is a path or a URL, not {type(source).__name__}")
        if "://" in str(source):
            return cls.from_url(str(source), mapping=mapping, strict=strict, as_of=as_of)
        path = Path(source)
        if path.suffix.lower() in WORKBOOKS:
            return cls.from_workbook(path, mapping=mapping, strict=strict, as_of=as_of)
        if path.exists():
            return cls.from_folder(path, mapping=mapping, strict=strict, as_of=as_of)
        raise DataError(
            f"there is no {source}; give a workbook (.xlsx), a folder of CSV or Parquet, "
            f"or a database URL"
        )

    @classmethod
    def from_workbook(
        cls,
        path: str | Path,
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
    ) -> Self:
        """Read an Excel workbook with a sheet per table."""
        return cls._from(workbook_source(path), as_mapping(mapping), strict, as_of)

    @classmethod
    def from_folder(
        cls,
        path: str | Path,
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
    ) -> Self:
        """Read a folder with a CSV file, a Parquet file or a folder of Parquet per table."""
        return cls._from(folder_source(path), as_mapping(mapping), strict, as_of)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
    ) -> Self:
        """Read a database by its SQLAlchemy URL."""
        names = as_mapping(mapping)
        return cls._from(sql_source(url, also=names.tables), names, strict, as_of)

    @classmethod
    def from_frames(
        cls,
        tables: Mapping[str, pd.DataFrame | pl.DataFrame | pl.LazyFrame],
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
        name: str = "frames",
    ) -> Self:
        """Take pandas or Polars frames by table name; `name` is how the base shows itself."""
        return cls._from(frames_source(tables, name=name), as_mapping(mapping), strict, as_of)

    @classmethod
    def sample(cls) -> Self:
        """Read the sample that ships with the library: a thousand made-up customers."""
        return cls.from_workbook(asset_path("data/sample/procx_sample.xlsx"))

    @classmethod
    def _from(
        cls, source: Source, mapping: TableMapping, strict: bool, as_of: Moment | None
    ) -> Self:
        return cls(load(source, mapping, strict=strict), as_of)

    def at(self, as_of: Moment) -> Self:
        """Give the same tables as seen from another moment."""
        return type(self)(self._loaded, as_of)

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

    def parquet_of(self, name: str, columns: Sequence[str]) -> tuple[Path, ...] | None:
        """Give the Parquet files that hold these columns exactly as declared, whatever `as_of`.

        No row or cell of them was set aside, renamed or converted, so that another engine may
        read them itself. Which of the rows are there at `as_of` is for `as_seen` to say, and, where
        not `shows_everyone`, for `customer_ids`.

        Returns:
            The files in order; None when the table is not there, comes from elsewhere, or one
            of the columns is missing or different.
        """
        stored = self.parquet_table(name, columns)
        exact = stored is not None and stored.is_exact(TABLES[name], columns)
        return stored.files if stored is not None and exact else None

    def parquet_table(self, name: str, columns: Sequence[str]) -> ParquetTable | None:
        """Give the Parquet files whose columns become the declared ones by a cast at most.

        Like `parquet_of`, but columns may be missing (null everywhere), and whole numbers may
        stand for ids, amounts and flags; the answer has the types that the files have.
        """
        if not self.has(name):
            return None
        loaded = self._loaded
        return loaded.stored[name].parquet(TABLES[name], loaded.cleaned[name], columns)

    def _declared(self, name: str) -> Table:
        if not self.has(name):
            raise DataError(f"{self.name} has no table {name}; it has {', '.join(self.tables)}")
        return TABLES[name]

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table as a pandas frame, as known at `as_of`."""
        return self.table(name).collect().to_pandas()

    def customer(self, customer_id: str) -> Customer:
        """Give one customer.

        Raises:
            UnknownCustomer: No customer has this id.
        """
        return self.record(customer_id).customer

    def record(self, customer_id: str) -> CustomerRecord:
        """Give one customer and their rows; fast after `records` has fetched them.

        Raises:
            UnknownCustomer: No customer has this id.
        """
        return self.records([customer_id])[customer_id]

    def records(self, ids: Iterable[str]) -> dict[str, CustomerRecord]:
        """Give customers and their rows, in the order asked for, fetched together.

        Raises:
            UnknownCustomer: No customer has one of these ids.
        """
        wanted = list(dict.fromkeys(ids))
        with self._lock:
            found = {i: self._recent[i] for i in wanted if i in self._recent}
        missing = [i for i in wanted if i not in found]
        for customer_id in missing:
            if customer_id not in self:
                raise UnknownCustomer(customer_id)
        if missing:
            found |= fetch_records({name: self.table(name) for name in self.tables}, missing)
        with self._lock:
            for customer_id in wanted:
                self._recent[customer_id] = found[customer_id]
                self._recent.move_to_end(customer_id)
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        return {customer_id: found[customer_id] for customer_id in wanted}

    def __len__(self) -> int:
        return len(self._customer_ids)

    def __contains__(self, customer_id: object) -> bool:
        if not isinstance(customer_id, str):
            return False
        if customer_id in self._recent:
            return True
        place = self._customer_ids.search_sorted(customer_id)
        return place < len(self) and self._customer_ids[place] == customer_id

    def __repr__(self) -> str:
        return f"CustomerBase({self.name!r}, {len(self):,} customers, as_of={self.as_of:%Y-%m-%d})"


def _aside(report: Report) -> str:
    """Tell how much was set aside, and the first of it; nothing when nothing was."""
    if not report.issues:
        return ""
    return f" ({report.rows_set_aside} rows were set aside, the first: {report.issues[0]})"
