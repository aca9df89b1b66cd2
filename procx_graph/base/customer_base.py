"""The customer base: every table of a business, and whose rows they are."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Self

import pandas as pd
import polars as pl
from sqlalchemy.engine import URL

from procx_graph.assets import SAMPLE, asset_path
from procx_graph.base.view import View
from procx_graph.domain.customer import Customer
from procx_graph.domain.record import CustomerRecord
from procx_graph.errors import UnknownCustomer
from procx_graph.tables.files import folder_source
from procx_graph.tables.frames import frames_source
from procx_graph.tables.load import Loaded, load
from procx_graph.tables.mapping import TableMapping, as_mapping
from procx_graph.tables.moment import Moment
from procx_graph.tables.opening import open_source
from procx_graph.tables.records import fetch_records
from procx_graph.tables.source import Source
from procx_graph.tables.sql import sql_source
from procx_graph.tables.workbook import workbook_source

MappingLike = TableMapping | str | Path | Mapping[str, object]

REMEMBERED = 1_024
"""Records kept after they were fetched."""


class CustomerBase(View):
    """Customers and what they did, as known at `as_of`; rows dated later do not exist in it.

    Made by `open` or one of the `from_…`; it never changes. All of them take

    - `mapping`: a `TableMapping`, or the path of its TOML file, for other names and values;
    - `strict`: refuse the load on the first wrong cell, instead of setting it aside;
    - `as_of`: the moment, naive is UTC and a bare date is the end of that day; the latest
      behavioural timestamp when not given.

    They raise `DataError` for what cannot be read, `RowError` when strict, and `ConfigError` for a
    wrong mapping.
    """

    def __init__(
        self, loaded: Loaded, as_of: Moment | None, again: Callable[[], Loaded] | None = None
    ) -> None:
        super().__init__(loaded, as_of)
        self._again = again or (lambda: loaded)
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
        """Read a workbook, a folder, a SQLite file or a database URL, whichever `source` is."""
        names = as_mapping(mapping)
        return cls._from(lambda: open_source(source, also=names.tables), names, strict, as_of)

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
        return cls._from(lambda: workbook_source(path), as_mapping(mapping), strict, as_of)

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
        return cls._from(lambda: folder_source(path), as_mapping(mapping), strict, as_of)

    @classmethod
    def from_url(
        cls,
        url: str | URL,
        *,
        mapping: MappingLike | None = None,
        strict: bool = False,
        as_of: Moment | None = None,
    ) -> Self:
        """Read a database by its SQLAlchemy URL: your own, or a store that `procx load` filled."""
        names = as_mapping(mapping)
        return cls._from(lambda: sql_source(url, also=names.tables), names, strict, as_of)

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
        source = frames_source(tables, name=name)
        return cls._from(lambda: source, as_mapping(mapping), strict, as_of)

    @classmethod
    def sample(cls) -> Self:
        """Read the sample that ships with the library: a thousand made-up customers."""
        return cls.from_workbook(asset_path(SAMPLE))

    @classmethod
    def _from(
        cls,
        source: Callable[[], Source],
        mapping: TableMapping,
        strict: bool,
        as_of: Moment | None,
    ) -> Self:
        def again() -> Loaded:
            return load(source(), mapping, strict=strict)

        return cls(again(), as_of, again)

    def at(self, as_of: Moment) -> Self:
        """Give the same tables as seen from another moment."""
        return type(self)(self._loaded, as_of, self._again)

    def reopened(self, as_of: Moment | None = None) -> Self:
        """Read the source again, as it is now; frames stay what they are.

        Args:
            as_of: The moment to see it from; the latest behavioural timestamp when not given.

        Raises:
            DataError: The source can no longer be read.
        """
        return type(self)(self._again(), as_of, self._again)

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

    def __contains__(self, customer_id: object) -> bool:
        if not isinstance(customer_id, str):
            return False
        if customer_id in self._recent:
            return True
        place = self._customer_ids.search_sorted(customer_id)
        return place < len(self) and self._customer_ids[place] == customer_id

    def __repr__(self) -> str:
        return f"CustomerBase({self.name!r}, {len(self):,} customers, as_of={self.as_of:%Y-%m-%d})"
