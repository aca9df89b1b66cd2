"""Single rows of the live customer tables: found, made, changed, taken away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, bindparam, delete, insert, select, update

from procx_graph.schema import TABLES
from procx_graph.store.live import hold
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
            for found in self._run(_by_key(table, tuple(columns)), key=key):
                if found.as_of is not None:
                    return found
        return None

    def named(self, table: str, row: str, columns: Sequence[str]) -> Found | None:
        """Give a row by its name in the store."""
        found = list(self._run(_by_row(table, tuple(columns)), row=row))
        return found[0] if found else None

    def make(self, table: str, row: str, values: Mapping[str, Any], *, at: datetime) -> None:
        """Add a row that an event makes; its table is held from then on."""
        if table not in self._held:
            hold(self.connection, [table], at=at)
            self._held.add(table)
        self.connection.execute(_INSERTS[table], {**values, ROW: row, AS_OF: None})

    def change(self, table: str, row: str, values: Mapping[str, Any]) -> None:
        """Change some columns of a row."""
        self.connection.execute(_changing(table), {**values, "this": row})

    def remove(self, table: str, row: str) -> None:
        """Take a row away that an event made."""
        self.connection.execute(_removing(table), {"this": row})

    def knows_customer(self, customer_id: str) -> bool:
        """Whether somebody has this id."""
        return self.connection.scalar(_CUSTOMER, {"key": customer_id}) is not None

    def customers_at(self, column: str, digest: str) -> list[str]:
        """Give who has an address, sorted; two at most are asked for.

        Args:
            column: `EMAIL` or `PHONE`.
            digest: The address' key, see `domain.contact_key`.
        """
        return sorted(self.connection.scalars(_BY_ADDRESS[column], {"key": digest}))

    def order(self, ids: Iterable[str]) -> tuple[str, str | None] | None:
        """Give the first of these orders that is there, and whose it is."""
        for order_id in ids:
            found = self.connection.execute(_ORDER, {"key": order_id}).first()
            if found is not None:
                return found.order_id, found.customer_id
        return None

    def _run(self, query: Select[Any], **bound: str) -> Iterable[Found]:
        for row in self.connection.execute(query, bound).mappings():
            values = {name: row[name] for name in row if name not in (ROW, AS_OF)}
            yield Found(row[ROW], row[AS_OF], values)


@lru_cache(maxsize=256)
def _by_key(table: str, columns: tuple[str, ...]) -> Select[Any]:
    live, key = LIVE[table], TABLES[table].key
    assert key is not None, f"{table} has no key to find a row by"
    # a loaded row is named by its key
    return _columns(table, columns).where(live.c[ROW] == bindparam("key"))


@lru_cache(maxsize=256)
def _by_row(table: str, columns: tuple[str, ...]) -> Select[Any]:
    return _columns(table, columns).where(LIVE[table].c[ROW] == bindparam("row"))


@lru_cache
def _changing(table: str) -> Executable:
    live = LIVE[table]
    return update(live).where(live.c[ROW] == bindparam("this"))


@lru_cache
def _removing(table: str) -> Executable:
    live = LIVE[table]
    return delete(live).where(live.c[ROW] == bindparam("this"), live.c[AS_OF].is_(None))


def _columns(table: str, columns: tuple[str, ...]) -> Select[Any]:
    live = LIVE[table]
    return select(live.c[ROW], live.c[AS_OF], *(live.c[name] for name in columns))


_INSERTS = {name: insert(live) for name, live in LIVE.items()}
_CUSTOMERS, _ORDERS = LIVE["customers"], LIVE["orders"]
_CUSTOMER = select(_CUSTOMERS.c[ROW]).where(_CUSTOMERS.c[ROW] == bindparam("key"))
_BY_ADDRESS = {
    column: select(_CUSTOMERS.c.customer_id)
    .where(_CUSTOMERS.c[column] == bindparam("key"))
    .order_by(_CUSTOMERS.c.customer_id)
    .limit(2)
    for column in (EMAIL, PHONE)
}
_ORDER = (
    select(_ORDERS.c.order_id, _ORDERS.c.customer_id)
    .where(_ORDERS.c.order_id == bindparam("key"))
    .order_by(_ORDERS.c[ROW])
    .limit(1)
)
