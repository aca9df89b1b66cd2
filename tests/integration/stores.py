"""Live stores with a few customers in them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from procx_graph.base import CustomerBase
from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.events import load_base
from procx_graph.events.inbox import take_in
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.receipt import Receipt
from procx_graph.schema import TABLES
from procx_graph.store import Store

LOADED = datetime(2025, 1, 9, 12, tzinfo=UTC)
"""The moment of the base that the stores are filled from."""
NOW = datetime(2025, 1, 10, 14, 32, tzinfo=UTC)


def base() -> CustomerBase:
    """Give a base of three customers, one order each; only C1 has an e-mail address of her own."""
    people = pd.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3"],
            "first_name": ["Ada", "Bo", "Cy"],
            "email": ["ada@example.com", "shared@example.com", "shared@example.com"],
            "phone": ["+15550100", "+15550101", None],
            "signup_date": ["2024-01-01"] * 3,
            "opt_in_marketing": [True, True, None],
            "language": ["en"] * 3,
        }
    )
    orders = pd.DataFrame(
        {
            "order_id": ["O1", "O2", "O3"],
            "customer_id": ["C1", "C2", "C3"],
            "order_date": ["2025-01-05 10:00", "2025-01-06 10:00", "2025-01-09 12:00"],
            "total_amount": [100.0, 50.0, 20.0],
            "order_status": ["placed", "placed", "placed"],
            "payment_status": ["success", "success", "success"],
        }
    )
    return CustomerBase.from_frames({"customers": people, "orders": orders}, as_of=LOADED)


def filled(place: str) -> Store:
    """Give a store with these customers."""
    store = Store.open(place)
    load_base(base(), store, at=LOADED)
    return store


@contextmanager
def a_copy(full: Path, place: Path) -> Iterator[Store]:
    """Give a copy of a SQLite store that nobody has open; making one takes far longer."""
    for old in place.parent.glob(f"{place.name}*"):
        old.unlink()
    shutil.copyfile(full, place)
    with Store.open(place, migrate=False) as store:
        yield store


def tell(
    store: Store,
    kind: str,
    *references: tuple[ReferenceKind, str],
    hour: float = 0,
    thing: str | tuple[str, ...] | None = None,
    key: str | None = None,
    provider: str = "stripe",
    verified: bool = True,
    nobody: bool = False,
    **facts: Any,
) -> Receipt:
    """Take in one event; by default of customer C1, so many hours after NOW.

    Args:
        store: Where.
        kind: The event's type.
        references: How the customer is named.
        hour: Hours after NOW.
        thing: What it is about; a thing of its own when not given.
        key: What it is told by once.
        provider: Who tells it.
        verified: Whether addresses are.
        nobody: No customer is named.
        facts: What is told of it.
    """
    at = NOW + timedelta(hours=hour)
    named = () if nobody else references or ((ReferenceKind.CUSTOMER_ID, "C1"),)
    things = (thing,) if isinstance(thing, str) else thing or (f"{kind}:{hour}",)
    occurrence = Occurrence(
        type=EventType(kind),
        provider=provider,
        key=key or f"{kind}@{hour}@{'+'.join(things)}",
        occurred_at=at,
        things=things,
        references=tuple(Reference(kind=k, value=v, verified=verified) for k, v in named),
        facts=Facts.model_validate(facts),
    )
    delivery = Delivery(
        provider=provider,
        key=occurrence.key,
        topic=kind,
        occurred_at=at,
        occurrences=(occurrence,),
    )
    return take_in(store, delivery, now=at, digest=delivery.key)


def table(store: Store, name: str) -> list[dict[str, Any]]:
    """Give the rows of a live table as the code reads it, without what is null, in order."""
    from sqlalchemy import select

    from procx_graph.store.schema import AS_OF, EMAIL, LIVE, PHONE, ROW

    live = LIVE[name]
    with store.reading() as connection:
        rows = connection.execute(select(live).order_by(live.c[ROW])).mappings().all()
    hidden = {ROW, AS_OF, EMAIL, PHONE}
    return [{k: v for k, v in row.items() if v is not None and k not in hidden} for row in rows]


def all_tables(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Give every live table that has rows."""
    return {name: rows for name in TABLES if name in _kept() and (rows := table(store, name))}


def _kept() -> set[str]:
    from procx_graph.store.schema import LIVE

    return set(LIVE)
