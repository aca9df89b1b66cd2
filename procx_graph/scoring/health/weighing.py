"""Health: the ten sub-scores weighed up."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.health import Confidence, Factor
from procx_graph.domain.profile import ConfidenceRule, Missing, Profile
from procx_graph.scoring.vectors import vectors

Matrix = NDArray[np.float64]
Claims = NDArray[np.bool_]

UNKNOWN_HEALTH = 50.0
"""Health without any evidence; its coverage is 0 and its confidence low."""
NAMES = tuple(factor.value for factor in Factor)
_WEIGHT, _SHARE = "available weight", "share of a point"


@dataclass(frozen=True, eq=False)
class Health:
    """Healths of many customers; matrices have one column per factor, NaN is missing.

    Attributes:
        frame: A row per customer: by factor the sub-score in [0, 1], neutral values filled in
            where the profile keeps them, `known_<factor>` whether there is data for it, and
            `points_<factor>`, what it adds to health; `health`, the sum of the points, 0 to 100,
            50 without any evidence; `coverage`, the share of the weight that is known (neutral
            values are not knowledge).
    """

    frame: pl.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def score(self) -> Matrix:
        """Health of each."""
        return self.frame["health"].to_numpy()

    @cached_property
    def coverage(self) -> Matrix:
        """Coverage of each."""
        return self.frame["coverage"].to_numpy()

    @cached_property
    def sub_scores(self) -> Matrix:
        """All sub-scores."""
        return _matrix(self.frame, NAMES)

    @cached_property
    def known(self) -> Claims:
        """For which factors there is data."""
        return self.frame.select(f"known_{name}" for name in NAMES).to_numpy()

    def sub_score(self, factor: Factor) -> Matrix:
        """Give the sub-scores of one factor."""
        return vectors(self.frame, factor.value)[0]

    def part(self, rows: NDArray[np.int64]) -> "Health":
        """Give the healths at some places, in that order."""
        return Health(self.frame[rows])

    def contributions(self, profile: Profile, typical: Matrix) -> Matrix:
        """Give the points of each factor above those of a typical customer.

        A row adds up to the health minus the health of a customer with the same factors known
        and the typical sub-score in each. Missing factors contribute 0.

        Args:
            profile: What made the healths.
            typical: A sub-score per factor, such as the `medians` of a base.
        """
        gaps = [pl.col(name).is_null() for name in NAMES]
        usual = [
            pl.when(~gap).then(None if np.isnan(value) else value).cast(pl.Float64).alias(name)
            for name, gap, value in zip(NAMES, gaps, typical.tolist(), strict=True)
        ]
        points = _with_points(self.frame.lazy().select(usual), profile).collect()
        points = points.select(f"points_{name}" for name in NAMES)
        own = self.frame.select(f"points_{name}" for name in NAMES)
        return np.nan_to_num(_matrix(own, own.columns) - _matrix(points, points.columns))


def weighed(sub_scores: pl.LazyFrame, profile: Profile) -> pl.LazyFrame:
    """Weigh up sub-scores: give the frame of `Health` as a query.

    Sums run over the factors in their order, so that a row's never depends on the other rows.

    Args:
        sub_scores: One column per factor, in [0, 1], null is missing.
        profile: Weights, and what becomes of a missing factor.
    """
    filled = [
        pl.coalesce(pl.col(name).cast(pl.Float64), pl.lit(_neutral(name, profile), pl.Float64))
        for name in NAMES
    ]
    known = [pl.col(name).is_not_null().alias(f"known_{name}") for name in NAMES]
    covered = _weight_of([f"known_{name}" for name in NAMES], profile)
    points = [pl.col(f"points_{name}").fill_null(0.0) for name in NAMES]
    health = reduce(add, points).clip(0.0, 100.0)
    with_points = _with_points(sub_scores.select(*filled, *known), profile)
    return with_points.select(
        *NAMES,
        *(f"known_{name}" for name in NAMES),
        *(f"points_{name}" for name in NAMES),
        (covered / sum(profile.weights.values())).alias("coverage"),
        pl.when(pl.col(_WEIGHT) > 0).then(health).otherwise(UNKNOWN_HEALTH).alias("health"),
    )


def medians(healths: Sequence[pl.DataFrame]) -> Matrix:
    """Give the median sub-score of each factor over several frames of healths.

    NaN where nobody has it.
    """
    together = pl.concat([frame.select(NAMES) for frame in healths])
    middle: Matrix = _matrix(together.median(), NAMES)[0]
    return middle


def confidence(coverage: Matrix, order_days: Matrix, rule: ConfidenceRule) -> pl.Series:
    """Say how much evidence stands behind each score."""
    well_known = (coverage >= rule.high_coverage) & (order_days >= rule.high_order_days)
    half_known = coverage >= rule.medium_coverage
    rising = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
    names = pl.Series([level.value for level in rising])
    return names.gather(np.where(well_known, 2, half_known.astype(int))).alias("confidence")


def _with_points(sub_scores: pl.LazyFrame, profile: Profile) -> pl.LazyFrame:
    """Add 100 w s / (sum of the w that are available); null where a factor is not available.

    In steps, so that what all points share is computed once, with or without an optimiser.
    """
    there = {name: f"there_{name}" for name in NAMES}
    return (
        sub_scores.with_columns(
            pl.col(name).is_not_null().alias(is_) for name, is_ in there.items()
        )
        .with_columns(_weight_of(list(there.values()), profile).alias(_WEIGHT))
        .with_columns((100.0 / pl.col(_WEIGHT)).alias(_SHARE))
        .with_columns(
            (pl.col(_SHARE) * weight * pl.col(factor.value)).alias(f"points_{factor.value}")
            for factor, weight in profile.weights.items()
        )
    )


def _weight_of(claims: Sequence[str], profile: Profile) -> pl.Expr:
    """Add up the weights of the factors for which a column holds true."""
    weights = profile.weights.values()
    terms = [pl.col(claim).cast(pl.Float64) * w for claim, w in zip(claims, weights, strict=True)]
    return reduce(add, terms)


def _neutral(name: str, profile: Profile) -> float | None:
    """Give the neutral sub-score of a factor; None where a missing one stays missing."""
    rule = profile.factors[Factor(name)]
    if profile.missing is Missing.RENORMALISE:
        return None
    return (rule.neutral or 0) / rule.weight


def _matrix(frame: pl.DataFrame, names: Sequence[str]) -> Matrix:
    return np.column_stack(vectors(frame, *names))
