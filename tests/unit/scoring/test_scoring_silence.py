import numpy as np
import pandas as pd
import polars as pl
import pytest

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.silence.fit import Fit, fit, log_likelihood, maximise_likelihood
from procx_graph.scoring.silence.mbg import Histories, prospects
from procx_graph.scoring.silence.purchases import expectations, fit_purchases
from tests.cdnow import LOG, read_orders
from tests.unit.scoring.crowds import BUSY, USUAL, draw_buyers

CDNOW_SAMPLE = LOG.parent / "cdnow_customers_summary.csv"
PUBLISHED = PurchaseModel(r=0.525, alpha=6.183, a=0.891, b=1.614)
PRIOR = PurchaseModel(r=0.8, alpha=58, a=0.4, b=1.6)


def histories(*rows: tuple[float, float, float]) -> Histories:
    x, t, age = np.array(rows, dtype=float).T
    return Histories(x=x, t=t, T=age)


def numbers(model: PurchaseModel) -> list[float]:
    return [model.r, model.alpha, model.a, model.b]


@pytest.mark.skipif(not CDNOW_SAMPLE.exists(), reason="the CDNOW data is not here")
def test_the_fit_finds_the_published_parameters_of_the_cdnow_sample() -> None:
    data = pd.read_csv(CDNOW_SAMPLE)
    sample = Histories(*(data[name].to_numpy(float) for name in ("frequency", "recency", "T")))

    model = maximise_likelihood(sample, penalty=0).model

    assert numbers(model) == pytest.approx([0.5248, 6.1830, 0.8914, 1.6142], abs=3e-4)
    assert log_likelihood(model, sample).sum() == pytest.approx(-9582.13, abs=0.005)


@pytest.mark.skipif(not LOG.exists(), reason="the CDNOW log is not here")
def test_the_fit_finds_the_published_parameters_of_all_of_cdnow() -> None:
    orders, end = read_orders(), pd.Timestamp("1997-09-30")
    days = orders[orders["order_date"] <= end].groupby("customer_id")["order_date"]
    first, last = days.min(), days.max()
    t, age = (gap.dt.days.to_numpy(float) / 7 for gap in (last - first, end - first))
    repeats = days.nunique().to_numpy().astype(float) - 1
    master = Histories(repeats, t, age)

    model = maximise_likelihood(master, penalty=0).model

    assert numbers(model) == pytest.approx([0.6371, 7.3103, 0.8075, 1.2285], abs=3e-4)
    assert log_likelihood(model, master).sum() == pytest.approx(-95337.0, abs=0.05)


def test_known_histories_have_known_likelihoods() -> None:
    known = histories(
        (0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (6, 26, 30), (10, 38, 38.86),
        (10, 20, 38.86),
    )  # fmt: skip

    assert log_likelihood(PUBLISHED, known) == pytest.approx(
        [-0.539837, -4.460361, -9.485551, -18.566403, -27.411212, -24.316485], abs=1e-5
    )


def test_no_parameters_nearby_are_likelier_than_those_found() -> None:
    crowd = draw_buyers(3_000)
    found = maximise_likelihood(crowd, penalty=0).model
    best = log_likelihood(found, crowd).sum()

    for name in ("r", "alpha", "a", "b"):
        for factor in (0.99, 1.01):
            other = found.model_copy(update={name: getattr(found, name) * factor})
            assert log_likelihood(other, crowd).sum() < best


@pytest.mark.parametrize("truth", [USUAL, BUSY], ids=["usual", "busy"])
def test_the_fit_finds_the_parameters_that_made_the_base(truth: PurchaseModel) -> None:
    found = maximise_likelihood(draw_buyers(40_000, truth), penalty=0).model

    assert numbers(found) == pytest.approx(numbers(truth), rel=0.12)


def test_a_grid_hardly_moves_the_fit() -> None:
    crowd = draw_buyers(40_000)
    exact = maximise_likelihood(crowd, penalty=0.001).model

    coarse = maximise_likelihood(crowd, penalty=0.001, cells=20_000).model

    risks = [prospects(model, crowd, 90.0).silent for model in (exact, coarse)]
    assert numbers(coarse) == pytest.approx(numbers(exact), rel=0.005)
    assert np.abs(risks[0] - risks[1]).max() < 0.001


def test_the_order_of_the_customers_does_not_move_the_fit_by_a_bit() -> None:
    crowd = draw_buyers(5_000)
    turned = Histories(crowd.x[::-1], crowd.t[::-1], crowd.T[::-1])

    assert fit(crowd, PRIOR, FitRule()) == fit(turned, PRIOR, FitRule())


def test_everybody_is_fitted_on() -> None:
    assert fit(draw_buyers(30_000), PRIOR, FitRule(cells=2_000)).customers == 30_000


def test_a_base_of_a_few_customers_uses_the_prior_and_says_so() -> None:
    few = histories(*[(3, 60, 90)] * 29)

    fitted = fit(few, PRIOR, FitRule())

    assert fitted == Fit(PRIOR, RiskMethod.MBG_PRIOR, 0, "29 buyers, a fit needs 30")


def test_a_base_with_few_repeat_buyers_uses_the_prior_and_says_so() -> None:
    mostly_once = histories(*[(0, 0, 90)] * 100, *[(5, 60, 90)] * 14)

    fitted = fit(mostly_once, PRIOR, FitRule())

    assert fitted.method is RiskMethod.MBG_PRIOR
    assert fitted.reason == "14 repeat buyers, a fit needs 15"


def test_a_base_with_few_repeats_uses_the_prior_and_says_so() -> None:
    barely = histories(*[(0, 0, 90)] * 100, *[(1, 60, 90)] * 29)

    assert fit(barely, PRIOR, FitRule()).reason == "29 repeat purchase days, a fit needs 30"


def test_a_base_with_enough_repeats_is_fitted() -> None:
    enough = histories(*[(0, 0, 90)] * 20, *[(2, 60, 90)] * 10, *[(4, 80, 90)] * 5)

    fitted = fit(enough, PRIOR, FitRule())

    assert (fitted.method, fitted.customers, fitted.reason) == (RiskMethod.MBG, 35, None)


def test_parameters_at_the_end_of_their_range_are_no_fit() -> None:
    every_day = histories(*[(364, 364, 364)] * 100)

    fitted = fit(every_day, PRIOR, FitRule())

    assert (fitted.method, fitted.model, fitted.customers) == (RiskMethod.MBG_PRIOR, PRIOR, 0)
    assert fitted.reason is not None
    assert "end of its range" in fitted.reason


@pytest.mark.parametrize("penalty", [0.001, 0.0])
@pytest.mark.parametrize(
    "odd",
    [
        histories(*[(3, 60, 90)] * 100),
        histories(*[(1, 1, 1)] * 50, *[(0, 0, 1)] * 50),
        histories(*[(0, 0, days) for days in range(1, 300)]),
        histories(*[(days, days, days) for days in range(1, 200)]),
        histories(*[(1e6, 1e6, 1e6)] * 40, *[(1e5, 1e5, 1e6)] * 40),
        histories(*[(2, 3, 2000)] * 100),
        histories(*[(1, 1, 1)] * 40, *[(500, 500, 30_000)] * 40),
        histories((5, 60, 90)),
        histories(*[(2, 0, 0)] * 100),
    ],
    ids=[
        "identical", "a day old", "nobody repeated", "every day", "huge counts", "all gone",
        "two crowds", "one customer", "no time at all",
    ],
)  # fmt: skip
def test_odd_bases_have_finite_expectations(odd: Histories, penalty: float) -> None:
    fitted = fit(odd, PRIOR, FitRule(penalty=penalty))

    found = prospects(fitted.model, odd, 90.0)

    assert np.isfinite(numbers(fitted.model)).all()
    for column in (found.alive, found.silent, found.silent_fresh, found.ln_rate):
        assert np.isfinite(column).all()


def test_the_shipped_prior_is_the_geometric_mean_of_the_published_fits() -> None:
    logs = {
        "CDNOW": [(0.608, 56.32, 0.649, 1.185), (0.641, 63.77, 0.522, 0.971)],
        "Online Retail II": [(0.73, 68, 0.16, 3.2), (0.76, 71, 0.22, 6.8)],
        "grocery": [(1.28, 44, 0.36, 0.71), (1.32, 48, 0.40, 0.79)],
    }
    of_each_log = [np.log(np.array(ends)).mean(axis=0) for ends in logs.values()]

    means = np.exp(np.mean(of_each_log, axis=0))

    assert numbers(load_profile().risk.prior) == pytest.approx(means, rel=0.035)


def test_whoever_never_bought_is_not_expected_anything() -> None:
    features = pl.DataFrame(
        {
            "order_days": [3, 0, None],
            "days_since_first_order": [90, None, None],
            "days_since_order": [30, None, None],
        }
    )
    fitted = fit_purchases(features, load_profile().risk)

    expected = expectations(features, fitted, 90)

    assert fitted is not None
    assert fitted.method is RiskMethod.MBG_PRIOR
    assert expected.select(pl.all().is_null().sum()).row(0) == (2, 2, 2, 2)


def test_without_a_purchase_there_is_no_model() -> None:
    features = pl.DataFrame(
        {name: [None, None] for name in ("order_days", "days_since_first_order")}
        | {"days_since_order": [None, None]},
        schema_overrides=dict.fromkeys(
            ("order_days", "days_since_first_order", "days_since_order"), pl.Int64
        ),
    )

    assert fit_purchases(features, load_profile().risk) is None
    assert expectations(features, None, 90)["p_silent"].null_count() == 2


def test_a_known_model_is_taken_as_it_is() -> None:
    features = pl.DataFrame(
        {"order_days": [3], "days_since_first_order": [90], "days_since_order": [30]}
    )

    fitted = fit_purchases(features, load_profile().risk, known=PRIOR)

    assert fitted == Fit(PRIOR, RiskMethod.MBG, 0)
