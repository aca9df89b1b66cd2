import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from procx_graph.scoring.measures import (
    auc,
    auc_interval,
    brier,
    calibration,
    calibration_error,
    captured,
    lift,
    pr_auc,
)

ROWS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60)


def vectors(rows: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    risk, happened = zip(*rows, strict=True)
    return np.array(risk) / 10, np.array(happened)


@given(ROWS)
def test_ranking_measures_agree_with_scikit_learn_ties_included(
    rows: list[tuple[int, bool]],
) -> None:
    risk, happened = vectors(rows)

    if happened.any() and not happened.all():
        assert auc(risk, happened) == pytest.approx(roc_auc_score(happened, risk))
        assert brier(risk, happened) == pytest.approx(brier_score_loss(happened, risk))
    if happened.any():
        assert pr_auc(risk, happened) == pytest.approx(average_precision_score(happened, risk))


@given(ROWS, st.randoms())
def test_no_measure_depends_on_the_order_of_rows(rows: list[tuple[int, bool]], rng: object) -> None:
    mixed = list(rows)
    rng.shuffle(mixed)  # type: ignore[attr-defined]

    for measure in (auc, pr_auc, lift, brier, calibration_error):
        assert measure(*vectors(mixed)) == pytest.approx(measure(*vectors(rows)), nan_ok=True)


def test_one_outcome_or_nobody_cannot_be_told() -> None:
    risk, nobody = np.array([0.1, 0.2]), np.array([], dtype=float)

    assert np.isnan(auc(risk, np.array([True, True])))
    assert np.isnan(auc_interval(risk, np.array([False, False]))).all()
    assert np.isnan(pr_auc(risk, np.array([False, False])))
    assert np.isnan(lift(risk, np.array([False, False])))
    assert np.isnan(captured(risk, np.zeros(2), np.array([True, True])))
    assert np.isnan([brier(nobody, nobody > 0), calibration_error(nobody, nobody > 0)]).all()
    assert np.isnan(auc_interval(nobody, nobody > 0)).all()


def test_the_interval_holds_the_auc_narrows_with_more_rows_and_repeats() -> None:
    rng = np.random.default_rng(3)
    risk = rng.random(2_000)
    happened = rng.random(2_000) < risk

    low, high = auc_interval(risk, happened)
    few_low, few_high = auc_interval(risk[:100], happened[:100])

    assert low < auc(risk, happened) < high
    assert high - low < few_high - few_low
    assert auc_interval(risk, happened) == (low, high)
    assert auc_interval(risk, happened, seed=1) != (low, high)


def test_lift_is_the_frequency_in_the_head_over_that_of_all() -> None:
    risk, happened = np.arange(20.0), np.arange(20) >= 15

    assert lift(risk, happened) == pytest.approx(4)
    assert lift(np.ones(20), happened) == pytest.approx(1)


def test_a_probability_that_comes_true_has_no_calibration_error() -> None:
    risk = np.repeat([0.2, 0.6], 100)
    happened = np.r_[np.arange(100) < 20, np.arange(100) < 60]

    assert calibration_error(risk, happened) == pytest.approx(0)
    assert calibration_error(risk + 0.1, happened) == pytest.approx(0.1)
    assert [size for *_, size in calibration(risk, happened, groups=4)] == [50] * 4


def test_what_is_captured_is_lost_money_at_the_head() -> None:
    value, happened = np.array([100.0, 50, 50, 800]), np.array([True, True, False, False])

    assert captured(np.array([9.0, 1, 1, 1]), value, happened, share=0.25) == pytest.approx(2 / 3)
    assert captured(np.ones(4), value, happened, share=0.25) == pytest.approx(0.25)
