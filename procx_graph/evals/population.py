"""The customers of labelled situations among others, as one base."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.dealings import Suppression
from procx_graph.errors import ConfigError, DataError
from procx_graph.evals.situations import ROWS, LabelledSituation, SituationSet, as_moment
from procx_graph.schema import TABLES, Kind
from procx_graph.store import MemoryLedger
from procx_graph.tables.sample import AS_OF, generate

CROWD = 300
"""Other customers of the base, so that a level and a neighbour mean something."""
SEED = 20
_PERSON: dict[str, Any] = {
    "segment": "Regular",
    "lifetime_value": 600.0,
    "loyalty_tier": "Silver",
    "opt_in_marketing": True,
    "signup_date": timedelta(days=-500),
    "currency": "USD",
}
"""A customer of whom nothing else is said."""


def base_of(found: SituationSet) -> CustomerBase:
    """Put the customers of a set among the made-up ones of the sample's generator.

    The same set gives the same base. It does not depend on which of the situations are run, so
    that a score does not either.

    Raises:
        ConfigError: A row of a situation has a wrong value, or lies in the future.
    """
    crowd = generate(CROWD, seed=SEED, as_of=AS_OF).tables
    people = [_person(one, place) for place, one in enumerate(found.situations)]
    own = {"customers": people} | {
        table: [row for one in found.situations for row in _rows(one, table)] for table in ROWS
    }
    frames = {
        table: pl.concat(
            [pl.from_pandas(crowd[table]), pl.DataFrame(rows, infer_schema_length=None)],
            how="diagonal_relaxed",
        )
        for table, rows in own.items()
    }
    try:
        base = CustomerBase.from_frames(frames, as_of=AS_OF, strict=True, name=found.name)
    except DataError as error:
        raise ConfigError(f"situations {found.name}: {error}") from error
    if not base.is_current:
        raise ConfigError(f"situations {found.name}: something in them happens after the moment")
    return base


def ledger_of(found: SituationSet) -> MemoryLedger:
    """Give a ledger that knows what we had to do with the customers of a set."""
    ledger = MemoryLedger()
    for one in found.situations:
        for at in one.past.contacted:
            ledger.record_contact(one.id, at=AS_OF + at)
        if one.past.suppressed is not None:
            since = AS_OF - timedelta(days=1)
            barred = Suppression(reason=one.past.suppressed, since=since, source="situation")
            ledger.suppress(one.id, barred)
    return ledger


def _person(one: LabelledSituation, place: int) -> dict[str, Any]:
    reached = {"email": f"{one.id}@example.com", "phone": f"+1202556{place:04}"}
    given = _PERSON | {"language": one.language} | reached | one.customer
    known = {column: value for column, value in given.items() if value != ""}
    return {"customer_id": one.id} | _dated("customers", known)


def _rows(one: LabelledSituation, table: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a situation, with ids where it has none, and the orders of its habit."""
    if table == "orders":
        yield from _bought(one)
    key = TABLES[table].key
    for number, row in enumerate(getattr(one, table), 1):
        named = {key: f"{one.id}-{number}"} if key and key != "customer_id" else {}
        yield {"customer_id": one.id} | named | _dated(table, row)


def _bought(one: LabelledSituation) -> Iterator[dict[str, Any]]:
    for number in range(one.buys.times):
        at = _naive(AS_OF + one.buys.last - timedelta(days=number * one.buys.every))
        yield {
            "order_id": f"{one.id}-H{number:02}",
            "customer_id": one.id,
            "order_date": at,
            "total_amount": one.buys.amount,
            "order_status": "delivered",
            "payment_status": "success",
            "actual_delivery_date": min(at + timedelta(days=3), _naive(AS_OF)),
        }


def _dated(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Give a row with its moments as dates."""
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    return {
        name: _naive(AS_OF + as_moment(value)) if kinds.get(name) is Kind.TIMESTAMP else value
        for name, value in row.items()
    }


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
