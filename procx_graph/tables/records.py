"""Everything the tables say about some customers, fetched together."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from procx_graph.domain.customer import Customer
from procx_graph.domain.record import CustomerRecord
from procx_graph.schema import TABLES, Table

_OWN = ("orders", "payments", "support_tickets", "nps_survey", "customer_events", "refunds")
_EXTRA = ("churn_labels", "recommendations")

Rows = dict[str, list[dict[str, Any]]]


def fetch_records(
    tables: Mapping[str, pl.LazyFrame], ids: Sequence[str]
) -> dict[str, CustomerRecord]:
    """Fetch the records of customers, one query a table.

    Args:
        tables: The tables as seen from one moment, `customers` among them.
        ids: Customers to fetch; those that are not there are left out.
    """
    customers = _people(tables["customers"], ids)
    rows = {
        name: _rows(TABLES[name], tables[name], ids) for name in (*_OWN, *_EXTRA) if name in tables
    }
    if "shipments" in tables and "orders" in tables:
        rows["shipments"] = _shipments(tables["shipments"], tables["orders"], ids)
    return {
        customer_id: CustomerRecord(
            customer,
            **{n: rows[n].get(customer_id, []) for n in (*_OWN, "shipments") if n in rows},
            extra={n: rows[n].get(customer_id, []) for n in _EXTRA if n in rows},
        )
        for customer_id, customer in customers.items()
    }


def _people(customers: pl.LazyFrame, ids: Sequence[str]) -> dict[str, Customer]:
    chosen = customers.filter(pl.col("customer_id").is_in(ids)).with_columns(
        has_email=pl.col("email").is_not_null(), has_phone=pl.col("phone").is_not_null()
    )
    return {
        row["customer_id"]: Customer.model_validate(row)
        for row in chosen.collect().iter_rows(named=True)
    }


def _rows(table: Table, frame: pl.LazyFrame, ids: Sequence[str]) -> Rows:
    assert table.customer is not None
    return _grouped(table, frame.filter(pl.col(table.customer).is_in(ids)), table.customer)


def _shipments(shipments: pl.LazyFrame, orders: pl.LazyFrame, ids: Sequence[str]) -> Rows:
    owner = orders.filter(pl.col("customer_id").is_in(ids)).select("order_id", "customer_id")
    found = shipments.join(owner.drop_nulls(), on="order_id", how="inner")
    return _grouped(TABLES["shipments"], found, "customer_id")


def _grouped(table: Table, frame: pl.LazyFrame, by: str) -> Rows:
    """Group rows by customer, newest first; undated ones last, ties by key."""
    order = [name for name in (table.seen_at, table.key) if name]
    rows: Rows = {}
    for row in frame.sort(order, descending=True, nulls_last=True).collect().iter_rows(named=True):
        rows.setdefault(row[by], []).append(row)
    return rows
