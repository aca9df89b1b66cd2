"""The churn risk that a saved model gives, and what each input adds to it.

Element by element: a customer's numbers are the same to the bit alone and among a million.

Source: facts on scoring, sections 4.6.3, 4.8 and 4.10.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.learned import LearnedModel, ModelKind
from procx_graph.scoring.learned.curves import bend, boost, calibrate
from procx_graph.scoring.learned.inputs import inputs, standardised
from procx_graph.scoring.risk.odds import expit

Vector = NDArray[np.float64]
Terms = dict[str, Vector]

LIMIT = 13.0
"""Log-odds never lie beyond this, so that a probability can be turned back into them."""
TENTH = 1.2815515655446004
"""Standard deviations from the middle of a normal distribution to its outer tenth."""
INTERACTION, CALIBRATION = "interaction", "calibration"
"""Terms that are no input: what trees see beyond the curves, and what calibration adds."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Learned churn risks of some customers.

    Attributes:
        probability: Of leaving within the model's horizon.
        baseline: Probability that the terms start from: of a customer at the means of training.
        terms: By name, log-odds; they add up to those of the probability minus those of the
            baseline, within 1e-9. A missing input adds 0. Of boosted trees they are approximate:
            an additive model's, and the rest as `interaction`.
        low: Lower end of the 80 % interval (Laplace); None unless the model is logistic.
        high: Its upper end.
    """

    probability: Vector
    baseline: float
    terms: Terms
    low: Vector | None
    high: Vector | None


def predict(
    model: LearnedModel, features: pl.DataFrame, sub_scores: NDArray[np.float64]
) -> Prediction:
    """Give the learned risk of every customer, with its terms.

    Args:
        model: As saved.
        features: Raw features, with what the purchase model expects.
        sub_scores: One column per factor, NaN is missing.

    Raises:
        ConfigError: The model reads an input that does not exist.
    """
    columns = standardised(model, inputs(features, sub_scores))
    terms, raw = log_odds(model, columns)
    calibrated = calibrate(model.calibration, raw)
    if model.calibration:
        terms[CALIBRATION] = calibrated - raw
    total = np.clip(calibrated, -LIMIT, LIMIT)
    terms = _within_limit(terms, calibrated - model.intercept, total - model.intercept)
    low, high = _interval(model, columns, raw)
    return Prediction(expit(total), float(expit(model.intercept)), terms, low, high)


def log_odds(model: LearnedModel, columns: Sequence[Vector]) -> tuple[Terms, Vector]:
    """Give the terms and their sum with the intercept, before calibration.

    Args:
        model: As saved.
        columns: Standardised inputs in the order of the model's features, NaN is missing.
    """
    terms: Terms = {}
    total = np.full(len(columns[0]), model.intercept)
    for place, (feature, column) in enumerate(zip(model.features, columns, strict=True)):
        if model.curves:
            added = bend(model.curves[place], column)
        else:
            added = np.where(np.isnan(column), 0.0, feature.beta * column)
        terms[feature.name], total = added, total + added
    if model.boosted is None:
        return terms, total
    grown = boost(model.boosted, columns)
    return terms | {INTERACTION: grown - total}, grown


def _within_limit(terms: Terms, wanted: Vector, allowed: Vector) -> Terms:
    """Shorten the terms of a customer in proportion where their sum went beyond the limit."""
    if np.array_equal(wanted, allowed):
        return terms
    share = np.where(wanted == allowed, 1.0, allowed / np.where(wanted == 0, 1.0, wanted))
    return {name: term * share for name, term in terms.items()}


def _interval(
    model: LearnedModel, columns: Sequence[Vector], raw: Vector
) -> tuple[Vector | None, Vector | None]:
    """Give both ends of the 80 % interval, from the covariance of the parameters."""
    if model.kind is not ModelKind.LOGISTIC or not model.covariance:
        return None, None
    known = [np.ones(len(raw)), *(np.where(np.isnan(c), 0.0, c) for c in columns)]
    variance = np.zeros(len(raw))
    for row, left in enumerate(known):
        half = np.full(len(raw), model.covariance[row][row] / 2) * left
        for place in range(row):
            if model.covariance[row][place]:
                half = half + model.covariance[row][place] * known[place]
        variance = variance + 2 * half * left
    width = TENTH * np.sqrt(np.maximum(variance, 0.0))
    ends = (calibrate(model.calibration, raw + side * width) for side in (-1, 1))
    low, high = (expit(np.clip(end, -LIMIT, LIMIT)) for end in ends)
    return low, high
