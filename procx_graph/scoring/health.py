"""Health: the ten sub-scores weighed up."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.health import Confidence, Factor
from procx_graph.domain.profile import ConfidenceRule, Missing, Profile

Matrix = NDArray[np.float64]

UNKNOWN_HEALTH = 50.0
"""Health without any evidence; its coverage is 0 and its confidence low."""


@dataclass(frozen=True, eq=False)
class Health:
    """Healths of many customers; matrices have one column per factor, NaN is missing.

    Attributes:
        known: Whether there is data for a factor.
        sub_scores: In [0, 1], neutral values filled in where the profile keeps them.
        points: What each factor adds to health.
        score: Sum of the points, 0 to 100; 50 without any evidence.
        coverage: Share of the weight that is known; neutral values are not knowledge.
        median: Median sub-score of each factor over the base, one row.
    """

    known: NDArray[np.bool_]
    sub_scores: Matrix
    points: Matrix
    score: Matrix
    coverage: Matrix
    median: Matrix

    def contributions(self, profile: Profile, rows: NDArray[np.int64]) -> Matrix:
        """Give the points of each factor above those of the base's median sub-score.

        A row adds up to the health minus the health of a customer with the same factors known
        and a median sub-score in each. Missing factors contribute 0.
        """
        typical = _points(self.median, self.sub_scores[rows], profile)
        return np.nan_to_num(self.points[rows] - typical)


def weigh(sub_scores: pl.DataFrame, profile: Profile) -> Health:
    """Weigh up sub-scores.

    Args:
        sub_scores: One column per factor, in [0, 1], null is missing.
        profile: Weights, and what becomes of a missing factor.
    """
    columns = [sub_scores[factor.value].cast(pl.Float64) for factor in Factor]
    filled = np.column_stack([column.fill_null(np.nan).to_numpy() for column in columns])
    weights = _weights(profile)
    known = ~np.isnan(filled)
    coverage = (weights * known).sum(axis=1) / weights.sum()
    if profile.missing is Missing.NEUTRAL:
        filled = np.where(known, filled, _neutral(profile))
    points = _points(filled, filled, profile)
    score = np.nansum(points, axis=1).clip(0, 100)
    score = np.where(np.isnan(filled).all(axis=1), UNKNOWN_HEALTH, score)
    return Health(known, filled, points, score, coverage, _medians(filled))


def confidence(coverage: Matrix, order_days: Matrix, rule: ConfidenceRule) -> pl.Series:
    """Say how much evidence stands behind each score."""
    well_known = (coverage >= rule.high_coverage) & (order_days >= rule.high_order_days)
    half_known = coverage >= rule.medium_coverage
    names = np.select(
        [well_known, half_known],
        [Confidence.HIGH.value, Confidence.MEDIUM.value],
        Confidence.LOW.value,
    )
    return pl.Series("confidence", names, dtype=pl.String)


def _points(values: Matrix, available: Matrix, profile: Profile) -> Matrix:
    """Give 100 w s / (sum of the w that are available); NaN where a factor is not available."""
    weights = _weights(profile)
    present = ~np.isnan(available)
    total = (weights * present).sum(axis=1, keepdims=True)
    shares = 100 * weights / np.where(total > 0, total, 1)
    return np.where(present, shares * values, np.nan)


def _medians(values: Matrix) -> Matrix:
    """Give the median of each column without its gaps; NaN where there is nothing else."""
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if len(column) else np.nan for column in columns])


def _weights(profile: Profile) -> Matrix:
    return np.array(list(profile.weights.values()))


def _neutral(profile: Profile) -> Matrix:
    rules = [profile.factors[factor] for factor in Factor]
    return np.array([(rule.neutral or 0) / rule.weight for rule in rules])
