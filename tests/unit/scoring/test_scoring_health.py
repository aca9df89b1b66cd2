import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.health import Factor
from procx_graph.domain.profile import ConfidenceRule, Profile
from procx_graph.scoring.health.weighing import Health, confidence, medians, weighed
from procx_graph.scoring.profiles import load_profile

DEFAULT, SEED = load_profile("default-v1"), load_profile("procx-seed")
ROW = st.lists(st.none() | st.floats(0, 1), min_size=10, max_size=10)


def frame(*rows: list[float | None]) -> pl.DataFrame:
    names = [factor.value for factor in Factor]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")


def weigh(sub_scores: pl.DataFrame, profile: Profile) -> Health:
    return Health(weighed(sub_scores.lazy(), profile).collect())


def test_a_missing_factor_gives_its_weight_to_the_others() -> None:
    only_segment = frame([0.8, *[None] * 9])

    health = weigh(only_segment, DEFAULT)

    assert health.score.tolist() == [80.0]
    assert health.coverage.tolist() == [0.15]
    points = health.frame.select(f"points_{factor.value}" for factor in Factor).row(0)
    assert points == (pytest.approx(80), *[None] * 9)


def test_neutral_points_fill_the_gaps_but_are_no_knowledge() -> None:
    only_segment = frame([1.0, *[None] * 9])

    health = weigh(only_segment, SEED)

    assert health.score[0] == pytest.approx(15 + 6 + 5 + 5 + 8 + 6 + 5 + 8 + 2.5 + 1.5)
    assert health.coverage.tolist() == [0.15]


def test_health_without_any_evidence_is_fifty_with_no_coverage() -> None:
    health = weigh(frame([None] * 10), DEFAULT)

    assert (health.score.tolist(), health.coverage.tolist()) == ([50.0], [0.0])


@given(row=ROW, place=st.integers(0, 9), more=st.floats(0, 1))
def test_a_better_sub_score_never_lowers_health(
    row: list[float | None], place: int, more: float
) -> None:
    worse = [value if at != place else 0.0 for at, value in enumerate(row)]
    better = [value if at != place else more for at, value in enumerate(row)]

    lower, higher = weigh(frame(worse, better), DEFAULT).score

    assert 0 <= lower <= higher + 1e-9 <= 100 + 1e-9


@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_contributions_add_up_to_the_distance_from_the_median_customer(
    rows: list[list[float | None]],
) -> None:
    health = weigh(frame(*rows), DEFAULT)
    weights = np.array(list(DEFAULT.weights.values()))

    typical = medians([health.frame])
    contributions = health.contributions(DEFAULT, typical)

    for row, known in enumerate(health.known):
        if known.any():
            usual = 100 * (weights * typical)[known].sum() / weights[known].sum()
            difference = health.score[row] - usual
            assert contributions[row].sum() == pytest.approx(difference, abs=1e-9)


def test_confidence_needs_knowledge_and_order_days() -> None:
    coverage = np.array([0.8, 0.8, 0.5, 0.49])
    order_days = np.array([3, 2, 9, 9])

    assert confidence(coverage, order_days, ConfidenceRule()).to_list() == [
        "high", "medium", "medium", "low",
    ]  # fmt: skip
