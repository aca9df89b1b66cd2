import numpy as np
import pytest

from procx_graph.scoring.evaluation.figures import SHARES, gains, measure

RISK = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
LEFT = np.array([True, True, False, True, False, False, False, False, False, False])
SPEND = np.full(10, 20.0)


def test_a_probability_is_judged_by_its_ranking_and_by_its_truth() -> None:
    found = measure(RISK, LEFT, SPEND, is_probability=True)

    assert found.customers == 10
    assert found.base_rate == pytest.approx(0.3)
    assert found.auc == pytest.approx(20 / 21)
    assert (found.auc_low or 1) <= (found.auc or 0)
    assert found.lift10 == pytest.approx(1 / 0.3)
    assert found.brier == pytest.approx(np.mean((RISK - LEFT) ** 2))
    assert sum(size for _, _, size in found.calibration) == 10


def test_a_ranking_that_is_no_probability_has_no_brier_score_and_no_calibration() -> None:
    found = measure(RISK * 365, LEFT, SPEND, is_probability=False)

    assert found.auc == pytest.approx(20 / 21)
    assert (found.brier, found.ece, found.calibration) == (None, None, ())


def test_without_a_risk_only_the_queue_by_value_is_judged() -> None:
    spend = np.array([100.0, *[10.0] * 9])

    found = measure(None, LEFT, spend, is_probability=False)

    assert found.captured10 == pytest.approx(100 / 120)
    assert (found.auc, found.pr_auc, found.lift10, found.lifts) == (None, None, None, ())


def test_what_cannot_be_told_is_unknown_and_not_a_number() -> None:
    nobody_spent = measure(RISK, LEFT, np.zeros(10), is_probability=True)
    everybody_left = measure(RISK, np.full(10, True), SPEND, is_probability=True)

    assert (nobody_spent.captured10, nobody_spent.captures) == (None, ())
    assert everybody_left.auc is None


def test_gains_rise_to_everything_and_agree_with_the_shares_they_are_read_at() -> None:
    held = gains(RISK, LEFT.astype(float))

    assert list(held) == sorted(held)
    assert held[-1] == pytest.approx(1)
    assert held[SHARES.index(0.2)] == pytest.approx(2 / 3)
    assert held[SHARES.index(0.4)] == pytest.approx(1)


def test_those_with_the_same_risk_share_what_they_hold() -> None:
    assert gains(np.ones(10), LEFT.astype(float)) == pytest.approx(SHARES)
