"""Risk levels: how pressing a churn risk is."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.profile import LevelRule, Yardstick
from procx_graph.domain.risk import RiskLevel

LEVELS = pl.Series("risk_level", [level.value for level in RiskLevel])


def levels(
    risk: NDArray[np.float64],
    mean: float,
    rule: LevelRule,
    *,
    evident: NDArray[np.bool_] | bool = True,
) -> pl.Series:
    """Give the level of each churn risk; null where the risk is NaN.

    Args:
        risk: Churn risks.
        mean: Mean churn risk of the active base.
        rule: Thresholds, on the risk or on its odds as a multiple of the mean's.
        evident: Whose risk rests on something of their own; the others' is low, because nothing
            singles them out.
    """
    measure = risk
    if rule.of is Yardstick.ODDS:
        measure = _odds(risk) / _odds(np.array(mean))
    reached = np.searchsorted([rule.medium, rule.high, rule.critical], measure, side="right")
    if rule.certain_risk is not None and mean < rule.certain_mean:
        reached = np.where(risk >= rule.certain_risk, len(LEVELS) - 1, reached)
    reached = np.where(evident, reached, 0)
    places = pl.Series(reached.clip(0, len(LEVELS) - 1)).set(pl.Series(np.isnan(risk)), None)
    return LEVELS.gather(places)


def _odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    result: NDArray[np.float64] = inside / (1 - inside)
    return result
