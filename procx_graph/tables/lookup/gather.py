"""The rows of customers, table by table, whoever fetches them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from procx_graph.errors import DataError
from procx_graph.schema import TABLES, Table

OWNER, ORDER = "customer_id", "order_id"
BY_ORDER = ("payments", "refunds")
"""Tables that scoring joins to the orders."""


class Fetch(Protocol):
    """Fetches the cleaned rows of a table in which a column holds one of some ids."""

    def __call__(
        self, name: str, columns: Sequence[str], by: str, ids: Sequence[str]
    ) -> pl.DataFrame:
        """Give these columns, in this order, of the table that is there."""


def gather(
    fetch: Fetch, ids: Sequence[str], tables: Mapping[str, Sequence[str]]
) -> dict[str, pl.DataFrame]:
    """Give the rows of customers, and those that name one of their orders.

    Args:
        fetch: How rows are fetched.
        ids: Customers; nobody else is asked for.
        tables: Columns by table, of tables that are there.

    Raises:
        DataError: An id is no text, a table names no customer, or a column is not declared.
    """
    wanted = _distinct(ids)
    for name, columns in tables.items():
        _require(TABLES[name], columns)
    customers = fetch("customers", _with(OWNER, tables.get("customers", ())), OWNER, wanted)
    known = customers[OWNER].to_list()
    found = {
        name: customers if name == "customers" else fetch(name, _with(OWNER, columns), OWNER, known)
        for name, columns in tables.items()
    }
    if "orders" in found and ORDER in tables["orders"]:
        orders = [order for order in found["orders"][ORDER].to_list() if order is not None]
        for name in BY_ORDER:
            if ORDER in tables.get(name, ()):
                strays = _strays(fetch, name, found[name].columns, orders, known)
                found[name] = found[name] if strays is None else found[name].vstack(strays)
    return {name: found[name][list(columns)] for name, columns in tables.items()}


def _strays(
    fetch: Fetch, name: str, columns: Sequence[str], orders: Sequence[str], own: Sequence[str]
) -> pl.DataFrame | None:
    """Give the rows that name one of the orders, but another customer who is there."""
    rows = fetch(name, columns, ORDER, orders)
    owners = set(rows[OWNER].to_list()) - set(own)
    if not owners:
        return None
    there = fetch("customers", (OWNER,), OWNER, sorted(owners))[OWNER]
    return rows.filter(pl.col(OWNER).is_in(there.implode()))


def _distinct(ids: Sequence[str]) -> list[str]:
    """Give every id once; one text would be taken for its letters."""
    odd = [ids] if isinstance(ids, str) else [one for one in ids if not isinstance(one, str)]
    if odd:
        raise DataError(f"customers are looked up by a list of ids as text, not by {odd[0]!r}")
    return list(dict.fromkeys(ids))


def _require(table: Table, columns: Sequence[str]) -> None:
    if table.customer is None:
        raise DataError(
            f"{table.name} names no customer; a lookup gives only tables with a {OWNER}"
        )
    for name in columns:
        if name not in table.names:
            raise DataError(f"{table.name} has no column {name}; it has {', '.join(table.names)}")


def _with(name: str, columns: Sequence[str]) -> Sequence[str]:
    return columns if name in columns else (*columns, name)
