"""What a row of a live table is known by, and what a customer is found by."""

from datetime import datetime
from hashlib import blake2b

import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.domain.contact_key import email_key, phone_key
from procx_graph.schema import TABLES
from procx_graph.store.schema import AS_OF, EMAIL, PHONE, ROW

MOMENT = pl.Datetime("us", "UTC")
_SLICE = 50_000


def identified(name: str, frame: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Give rows of a customer table the further columns of the live table.

    Args:
        name: Of the table.
        frame: Every declared column. Either all rows have the key, or none has; all that have
            none are here, because equal ones are numbered.
        as_of: The moment that the rows come from.
    """
    key = TABLES[name].key
    named = key is not None and not frame[key].has_nulls()
    further = [
        (frame[key] if named and key else _by_content(frame)).alias(ROW),
        pl.repeat(in_utc(as_of), len(frame), dtype=MOMENT, eager=True).alias(AS_OF),
    ]
    if name == "customers":
        further += addresses(frame)
    return frame.with_columns(further)


def addresses(customers: pl.DataFrame) -> list[pl.Series]:
    """Give the columns that customers are found by when only an address is known."""
    return [
        pl.Series(EMAIL, map(email_key, customers["email"]), dtype=pl.String),
        pl.Series(PHONE, map(phone_key, customers["phone"]), dtype=pl.String),
    ]


def _by_content(frame: pl.DataFrame) -> pl.Series:
    """Give "#", a hash of what the row holds, and its number among those that hold the same.

    Columns that are empty do not count, so that one that is declared later changes nothing.
    """
    plain = frame.with_columns(pl.selectors.datetime().to_physical())
    hashes = [
        blake2b(repr(held).encode(), digest_size=16).hexdigest()
        for part in plain.iter_slices(_SLICE)
        for row in part.iter_rows(named=True)
        if (held := [(name, cell) for name, cell in row.items() if cell is not None]) is not None
    ]
    same = pl.Series("hash", hashes, dtype=pl.String).to_frame()
    number = pl.col("hash").cum_count().over("hash")
    return same.select(pl.format("#{}:{}", "hash", number)).to_series()
