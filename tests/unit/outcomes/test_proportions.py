"""Intervals and sizes agree with what is published of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.outcomes.proportions import needed, newcombe, ratio_p, wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(count: int, of: int, low: float, high: float) -> None:
    """Newcombe (1998a), table I, method 3."""
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_published_intervals(
    first: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998b), table II, method 10."""
    assert newcombe(*first, *other) == pytest.approx((low, high), abs=5e-5)


def test_of_nobody_everything_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


arms = st.integers(1, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@settings(max_examples=200, deadline=None)
@given(first=arms, other=arms)
def test_a_difference_lies_in_its_interval_and_turns_with_its_arms(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    low, high = newcombe(*first, *other)
    back_low, back_high = newcombe(*other, *first)

    assert -1 <= low <= first[0] / first[1] - other[0] / other[1] + 1e-12
    assert low - 1e-12 <= high <= 1
    assert (back_low, back_high) == pytest.approx((-high, -low), abs=1e-12)


def test_to_see_a_fifth_fall_to_16_percent_takes_about_860_held_out() -> None:
    assert needed(0.20, 0.16, times=9) == 859


def test_even_arms_need_fewer_in_all_and_small_effects_more() -> None:
    even, uneven = needed(0.20, 0.16), needed(0.20, 0.16, times=9)

    assert even == 1_445
    assert 2 * even < 10 * uneven
    assert needed(0.20, 0.18, times=9) > 3 * uneven


def test_arms_as_declared_are_likely_and_others_are_not() -> None:
    exact, near, far = (ratio_p(held, 1_000 - held, share=0.1) for held in (100, 110, 150))

    assert exact == 1.0
    assert near is not None
    assert near == pytest.approx(0.2918, abs=1e-4)
    assert far is not None
    assert far < 1e-6


def test_of_no_arms_nothing_is_said() -> None:
    assert ratio_p(0, 0, share=0.1) is None


def test_a_few_customers_are_judged_exactly() -> None:
    """Chi-squared would call two held out of two (1 in 100) less likely than 1 in 10,000."""
    found = [ratio_p(*arms, share=0.1) for arms in ((2, 0), (1, 0), (0, 1), (1, 9), (5, 0))]

    assert found == pytest.approx([0.02, 0.2, 1.0, 1.0, 2e-5])
