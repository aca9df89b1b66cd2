"""Carts that are left are told of, once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from procx_graph.events.timers import abandon_carts
from procx_graph.store import Store
from tests.integration.stores import NOW, filled, table, tell


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(str(tmp_path / "procx.db")) as store:
        yield store


def kinds(store: Store) -> list[str]:
    return sorted(row["event_type"] for row in table(store, "customer_events"))


def test_a_cart_that_is_left_is_told_of_once(store: Store) -> None:
    tell(store, "cart.updated", thing="cart:1", amount=30)

    assert abandon_carts(store, now=NOW + timedelta(hours=3)) == []
    [told] = abandon_carts(store, now=NOW + timedelta(hours=5))
    assert told.startswith("EVT_")
    assert abandon_carts(store, now=NOW + timedelta(hours=6)) == []
    assert kinds(store) == ["add_to_cart", "cart_abandoned"]


def test_a_cart_that_became_an_order_is_not_left(store: Store) -> None:
    tell(store, "cart.updated", thing="cart:1")
    tell(store, "cart.completed", thing="cart:1", hour=1)

    assert abandon_carts(store, now=NOW + timedelta(hours=9)) == []


def test_a_cart_that_is_filled_again_is_waited_for_again(store: Store) -> None:
    tell(store, "cart.updated", thing="cart:1")
    abandon_carts(store, now=NOW + timedelta(hours=5))
    tell(store, "cart.updated", thing="cart:1", hour=6)

    assert abandon_carts(store, now=NOW + timedelta(hours=7)) == []
    assert len(abandon_carts(store, now=NOW + timedelta(hours=11))) == 1


def test_a_cart_of_long_ago_is_no_news(store: Store) -> None:
    tell(store, "cart.updated", thing="cart:1")

    assert abandon_carts(store, now=NOW + timedelta(days=40)) == []
