"""What all tables of the store are made of."""

from datetime import datetime

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator

from procx_graph.domain.clock import in_utc
from procx_graph.tables.database import VERSIONS

__all__ = ["HEAD", "VERSIONS", "Instant", "metadata"]

HEAD = "0006"
"""The revision of `migrations/` that the tables are."""


class Instant(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, `timestamptz` in PostgreSQL, sortable text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write a moment in UTC, because SQLite keeps no zone."""
        del dialect
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a moment back in UTC, whatever the zone of the session."""
        del dialect
        return None if value is None else in_utc(value)


metadata = MetaData()
