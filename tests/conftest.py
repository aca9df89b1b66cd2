"""Bases that the tests share, and monitors that close themselves."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.message import Language

if TYPE_CHECKING:
    from procx_graph.monitor import Monitor

AGENTMAX = Path(__file__).parents[2] / "shared" / "data" / "AgentMAX_CX_dataset.xlsx"
NOON = datetime(2025, 6, 30, 12, tzinfo=UTC)

_LETTERS = {
    Language.ENGLISH: "[A-Za-z]",
    Language.HINDI: "[\u0900-\u0963]",
    Language.TAMIL: "[\u0b80-\u0bff]",
    Language.TELUGU: "[\u0c00-\u0c7f]",
    Language.BENGALI: "[\u0980-\u09ff]",
}
"""Each script's block, without the full stop that Hindi and Bengali share."""

Shop = Callable[..., CustomerBase]
MakeMonitor = Callable[..., "Monitor"]


def pytest_configure() -> None:
    """Read checkpoints strictly, also outside `make`; langgraph looks when it is imported."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")


@pytest.fixture(scope="session")
def sample_base() -> CustomerBase:
    """The thousand customers that ship with the library."""
    return CustomerBase.sample()


@pytest.fixture(scope="session")
def agentmax_base() -> CustomerBase:
    """The reference workbook, where it lies beside the checkout."""
    if not AGENTMAX.exists():
        pytest.skip("the AgentMAX workbook is not in ../shared/data")
    return CustomerBase.from_workbook(AGENTMAX)


@pytest.fixture(scope="session")
def shop() -> Shop:
    """Give a builder of small bases: `shop(ana={...}, ben={...}, support_tickets=[...])`.

    Every customer bought ten times, every 30 days, last 20 days ago, and agrees to be written to.
    Each of the first spends less than half of the one before, so they rank in the order they are
    named, whatever trouble one of them has; from the tenth on a little less. What is said of one
    replaces these columns; `days_ago` moves their orders. Lists are rows of tables.
    """
    return _shop


@pytest.fixture
def monitor_of() -> Iterator[MakeMonitor]:
    """Give a maker of monitors, all of which are closed after the test."""
    import procx_graph

    with ExitStack() as open_monitors:
        yield lambda base, **parts: open_monitors.enter_context(procx_graph.Monitor(base, **parts))


def rated(who: str, *scores: int, **changes: Any) -> list[dict[str, Any]]:
    """Give a resolved ticket per rating; two bad ones send the case to a person."""
    return [
        {
            "ticket_id": f"T-{who}-{number}",
            "customer_id": who,
            "created_at": NOON - timedelta(days=5 + number),
            "category": "delivery",
            "status": "resolved",
            "csat_score": rating,
            "initial_message": f"Nobody answers, write to {who}@example.com or +44 7946 000 000",
        }
        | changes
        for number, rating in enumerate(scores)
    ]


def written_in(language: Language, text: str) -> bool:
    """Whether a text is in the language's letters, with no other script but Latin words in it."""
    seen = {name for name, letters in _LETTERS.items() if re.search(letters, text)}
    own = len(re.findall(_LETTERS[language], text))
    return seen <= {language, Language.ENGLISH} and own > 20


def _shop(**given: Any) -> CustomerBase:
    people = {name: columns for name, columns in given.items() if isinstance(columns, dict)}
    tables = {name: rows for name, rows in given.items() if isinstance(rows, list)}
    customers, orders = [], []
    for place, (name, columns) in enumerate(people.items()):
        shift = columns.get("days_ago", 0)
        customers.append(_person(name, place) | columns)
        orders += [
            {
                "order_id": f"O{place:02}{number:02}",
                "customer_id": name,
                "order_date": NOON - timedelta(days=20 + 30 * number + shift),
                "total_amount": max(2000 * 0.4**place, 1 - place / 1000),
                "order_status": "delivered",
                "payment_status": "success",
            }
            for number in range(10)
        ]
    frames = {"customers": pl.DataFrame(customers), "orders": pl.DataFrame(orders)}
    frames |= {name: pl.DataFrame(rows) for name, rows in tables.items()}
    return CustomerBase.from_frames(frames, as_of=NOON, name="shop")


def _person(name: str, place: int) -> dict[str, Any]:
    return {
        "customer_id": name,
        "first_name": name.title(),
        "email": f"{name}@example.com",
        "phone": f"+44794600{place:04}",
        "signup_date": NOON - timedelta(days=400),
        "currency": "GBP",
        "segment": "Regular",
        "lifetime_value": 2000.0,
        "loyalty_tier": "Silver",
        "opt_in_marketing": True,
        "language": "en",
        "days_ago": 0,
    }
