"""MBG/NBD: who is still a customer, and how likely silence is, from the order log alone.

While customers stay, they buy at a rate drawn from Gamma(r, alpha); after every purchase, the
first included, they leave with a probability drawn from Beta(a, b).

Source: Batislam, Denizel, Filiztekin 2007; facts on scoring, section 4.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.domain.risk import RiskMethod

Vector = NDArray[np.float64]

STARTS = ((0.0, 0.0, 0.0, 0.0), (-0.5, 0.5, -0.5, 0.5))
BOUND = 8.0
"""Largest absolute logarithm of a parameter, time in tenths of the median T."""
STEEPEST = 700.0
"""Largest logarithm that still has a finite exponential."""


@dataclass(frozen=True, eq=False)
class Histories:
    """What the model reads of each buyer; three vectors of one length, time in one unit."""

    x: Vector
    """Repeat purchase days."""
    t: Vector
    """Time from the first to the last purchase; 0 without a repeat."""
    T: Vector
    """Time from the first purchase to as_of."""

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Fit:
    """The purchase model of a base, and where it comes from."""

    model: PurchaseModel
    method: RiskMethod
    """`mbg` when fitted, `mbg-prior` when the base is too small."""
    customers: int
    """Buyers it was fitted on; 0 for the prior."""


def fit(histories: Histories, prior: PurchaseModel, rule: FitRule) -> Fit:
    """Fit the model to a base, or take the prior where the base is too small.

    Args:
        histories: Of everyone who bought, time in days.
        prior: Parameters for small bases, time in days.
        rule: Smallest base, sample size and penalty.
    """
    repeats = histories.x > 0
    if (
        len(histories) < rule.min_customers
        or repeats.sum() < rule.min_repeat_buyers
        or histories.x.sum() < rule.min_repeats
    ):
        return Fit(prior, RiskMethod.MBG_PRIOR, 0)
    if len(histories) > rule.sample:
        chosen = np.random.default_rng(0).choice(len(histories), rule.sample, replace=False)
        histories = Histories(histories.x[chosen], histories.t[chosen], histories.T[chosen])
    model = maximise_likelihood(histories, penalty=rule.penalty)
    return Fit(model, RiskMethod.MBG, len(histories))


def maximise_likelihood(histories: Histories, *, penalty: float) -> PurchaseModel:
    """Find the parameters under which the histories are most likely.

    Args:
        histories: Of everyone who bought.
        penalty: L2 on the logarithms of the parameters; 0 gives the published values.

    Returns:
        Parameters in the time unit of the histories.
    """
    unit = float(np.median(histories.T)) / 10
    rows, counts = np.unique(
        np.column_stack([histories.x, histories.t / unit, histories.T / unit]),
        axis=0,
        return_counts=True,
    )
    distinct = Histories(rows[:, 0], rows[:, 1], rows[:, 2])
    share = counts / counts.sum()

    def loss(theta: Vector) -> tuple[float, Vector]:
        value, slope = _likelihood(np.exp(theta), distinct)
        cost = -(share @ value) + penalty / 4 * (theta @ theta)
        return float(cost), -(slope @ share) * np.exp(theta) + penalty / 2 * theta

    found = [
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * 4)
        for start in STARTS
    ]
    r, alpha, a, b = np.exp(min(found, key=lambda result: float(result.fun)).x).tolist()
    return PurchaseModel(r=r, alpha=alpha * unit, a=a, b=b)


def log_likelihood(model: PurchaseModel, histories: Histories) -> Vector:
    """Give the log-likelihood of each history."""
    return _likelihood(np.array([model.r, model.alpha, model.a, model.b]), histories)[0]


def _likelihood(parameters: Vector, histories: Histories) -> tuple[Vector, Vector]:
    """Give ln L of each history, and its slope in r, alpha, a and b (4 rows)."""
    r, alpha, a, b = parameters
    x, ln_age, ln_last = histories.x, np.log(alpha + histories.T), np.log(alpha + histories.t)
    stays = gammaln(b + x + 1) - (r + x) * ln_age
    left = np.log(a) + gammaln(b + x) - (r + x) * ln_last
    both = np.logaddexp(stays, left)
    common = gammaln(a + b) - gammaln(b) - gammaln(a + b + x + 1)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + common + both
    w = np.exp(stays - both)
    slope = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha) - w * ln_age - (1 - w) * ln_last,
            r / alpha - (r + x) * (w / (alpha + histories.T) + (1 - w) / (alpha + histories.t)),
            digamma(a + b) - digamma(a + b + x + 1) + (1 - w) / a,
            digamma(a + b)
            - digamma(b)
            - digamma(a + b + x + 1)
            + w * digamma(b + x + 1)
            + (1 - w) * digamma(b + x),
        ]
    )
    return value, slope


def alive(model: PurchaseModel, histories: Histories) -> Vector:
    """Give P(still a customer), in [0, 1]."""
    x, last, age = histories.x, histories.t, histories.T
    log_odds_gone = np.log(model.a / (model.b + x)) + (model.r + x) * np.log(
        (model.alpha + age) / (model.alpha + last)
    )
    gone = np.exp(np.clip(log_odds_gone, -STEEPEST, STEEPEST))
    result: Vector = 1 / (1 + gone)
    return result


def silent(model: PurchaseModel, histories: Histories, horizon: float) -> Vector:
    """Give P(no purchase within the horizon after as_of), in [0, 1]."""
    x, age = histories.x, histories.T
    none_if_alive = ((model.alpha + age) / (model.alpha + age + horizon)) ** (model.r + x)
    return 1 - alive(model, histories) * (1 - none_if_alive)


def rate(model: PurchaseModel, histories: Histories) -> Vector:
    """Give the expected purchase days per unit of time while still a customer."""
    return (model.r + histories.x) / (model.alpha + histories.T)
