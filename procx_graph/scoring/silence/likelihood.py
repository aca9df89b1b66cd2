"""The likelihood of MBG/NBD over cells of equal histories, and the search for its maximum.

Source: Batislam, Denizel, Filiztekin 2007; facts on scoring, section 4.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.scoring.silence.collapse import Cells, coarsen, collapse
from procx_graph.scoring.silence.mbg import BLOCK, Histories, Vector

STARTS = ((0.0, 0.0, 0.0, 0.0), (-0.5, 0.5, -0.5, 0.5))
FEW = 4_000
"""Cells on which the search can start at once."""
ROUGH = 1
"""Level of the grid on which it starts where there are more; it ends on all of them."""
BOUND = 8.0
"""Largest absolute logarithm of a parameter, time in tenths of the median T."""
STEP = 1e-4
"""Difference of logarithms from which the curvature is taken."""
FLATTEST = 1e-3
"""Least curvature that is believed; below it the likelihood says nothing."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the likelihood is largest."""

    model: PurchaseModel
    """Parameters in the time unit of the histories."""
    at_bound: bool
    """A parameter would have gone on beyond what the search allows: the data do not tell it."""


def log_likelihood(model: PurchaseModel, histories: Histories) -> Vector:
    """Give the log-likelihood of each history."""
    x, r, alpha, a, b = histories.x, model.r, model.alpha, model.a, model.b
    stays = np.log(b + x) - (r + x) * np.log(alpha + histories.T)
    left = np.log(a) - (r + x) * np.log(alpha + histories.t)
    value: Vector = _of_count(np.array([r, alpha, a, b]), x)[0] + np.logaddexp(stays, left)
    return value


def maximise_likelihood(
    histories: Histories, *, penalty: float, cells: int = FitRule().cells
) -> Maximum:
    """Find the parameters under which the histories are most likely.

    Two starts go down on a coarse grid where there are many cells; the better one settles on all.

    Args:
        histories: Of everyone who bought.
        penalty: L2 on the logarithms of the parameters; 0 gives the published values.
        cells: Most cells of like histories to tell apart.
    """
    every = collapse(histories, cells)
    rough = coarsen(every, ROUGH) if len(every) > FEW else every
    unit = _median(every.histories.T, every.counts) / 10 or 1.0
    loss = _Loss(rough, unit, penalty)
    found = [
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * 4)
        for start in STARTS
    ]
    theta = min(found, key=lambda result: float(result.fun)).x
    if np.abs(theta).max() < BOUND:
        theta = _settle(_Loss(every, unit, penalty), theta, _curvature(loss, theta))
    at_bound = bool(np.abs(theta).max() >= BOUND)
    r, alpha, a, b = np.exp(theta.clip(-BOUND, BOUND)).tolist()
    return Maximum(PurchaseModel(r=r, alpha=alpha * unit, a=a, b=b), at_bound)


def _curvature(loss: "_Loss", theta: Vector) -> Matrix:
    """Give the second derivatives of a loss, from differences of its slope."""
    steps = np.eye(4) * STEP
    rows = np.array([loss(theta + step)[1] - loss(theta - step)[1] for step in steps]) / (2 * STEP)
    return (rows + rows.T) / 2


def _settle(loss: "_Loss", theta: Vector, curvature: Matrix) -> Vector:
    """Go from near the minimum of a loss to it, in a few steps because its curvature is known."""
    sizes, axes = np.linalg.eigh(curvature)
    inverse = (axes / np.maximum(sizes, FLATTEST)) @ axes.T
    start = (inverse + inverse.T) / 2
    found = minimize(
        loss, theta, jac=True, method="BFGS", options={"gtol": 1e-7, "hess_inv0": start}
    )
    result: Vector = found.x
    return result


class _Loss:
    """Mean of -ln L plus the penalty, with its slope, as a function of the logarithms.

    Sums are numpy's own, not BLAS's, whose last bits depend on the number of threads.
    """

    def __init__(self, cells: Cells, unit: float, penalty: float) -> None:
        x, share = cells.histories.x, cells.counts / cells.counts.sum()
        self.x, place = np.unique(x, return_inverse=True)
        self.share_of_x = np.bincount(place, weights=share)
        scaled = np.array([x, cells.histories.t / unit, cells.histories.T / unit, share])
        self.blocks = [scaled[:, i : i + BLOCK] for i in range(0, len(cells), BLOCK)]
        self.penalty = penalty

    def __call__(self, theta: Vector) -> tuple[float, Vector]:
        parameters = np.exp(theta)
        value, slope = _of_count(parameters, self.x)
        mean = np.array([(self.share_of_x * part).sum() for part in (value, *slope)])
        mean += sum(_of_times(parameters, block) for block in self.blocks)
        cost = -mean[0] + self.penalty / 4 * (theta * theta).sum()
        return float(cost), -mean[1:] * parameters + self.penalty / 2 * theta


def _of_times(parameters: Vector, block: Vector) -> Vector:
    """Give what the logarithm of the bracket of L adds to the mean, and to its four slopes.

    Args:
        parameters: r, alpha, a and b.
        block: Rows x, t, T and the share of customers, a column per cell.
    """
    r, alpha, a, b = parameters
    x, last, age, share = block[0], alpha + block[1], alpha + block[2], block[3]
    power, ln_age, ln_last = r + x, np.log(age), np.log(last)
    stays = np.log(b + x) - power * ln_age
    lead = np.log(a) - power * ln_last - stays
    less = np.exp(-np.abs(lead))
    here = np.where(lead > 0, less, 1.0) / (1 + less)
    gone = 1 - here
    parts = (
        stays + np.maximum(lead, 0) + np.log1p(less),
        -here * ln_age - gone * ln_last,
        -power * (here / age + gone / last),
        gone / a,
        here / (b + x),
    )
    return np.array([(share * part).sum() for part in parts])


def _of_count(parameters: Vector, x: Vector) -> tuple[Vector, Vector]:
    """Give the factors of ln L that only the count enters, and their slopes (4 rows)."""
    r, alpha, a, b = parameters
    value = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x + 1)
    )  # fmt: skip
    gone = digamma(a + b) - digamma(a + b + x + 1)
    slope = np.array(
        [
            digamma(r + x) - digamma(r) + np.log(alpha),
            np.full_like(x, r / alpha),
            gone,
            gone + digamma(b + x) - digamma(b),
        ]
    )
    return value, slope


def _median(values: Vector, counts: Vector) -> float:
    """Give the median of values that stand for several customers each."""
    order = np.argsort(values)
    reached = np.cumsum(counts[order])
    middle = [(reached[-1] - 1) // 2, reached[-1] // 2]
    return float(values[order][np.searchsorted(reached, middle, side="right")].mean())
