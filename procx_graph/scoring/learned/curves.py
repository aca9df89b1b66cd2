"""Evaluating what a saved model is made of, each customer alone.

Every sum is taken column after column, never as a matrix product, so that a customer's number is
the same to the bit whoever else is asked about.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from procx_graph.domain.learned import Boosted, Curve, Tree

Vector = NDArray[np.float64]


def bend(curve: Curve, values: Vector) -> Vector:
    """Give the log-odds of a curve; flat outside its ends, 0 where the value is missing."""
    if not curve.pieces:
        return np.zeros(len(values))
    known = ~np.isnan(values)
    ends = curve.knots[0], curve.knots[-1]
    within = np.clip(np.where(known, values, ends[0]), *ends)
    piece = np.searchsorted(np.array(curve.knots[1:-1]), within, side="right")
    u = within - np.array(curve.knots)[piece]
    constant, first, second, third = (column[piece] for column in np.array(curve.pieces).T.copy())
    return np.where(known, ((third * u + second) * u + first) * u + constant, 0.0)


def boost(boosted: Boosted, columns: Sequence[Vector]) -> Vector:
    """Give the log-odds that trees add up to.

    Args:
        boosted: The trees.
        columns: Standardised inputs, NaN is missing.
    """
    missing = [np.isnan(column) for column in columns]
    total = np.full(len(columns[0]), boosted.start)
    for tree in boosted.trees:
        total = total + _leaf(tree, columns, missing)
    return total


def calibrate(points: Sequence[tuple[float, float]], log_odds: Vector) -> Vector:
    """Give calibrated log-odds: straight lines between the points, shifted alike outside."""
    if not points:
        return log_odds
    x, y = (np.array(side) for side in zip(*points, strict=True))
    left = np.searchsorted(x[1:-1], log_odds, side="right")
    slope = (y[left + 1] - y[left]) / (x[left + 1] - x[left])
    within = np.clip(log_odds, x[0], x[-1])
    result: Vector = y[left] + slope * (within - x[left]) + (log_odds - within)
    return result


def _leaf(
    tree: Tree, columns: Sequence[Vector], missing: Sequence[NDArray[np.bool_]]
) -> Vector | float:
    """Give the value of everybody's leaf, from the leaves upwards."""
    found: list[Vector | float] = list(tree.value)
    for node in reversed(range(len(tree.feature))):
        asked = tree.feature[node]
        if asked < 0:
            continue
        goes_left = columns[asked] <= tree.threshold[node]
        if tree.missing_left[node]:
            goes_left |= missing[asked]
        found[node] = np.where(goes_left, found[tree.left[node]], found[tree.right[node]])
    return found[0]
