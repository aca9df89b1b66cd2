"""Hysteresis of the queue and of the levels."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.risk import RiskLevel
from procx_graph.store.standing import held_levels, queue

LEVELS = [level.value for level in RiskLevel]


def ranks(**customers: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"customer_id": list(customers), "rank": list(customers.values()), "active": 100}
    )


def band(low: int, high: int) -> pl.DataFrame:
    """One customer between two levels."""
    return pl.DataFrame(
        {"customer_id": ["ana"], "risk_level": [LEVELS[low]], "level_above": [LEVELS[high]]}
    )


def test_within_the_capacity_is_in_and_beyond_it_is_out() -> None:
    assert queue([ranks(ana=10, ben=11, eve=40)], 0.1)["customer_id"].to_list() == ["ana"]


def test_a_little_beyond_the_capacity_stays_in_who_was_in() -> None:
    before, now = ranks(ana=9, ben=30), ranks(ana=15, ben=14)

    assert queue([now, before], 0.1).rows() == [("ana", 0.15)]


def test_far_beyond_the_capacity_is_out_even_for_a_moment() -> None:
    assert queue([ranks(ana=12), ranks(ana=16), ranks(ana=1)], 0.1).is_empty()


def test_no_scoring_is_no_queue() -> None:
    assert queue([], 0.1).is_empty()
    assert held_levels([]).is_empty()


def test_who_had_no_level_before_has_todays() -> None:
    assert held_levels([band(1, 2)])["held_level"].to_list() == ["medium"]


def test_who_was_away_for_a_scoring_starts_anew() -> None:
    away = band(3, 3).with_columns(customer_id=pl.lit("ben"))

    assert held_levels([band(1, 2), away, band(3, 3)])["held_level"].to_list()[0] == "medium"


bands = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted)


@given(st.lists(bands, min_size=1, max_size=8))
def test_reading_backwards_gives_what_living_through_it_gives(past: list[list[int]]) -> None:
    held = past[0][0]
    for low, high in past[1:]:
        held = max(low, min(held, high))

    found = held_levels(band(low, high) for low, high in reversed(past))

    assert found["held"].to_list() == [held]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_the_queue_read_backwards_is_the_queue_lived_through(places: list[int]) -> None:
    inside = False
    for place in places:
        inside = place <= 10 or (inside and place <= 15)

    assert len(queue((ranks(ana=place) for place in reversed(places)), 10)) == inside
