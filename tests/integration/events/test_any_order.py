"""Any order and duplication of deliveries ends in the same customer tables."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.events.inbox import take_in
from procx_graph.events.providers.provider import Delivery
from procx_graph.store import Store
from tests.integration.stores import NOW, a_copy, all_tables

TYPES = [one for one in EventType if not one.value.startswith("product")]
THINGS = st.lists(
    st.sampled_from(
        ["intent:1", "intent:2", "charge:1", "ticket:1", "order:O1", "order:O9", "order:#9"]
    ),
    min_size=1,
    max_size=2,
    unique=True,
)
WHO = st.sampled_from(
    [
        (ReferenceKind.CUSTOMER_ID, "C1"),
        (ReferenceKind.ACCOUNT, "cus_1"),
        (ReferenceKind.EMAIL, "ada@example.com"),
        (ReferenceKind.ORDER, "O1"),
        (ReferenceKind.ORDER, "O9"),
    ]
)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Draw a delivery about customer C1, named in one or two of the ways that lead to her."""
    kind, hour = draw(st.sampled_from(TYPES)), draw(st.integers(-30, 30))
    at, key = NOW + timedelta(hours=hour), f"evt_{draw(st.integers(0, 9_999))}"
    facts: dict[str, Any] = {
        "order_id": draw(st.sampled_from([None, "O1", "O9"])),
        "order_ids": draw(st.sampled_from([(), ("O9",), ("O9", "#9"), ("#9", "9"), ("#1", "O1")])),
        "payment_id": draw(st.sampled_from([None, "pi_1", "pi_2"])),
        "ticket_id": draw(st.sampled_from([None, "7"])),
        "score": draw(st.sampled_from([None, 1, 4])),
        "amount": draw(st.sampled_from([None, "10.50"])),
        "refund_id": draw(st.sampled_from([None, "re_1"])),
        "ordered_at": draw(st.sampled_from([None, NOW])),
        "order_amount": draw(st.sampled_from([None, "10.50"])),
    }
    occurrence = Occurrence(
        type=kind,
        provider="stripe",
        key=key,
        occurred_at=at,
        things=tuple(draw(THINGS)),
        references=tuple(
            Reference(kind=how, value=value)
            for how, value in draw(st.lists(WHO, min_size=1, max_size=2))
        ),
        facts=Facts.model_validate(facts),
    )
    return Delivery(
        provider="stripe",
        key=f"{key}:{kind}",
        topic=kind,
        occurred_at=at,
        occurrences=(occurrence,),
    )


def told(full: Path, folder: Path, told: list[Delivery]) -> dict[str, Any]:
    """Tell a new store some deliveries and give its tables, without what the log numbers."""
    with a_copy(full, folder / "copy.db") as store:
        for delivery in told:
            take_in(store, delivery, now=NOW, digest=delivery.key)
        return _plain(store)


def _plain(store: Store) -> dict[str, Any]:
    return {
        name: sorted(map(repr, (sorted(row.items()) for row in rows)))
        for name, rows in all_tables(store).items()
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(deliveries(), min_size=2, max_size=7), st.integers(0, 2**32))
def test_any_order_and_duplication_of_deliveries_ends_in_the_same_tables(
    full_store: Path, tmp_path: Path, once: list[Delivery], seed: int
) -> None:
    chance = random.Random(seed)
    distinct = list({one.key: one for one in once}.values())
    again = [*distinct, *chance.choices(distinct, k=3)]
    chance.shuffle(again)

    assert told(full_store, tmp_path, again) == told(full_store, tmp_path, distinct)
