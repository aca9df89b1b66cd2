"""The averages of a base that a customer's risk is compared with."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.scoring.risk.odds import inside
from procx_graph.scoring.vectors import Vector

UNDECIDED = 0.5
"""Mean risk of nobody."""


@dataclass(frozen=True)
class Norms:
    """Averages over a base.

    Attributes:
        buyers: Mean P(silent) of those who ever bought; stands in for those who never did.
        mean: Mean churn risk of the active; of everybody where nobody is.
    """

    buyers: float
    mean: float


def mean_silence(p_silent: pl.Series) -> float:
    """Give the mean P(silent) of those who ever bought; .5 where nobody did."""
    bought = inside(p_silent.drop_nulls().to_numpy())
    return float(bought.mean()) if len(bought) else UNDECIDED


def mean_risk(probability: Vector, active: NDArray[np.bool_]) -> float:
    """Give the mean over the active, over everybody where nobody is, .5 for nobody at all."""
    among = probability[active] if active.any() else probability
    return float(among.mean()) if len(among) else UNDECIDED
