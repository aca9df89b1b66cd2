import numpy as np
import polars as pl
import pytest

from procx_graph.scoring.evaluation.rfm import fit_rfm, rfm


def inputs(customers: int = 2_000, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(4, 1, customers), rng.normal(1, 0.5, customers)] * 2)[:, :3]


def test_the_inputs_are_logarithms_of_recency_frequency_and_money() -> None:
    features = pl.DataFrame(
        {"days_since_order": [0, 30], "order_days": [1, 4], "spend_cents": [-500, 10_000]}
    )

    found = rfm(features)

    assert found[0] == pytest.approx([0, 0, 0])
    assert found[1] == pytest.approx([np.log(31), np.log(4), np.log(101)])


def test_a_known_rule_is_found_again() -> None:
    given = inputs()
    log_odds = 0.5 + 1.2 * (given[:, 0] - 4) - 0.8 * (given[:, 1] - 1)
    left = np.random.default_rng(1).random(len(given)) < 1 / (1 + np.exp(-log_odds))

    model = fit_rfm(given, left)

    risk = model.risk(given)
    assert np.corrcoef(risk, 1 / (1 + np.exp(-log_odds)))[0, 1] > 0.99
    assert risk.mean() == pytest.approx(left.mean(), abs=1e-3)


def test_a_column_that_never_changes_does_no_harm() -> None:
    given = inputs()
    given[:, 1] = 0.0

    risk = fit_rfm(given, given[:, 0] > 4).risk(given)

    assert np.isfinite(risk).all()
    assert risk[given[:, 0] > 5].min() > risk[given[:, 0] < 3].max()
