"""Tables of the customers as they are now: what was loaded, and what events made of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, String, Table
from sqlalchemy.types import TypeEngine

from procx_graph.schema import TABLES, Kind
from procx_graph.schema import Table as Declared
from procx_graph.store.schema.base import Instant, metadata
from procx_graph.tables.database import HELD

ROW, AS_OF = "procx_row", "procx_as_of"
EMAIL, PHONE = "procx_email", "procx_phone"

_SINCE = {"revision": "0003"}
_TYPES: Mapping[Kind, type[TypeEngine[Any]]] = {
    Kind.ID: String,
    Kind.TEXT: String,
    Kind.CATEGORY: String,
    Kind.MONEY: Double,
    Kind.NUMBER: Double,
    Kind.COUNT: BigInteger,
    Kind.FLAG: Boolean,
    Kind.TIMESTAMP: Instant,
}


def _table(declared: Declared) -> Table:
    """Make the table that a customer table is kept in.

    Beside the declared columns it has `procx_row`, which is the row's key, or what `store.loading`
    makes of a row without one; and `procx_as_of`, the moment of the base that the row was loaded
    from, null when an event made the row. `customers` has the keys of both addresses.
    """
    addresses = (EMAIL, PHONE) if declared.name == "customers" else ()
    return Table(
        declared.name,
        metadata,
        Column(ROW, String, primary_key=True),
        Column(AS_OF, Instant),
        *(Column(column.name, _TYPES[column.kind]) for column in declared.columns),
        *(Column(name, String) for name in addresses),
        *(Index(f"{declared.name}_by_{name}", name) for name in (*_asked_by(declared), *addresses)),
        info=_SINCE,
    )


def _asked_by(declared: Declared) -> tuple[str, ...]:
    """Give the columns by which rows are looked for: the customer, the order, the parent."""
    parent = TABLES[declared.parent].key if declared.parent else None
    wanted = {declared.customer, parent, "order_id"}
    return tuple(name for name in declared.names if name in wanted)


LIVE: Mapping[str, Table] = MappingProxyType(
    {name: _table(declared) for name, declared in TABLES.items() if not declared.ignored}
)
"""The tables by name, one for every customer table that something reads."""

live_tables = Table(
    HELD,
    metadata,
    Column("name", String, primary_key=True),
    Column("since", Instant, nullable=False),
    info=_SINCE,
)
"""Which of them are held: loaded, even if empty, or written by an event.

Of a table that is not here nothing is known; one that is here and empty is known to be empty.
"""
