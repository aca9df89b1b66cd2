"""Logistic regression whose slopes keep to their signs.

Minimises the mean log-loss + sum(beta^2) / (2 C n), C = 1, the intercept free.

Source: facts on scoring, section 4.6.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from procx_graph.scoring.risk.odds import expit

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

C = 1.0
"""Strength of the slopes against the penalty."""
STEEPEST = 10.0
"""Largest absolute intercept."""
AT_BOUND = 1e-8
"""A signed slope nearer to 0 lies on its bound and is certain."""


@dataclass(frozen=True, eq=False)
class Line:
    """Fitted parameters.

    Attributes:
        intercept: Log-odds of a row of zeros.
        slopes: Log-odds per unit of each column.
    """

    intercept: float
    slopes: Vector

    def log_odds(self, rows: Matrix) -> Vector:
        """Give the log-odds of rows without gaps."""
        # einsum: the threads of a BLAS cost more than they give here, and change the last bits
        result: Vector = self.intercept + np.einsum("ij,j->i", rows, self.slopes)
        return result


def fit_line(
    rows: Matrix, happened: Flags, signs: Sequence[int], *, precision: float = 1e-13
) -> Line:
    """Fit slopes and intercept.

    Args:
        rows: A column per input, standardised, without gaps.
        happened: What came of each row.
        signs: Per column: -1 holds the slope to 0 and below, 1 to 0 and above, 0 leaves it free.
        precision: Relative gain in the loss below which the search ends.
    """
    size, y = len(rows), happened.astype(float)

    def loss(theta: Vector) -> tuple[float, Vector]:
        slopes = theta[1:]
        log_odds = Line(float(theta[0]), slopes).log_odds(rows)
        cost = (np.logaddexp(0.0, log_odds) - y * log_odds).mean()
        off = (expit(log_odds) - y) / size
        slope = np.einsum("i,ij->j", off, rows) + slopes / (C * size)
        return float(cost + (slopes**2).sum() / (2 * C * size)), np.r_[off.sum(), slope]

    share = np.clip(y.mean(), 1 / (size + 2), 1 - 1 / (size + 2))
    start = np.r_[np.log(share / (1 - share)), np.zeros(rows.shape[1])]
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-STEEPEST, STEEPEST), *(_bounds(sign) for sign in signs)],
        options={"maxiter": 2_000, "maxfun": 4_000, "ftol": precision, "gtol": 1e-9},
    )
    return Line(float(found.x[0]), found.x[1:] + 0.0)


def covariance(rows: Matrix, line: Line, signs: Sequence[int]) -> Matrix:
    """Give the covariance of the intercept and the slopes, by Laplace.

    It inverts the curvature of the penalised likelihood where the parameters are free; slopes on
    their bound are taken for certain.
    """
    share = expit(line.log_odds(rows))
    design = np.column_stack([np.ones(len(rows)), rows])
    curvature = design.T @ (design * (share * (1 - share))[:, None])
    curvature[1:, 1:] += np.eye(len(line.slopes)) / C
    bound = (np.asarray(signs) != 0) & (np.abs(line.slopes) < AT_BOUND)
    free = np.flatnonzero(np.r_[True, ~bound])
    result = np.zeros_like(curvature)
    result[np.ix_(free, free)] = np.linalg.inv(curvature[np.ix_(free, free)])
    return (result + result.T) / 2


def _bounds(sign: int) -> tuple[float | None, float | None]:
    return (None if sign <= 0 else 0.0, None if sign >= 0 else 0.0)
