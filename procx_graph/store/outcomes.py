"""Outcomes as rows of the store: added once each, and never changed."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select, true

from procx_graph.domain.outcome import Outcome
from procx_graph.store import bulk
from procx_graph.store.once import add_new
from procx_graph.store.rows import MOMENT
from procx_graph.store.schema import (
    contacts,
    holdouts,
    offers,
    outbox,
    outcomes,
    review_cases,
    runs,
)

_KNOWN = [outcomes.c[name] for name in Outcome.model_fields]
_RUNS = (runs, review_cases, outbox, offers)
"""Where runs are known, each with its customer."""

ARMS: bulk.Schema = {
    "experiment": pl.String,
    "customer_id": pl.String,
    "held": pl.Boolean,
    "assigned_at": MOMENT,
}
"""Columns of the arms of experiments as a frame."""
RETENTION: bulk.Schema = {
    "customer_id": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "at": MOMENT,
    "source": pl.String,
    "outcome_id": pl.String,
}
"""Columns of outcomes as a frame."""
CONTACTS: bulk.Schema = {"customer_id": pl.String, "contacted_at": MOMENT}
"""Columns of contacts as a frame."""


def add(connection: Connection, told: Outcome, *, at: datetime) -> bool:
    """Add an outcome unless its id is there, and say whether it is new.

    Args:
        connection: A writing one.
        told: What is added.
        at: The present moment.
    """
    row = told.model_dump() | {"kind": told.kind.value, "recorded_at": at}
    return add_new(connection, outcomes, row) == 1


def add_many(connection: Connection, told: pl.DataFrame) -> int:
    """Add outcomes whose ids are not there, and say how many were.

    Args:
        connection: A writing one.
        told: Columns as the table's.
    """
    with bulk.staging(connection, outcomes) as staged:
        bulk.insert(connection, staged, told)
        # without a condition SQLite would read ON CONFLICT as part of a join
        rows = select(*(staged.c[name] for name in told.columns)).where(true())
        adding = bulk.insert_into(connection, outcomes).from_select(told.columns, rows)
        counted = adding.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        return connection.execute(counted).rowcount


def find(connection: Connection, outcome_id: str) -> Outcome | None:
    """Give the outcome with this id, `None` when there is none."""
    row = connection.execute(select(*_KNOWN).where(outcomes.c.outcome_id == outcome_id)).first()
    return None if row is None else Outcome.model_validate(row._mapping)


def of_customer(connection: Connection, customer_id: str) -> Sequence[Outcome]:
    """Give what became of what was done for a customer, oldest first."""
    query = select(*_KNOWN).where(outcomes.c.customer_id == customer_id)
    order = (outcomes.c.at, outcomes.c.recorded_at, outcomes.c.outcome_id)
    found = connection.execute(query.order_by(*order))
    return [Outcome.model_validate(row._mapping) for row in found]


def customers_of_run(connection: Connection, run_id: str) -> set[str | None]:
    """Give whose run this is: nobody's when it is not known, `None` when only its claim is."""
    return {
        customer_id
        for table in _RUNS
        for customer_id in connection.scalars(
            select(table.c.customer_id).where(table.c.run_id == run_id)
        )
    }


def arms(
    connection: Connection, since: datetime | None = None, until: datetime | None = None
) -> pl.DataFrame:
    """Give who fell into which arm of which experiment, within a span of time, as `ARMS`."""
    query = select(*(holdouts.c[name] for name in ARMS))
    if since is not None:
        query = query.where(holdouts.c.assigned_at >= since)
    if until is not None:
        query = query.where(holdouts.c.assigned_at <= until)
    return bulk.fetch(connection, query, ARMS).sort("experiment", "customer_id")


def retention(connection: Connection, kinds: Sequence[str]) -> pl.DataFrame:
    """Give the outcomes of these kinds of all customers in experiments, as `RETENTION`."""
    among = select(holdouts.c.customer_id)
    query = select(*(outcomes.c[name] for name in RETENTION)).where(
        outcomes.c.kind.in_(kinds), outcomes.c.customer_id.in_(among)
    )
    return bulk.fetch(connection, query, RETENTION)


def contacts_of_held(connection: Connection) -> pl.DataFrame:
    """Give the contacts of everybody who was held out of something, as `CONTACTS`."""
    among = select(holdouts.c.customer_id).where(holdouts.c.held)
    query = select(contacts.c.customer_id, contacts.c.at).where(contacts.c.customer_id.in_(among))
    return bulk.fetch(connection, query, CONTACTS)
