"""Realistic deliveries about the customers of a store, signed before they are measured."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.events import load_base
from procx_graph.store import Store
from procx_graph.tables.sample import generate
from tests.deliveries import Sent, shopify, standard, stripe
from tests.unit.events.providers.given import recorded, recorded_text

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CUSTOMERS = 10_000
NOTHING = "0" * 24
"""How every id of the recorded Stripe bodies ends."""


def known_customers(place: Path) -> list[str]:
    """Fill a store with customers and their orders, and give who they are."""
    made = generate(CUSTOMERS, seed=1).tables
    frames = {name: pl.from_pandas(made[name]) for name in ("customers", "orders")}
    base = CustomerBase.from_frames(frames, as_of=NOW - timedelta(days=1))
    with Store.open(place) as store:
        load_base(base, store, at=NOW)
    return base.customer_ids.to_list()


def deliveries(customers: Sequence[str], numbers: range) -> Iterator[Sent]:
    """Give payments that fail (Stripe, 7 kB), orders that are cancelled (Shopify, 10 kB) and
    tickets (our own shape), in turns, each about another customer who is known by our id."""
    intent = recorded_text("stripe", "payment_intent.payment_failed.json")
    order = recorded("shopify", "orders__cancelled")
    for number in numbers:
        who = customers[number * 7_919 % len(customers)]
        yield (_payment(intent, number, who), _order(order, number, who), _ticket(number, who))[
            number % 3
        ]


def _payment(intent: str, number: int, who: str) -> Sent:
    event = json.loads(intent.replace(NOTHING, f"{number:024d}"))
    thing = {"customer": f"cus_{who}", "metadata": {"customer_id": who}}
    event["data"]["object"] |= thing
    return stripe(event | {"created": int(NOW.timestamp())}, at=NOW)


def _order(order: dict[str, Any], number: int, who: str) -> Sent:
    own = f"gid://shopify/Order/{number}"
    ids: dict[str, Any] = {"id": number, "admin_graphql_api_id": own, "name": f"#{number}"}
    ids |= {"order_number": number, "checkout_id": number, "cancelled_at": NOW.isoformat()}
    buyer = order["customer"] | {"id": int(who[1:]), "admin_graphql_api_id": None}
    notes = [{"name": "customer_id", "value": who}]
    body = order | ids | {"customer": buyer, "note_attributes": notes}
    return shopify("orders/cancelled", body, key=f"event-{number}", at=NOW)


def _ticket(number: int, who: str) -> Sent:
    data = {
        "customer_id": who,
        "ticket_id": f"T{number}",
        "subject": "Where is my order?",
        "text": "It is late and nobody answers.",
        "priority": "high",
    }
    payload = {"event_type": "support.ticket.created", "timestamp": NOW.isoformat(), "data": data}
    return standard(payload, key=f"msg_{number}", at=NOW)
