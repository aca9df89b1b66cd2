"""BG/NBD by maximum likelihood, to compare with: nobody leaves before a second purchase.

Source: Fader, Hardie, Lee 2005, Marketing Science 24; facts on scoring, section 4.5.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

Vector = NDArray[np.float64]


def fit(x: Vector, t: Vector, T: Vector, *, penalty: float = 1e-3) -> Vector:  # noqa: N803 - its name
    """Give r, alpha, a and b; x are repeat purchases, t the last and T the age, in one unit."""
    unit = float(np.median(T)) / 10
    rows, counts = np.unique(np.column_stack([x, t / unit, T / unit]), axis=0, return_counts=True)
    share = counts / counts.sum()

    def loss(theta: Vector) -> float:
        likelihood = log_likelihood(np.exp(theta), *rows.T)
        return float(-(share @ likelihood) + penalty / 4 * (theta @ theta))

    found = best(loss)
    return np.array([found[0], found[1] * unit, found[2], found[3]])


def best(loss: Callable[[Vector], float]) -> Vector:
    starts = ((0.0, 0.0, 0.0, 0.0), (-0.5, 0.5, -0.5, 0.5))
    tried = [minimize(loss, s, method="L-BFGS-B", bounds=[(-8, 8)] * 4) for s in starts]
    found: Vector = np.exp(min(tried, key=lambda result: float(result.fun)).x)
    return found


def log_likelihood(parameters: Vector, x: Vector, t: Vector, T: Vector) -> Vector:  # noqa: N803
    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    stays = betaln(a, b + x) - (r + x) * np.log(alpha + T)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t)
    both: Vector = common + np.logaddexp(stays, np.where(x > 0, left, -np.inf))
    return both


def silent(parameters: Vector, x: Vector, t: Vector, T: Vector, horizon: float) -> Vector:  # noqa: N803
    """Give P(no purchase within the horizon after T)."""
    r, alpha, a, b = parameters
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t)) ** (r + x)
    alive = 1 / (1 + np.where(x > 0, odds, 0.0))
    none: Vector = 1 - alive * (1 - ((alpha + T) / (alpha + T + horizon)) ** (r + x))
    return none
