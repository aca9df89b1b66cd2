"""Logistic regression on recency, frequency and money: what an analyst would fit first."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

STRENGTH = 1.0
"""C: the penalty is sum(beta^2) / (2 C n), as in the learned model."""


@dataclass(frozen=True, eq=False)
class RfmModel:
    """A fitted regression; `beta` holds the intercept, then recency, frequency, money."""

    beta: Vector
    mean: Vector
    sd: Vector

    def risk(self, inputs: Vector) -> Vector:
        """Give the probability of each row of `rfm`."""
        log_odds = self.beta[0] + (inputs - self.mean) / self.sd @ self.beta[1:]
        result: Vector = 1 / (1 + np.exp(-log_odds))
        return result


def rfm(features: pl.DataFrame) -> Vector:
    """Give ln(1 + days since the last purchase), ln(purchase days) and ln(1 + spend), a row each.

    Args:
        features: Of customers who bought.
    """
    spend = features["spend_cents"].cast(pl.Float64).clip(lower_bound=0) / 100
    columns = (
        np.log1p(features["days_since_order"].cast(pl.Float64).to_numpy()),
        np.log(features["order_days"].cast(pl.Float64).to_numpy()),
        np.log1p(spend.to_numpy()),
    )
    return np.column_stack(columns)


def fit_rfm(inputs: Vector, happened: Flags) -> RfmModel:
    """Fit the regression by penalised maximum likelihood.

    Args:
        inputs: Rows of `rfm`.
        happened: The outcome of each; both outcomes must occur.
    """
    mean, sd = inputs.mean(axis=0), inputs.std(axis=0)
    sd = np.where(sd > 0, sd, 1.0)
    design = np.column_stack([np.ones(len(inputs)), (inputs - mean) / sd])
    rate = happened.mean()

    def loss(beta: Vector) -> tuple[float, Vector]:
        log_odds = design @ beta
        slopes = np.concatenate([[0.0], beta[1:]]) / (STRENGTH * len(design))
        cost = np.mean(np.logaddexp(0, log_odds) - happened * log_odds)
        missed = 1 / (1 + np.exp(-log_odds)) - happened
        return float(cost + slopes @ beta / 2), missed @ design / len(design) + slopes

    start = np.array([np.log(rate / (1 - rate)), 0.0, 0.0, 0.0])
    return RfmModel(minimize(loss, start, jac=True, method="L-BFGS-B").x, mean, sd)
