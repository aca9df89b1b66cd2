from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.silence import (
    Histories,
    alive,
    fit,
    log_likelihood,
    maximise_likelihood,
    silent,
)

CDNOW = Path("../shared/data/cdnow/cdnow_customers_summary.csv").resolve()
PUBLISHED = PurchaseModel(r=0.525, alpha=6.183, a=0.891, b=1.614)
PRIOR = PurchaseModel(r=0.8, alpha=58, a=0.4, b=1.6)


def histories(*rows: tuple[float, float, float]) -> Histories:
    x, t, age = np.array(rows, dtype=float).T
    return Histories(x=x, t=t, T=age)


@pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW data is not here")
def test_the_fit_finds_the_published_parameters_of_cdnow() -> None:
    data = pd.read_csv(CDNOW)
    sample = Histories(*(data[name].to_numpy(float) for name in ("frequency", "recency", "T")))

    model = maximise_likelihood(sample, penalty=0)

    found = [model.r, model.alpha, model.a, model.b]
    assert found == pytest.approx([0.5248, 6.1830, 0.8914, 1.6142], abs=5e-4)
    assert log_likelihood(model, sample).sum() == pytest.approx(-9582.13, abs=0.01)


def test_known_histories_have_known_probabilities() -> None:
    known = histories(
        (0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (6, 26, 30), (10, 38, 38.86),
        (10, 20, 38.86),
    )  # fmt: skip

    assert alive(PUBLISHED, known) == pytest.approx(
        [0.389735, 0.170836, 0.706202, 0.799150, 0.914098, 0.041397], abs=1e-5
    )
    assert silent(PUBLISHED, known, 90 / 7) == pytest.approx(
        [0.951864, 0.945650, 0.668401, 0.310756, 0.150948, 0.961549], abs=1e-5
    )
    assert log_likelihood(PUBLISHED, known) == pytest.approx(
        [-0.539837, -4.460361, -9.485551, -18.566403, -27.411212, -24.316485], abs=1e-5
    )


@given(
    x=st.integers(0, 60),
    t=st.floats(0, 2000),
    silence=st.floats(0, 3000),
    longer=st.floats(0.01, 1000),
    horizon=st.floats(1, 500),
)
def test_longer_silence_never_lowers_the_probability_of_silence(
    x: int, t: float, silence: float, longer: float, horizon: float
) -> None:
    both = histories((x, t, t + silence), (x, t, t + silence + longer))

    sooner, later = silent(PRIOR, both, horizon)

    assert 0 <= sooner <= later + 1e-12 <= 1 + 1e-12


@given(x=st.integers(0, 60), silence=st.floats(0, 3000), horizon=st.floats(1, 500))
def test_a_longer_horizon_lowers_the_probability_of_silence(
    x: int, silence: float, horizon: float
) -> None:
    one = histories((x, 100.0 * (x > 0), 100 + silence))

    assert silent(PRIOR, one, horizon + 10) <= silent(PRIOR, one, horizon) + 1e-12


def test_a_base_of_a_few_customers_uses_the_prior() -> None:
    few = histories(*[(3, 60, 90)] * 29)

    fitted = fit(few, PRIOR, FitRule())

    assert (fitted.method, fitted.model) == (RiskMethod.MBG_PRIOR, PRIOR)


def test_a_base_with_few_repeat_buyers_uses_the_prior() -> None:
    mostly_once = histories(*[(0, 0, 90)] * 100, *[(5, 60, 90)] * 14)

    assert fit(mostly_once, PRIOR, FitRule()).method is RiskMethod.MBG_PRIOR


def test_a_base_with_enough_repeats_is_fitted() -> None:
    enough = histories(*[(0, 0, 90)] * 20, *[(2, 60, 90)] * 10, *[(4, 80, 90)] * 5)

    fitted = fit(enough, PRIOR, FitRule())

    assert (fitted.method, fitted.customers) == (RiskMethod.MBG, 35)


def test_a_large_base_is_fitted_on_the_same_sample_every_time() -> None:
    rng = np.random.default_rng(0)
    x = rng.poisson(2, 500).astype(float)
    large = Histories(x, x * 20, np.full(500, 300.0))
    rule = FitRule(sample=100)

    assert fit(large, PRIOR, rule) == fit(large, PRIOR, rule)
    assert fit(large, PRIOR, rule).customers == 100
