"""An additive model: a smooth curve per input, monotone where the input has a sign.

Cubic splines over six quantile knots, flat outside them. A spline whose coefficients rise rises
itself, so the steps between its coefficients are fitted, held to the sign of the input.

Source: facts on scoring, section 4.6.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, PPoly

from procx_graph.domain.learned import Curve
from procx_graph.scoring.learned.logistic import fit_line

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

KNOTS = 6
DEGREE = 3
PRECISION = 1e-10
"""Of the loss: the steps of a spline are nearly alike, and further digits change no risk."""


@dataclass(frozen=True, eq=False)
class _Basis:
    """The steps of one input's spline: each is 0 at the left end and 1 at the right."""

    knots: Vector
    rows: Matrix
    """One column per step, without its mean; 0 where the input is missing."""
    means: Vector


def fit_curves(
    columns: Sequence[Vector], happened: Flags, signs: Sequence[int]
) -> tuple[float, tuple[Curve, ...]]:
    """Fit an intercept and a curve per input.

    Args:
        columns: Standardised inputs, NaN is missing.
        happened: What came of each row.
        signs: Per input: -1 holds its curve to falling, 1 to rising, 0 leaves it free.
    """
    bases = [_basis(column) for column in columns]
    widths = [basis.rows.shape[1] for basis in bases]
    rows = np.column_stack([basis.rows for basis in bases])
    line = fit_line(rows, happened, np.repeat(signs, widths).tolist(), precision=PRECISION)
    steps = np.split(line.slopes, np.cumsum(widths)[:-1])
    return line.intercept, tuple(_curve(b, s) for b, s in zip(bases, steps, strict=True))


def spline_curve(knots: Vector, coefficients: Vector) -> Curve:
    """Write a cubic spline as pieces.

    Args:
        knots: Between which it bends, rising; beyond them it is flat.
        coefficients: One per basis spline, two more than knots.
    """
    pieces = PPoly.from_spline((_extended(knots), coefficients, DEGREE))
    inner = pieces.c[::-1, DEGREE : DEGREE + len(knots) - 1].T
    return Curve(knots=tuple(knots.tolist()), pieces=tuple(tuple(row) for row in inner.tolist()))


def _basis(column: Vector) -> _Basis:
    known = ~np.isnan(column)
    values = column[known]
    knots = np.unique(np.quantile(values, np.linspace(0, 1, KNOTS))) if len(values) else values
    if len(knots) < 2:
        return _Basis(knots, np.zeros((len(column), 0)), np.zeros(0))
    splines = BSpline.design_matrix(values, _extended(knots), DEGREE).toarray()
    steps = splines[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    rows = np.zeros((len(column), steps.shape[1]))
    rows[known] = steps - steps.mean(axis=0)
    return _Basis(knots, rows, steps.mean(axis=0))


def _curve(basis: _Basis, steps: Vector) -> Curve:
    if not len(steps):
        return Curve()
    coefficients = np.r_[0.0, steps.cumsum()] - steps @ basis.means
    return spline_curve(basis.knots, coefficients)


def _extended(knots: Vector) -> Vector:
    """Add three knots at either side, as far apart as the outermost two there."""
    beyond = np.arange(1, DEGREE + 1)
    left = knots[0] - beyond[::-1] * (knots[1] - knots[0])
    right = knots[-1] + beyond * (knots[-1] - knots[-2])
    extended: Vector = np.r_[left, knots, right]
    return extended
