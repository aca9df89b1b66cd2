"""Single rows of the live customer tables: found, made, changed, taken away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from procx_graph.store.live import hold
from procx_graph.store.prepared import Prepared
from procx_graph.store.schema import AS_OF, EMAIL, LIVE, PHONE, ROW


@dataclass(frozen=True, slots=True)
class Found:
    """A row that is there.

    Attributes:
        row: Its name in the store.
        as_of: The moment of the base that it was loaded from; None when an event made it.
        values: Its columns, as far as they were asked for.
    """

    row: str
    as_of: datetime | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveRows:
    """Rows of the live tables, in the transaction of a connection."""

    connection: Connection
    _held: set[str] = field(default_factory=set)

    def loaded(self, table: str, keys: Sequence[str], columns: Sequence[str]) -> Found | None:
        """Give the loaded row that has the first of these keys, None when there is none.

        Args:
            table: Name of the table.
            keys: Values of the table's key, the likeliest first.
            columns: Columns to give of it.
        """
        for key in keys:
            # a loaded row is named by its key
            found = self.named(table, key, columns)
            if found is not None and found.as_of is not None:
                return found
        return None

    def named(self, table: str, row: str, columns: Sequence[str]) -> Found | None:
        """Give a row by its name in the store."""
        found = _by_row(table, tuple(columns)).first(self.connection, {"row": row})
        if found is None:
            return None
        return Found(found[0], found[1], dict(zip(columns, found[2:], strict=True)))

    def make(self, table: str, row: str, values: Mapping[str, Any], *, at: datetime) -> None:
        """Add a row that an event makes; its table is held from then on."""
        if table not in self._held:
            hold(self.connection, [table], at=at)
            self._held.add(table)
        _INSERTS[table].run(self.connection, {**values, ROW: row, AS_OF: None})

    def change(self, table: str, row: str, values: Mapping[str, Any]) -> None:
        """Change some columns of a row."""
        _changing(table).run(self.connection, {**values, "this": row})

    def remove(self, table: str, row: str) -> None:
        """Take a row away that an event made."""
        _removing(table).run(self.connection, {"this": row})

    def knows_customer(self, customer_id: str) -> bool:
        """Whether somebody has this id."""
        return _CUSTOMER.first(self.connection, {"key": customer_id}) is not None

    def customers_at(self, column: str, digest: str) -> list[str]:
        """Give who has an address, sorted; two at most are asked for.

        Args:
            column: `EMAIL` or `PHONE`.
            digest: The address' key, see `domain.contact_key`.
        """
        return sorted(_BY_ADDRESS[column].column(self.connection, {"key": digest}))

    def order(self, ids: Iterable[str]) -> tuple[str, str | None] | None:
        """Give the first of these orders that is there, and whose it is."""
        for order_id in ids:
            if found := _ORDER.first(self.connection, {"key": order_id}):
                return found[0], found[1]
        return None


@lru_cache(maxsize=256)
def _by_row(table: str, columns: tuple[str, ...]) -> Prepared:
    live = LIVE[table]
    given = (live.c[ROW], live.c[AS_OF], *(live.c[name] for name in columns))
    return Prepared(select(*given).where(live.c[ROW] == bindparam("row")))


@lru_cache
def _changing(table: str) -> Prepared:
    live = LIVE[table]
    return Prepared(update(live).where(live.c[ROW] == bindparam("this")))


@lru_cache
def _removing(table: str) -> Prepared:
    live = LIVE[table]
    return Prepared(delete(live).where(live.c[ROW] == bindparam("this"), live.c[AS_OF].is_(None)))


_INSERTS = {name: Prepared(insert(live)) for name, live in LIVE.items()}
_CUSTOMERS, _ORDERS = LIVE["customers"], LIVE["orders"]
_CUSTOMER = Prepared(select(_CUSTOMERS.c[ROW]).where(_CUSTOMERS.c[ROW] == bindparam("key")))
_BY_ADDRESS = {
    column: Prepared(
        select(_CUSTOMERS.c.customer_id)
        .where(_CUSTOMERS.c[column] == bindparam("key"))
        .order_by(_CUSTOMERS.c.customer_id)
        .limit(2)
    )
    for column in (EMAIL, PHONE)
}
_ORDER = Prepared(
    select(_ORDERS.c.order_id, _ORDERS.c.customer_id)
    .where(_ORDERS.c.order_id == bindparam("key"))
    .order_by(_ORDERS.c[ROW])
    .limit(1)
)
