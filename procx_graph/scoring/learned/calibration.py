"""Isotonic calibration: what risks of a size were worth, out of time, as a rising line.

Source: facts on scoring, sections 1.9 and 4.6.5.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from procx_graph.scoring.risk.odds import logit

Vector = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

POSITIVES = 1_000
"""Outcomes that the risks to calibrate on must contain."""


def fit_calibration(log_odds: Vector, happened: NDArray[np.bool_]) -> Points:
    """Give (log-odds, calibrated log-odds), both rising; empty where one step fits all.

    Each step of the isotonic regression becomes a point at its mean log-odds; half an outcome of
    either kind is added to it, so that no step is certain.

    Args:
        log_odds: Of risks given before the outcomes.
        happened: What came of them.
    """
    order = np.argsort(log_odds, kind="stable")
    fitted = isotonic_regression(happened[order].astype(float))
    blocks = fitted.blocks
    sizes = np.diff(blocks)
    hits = np.add.reduceat(happened[order].astype(float), blocks[:-1])
    x = np.add.reduceat(log_odds[order], blocks[:-1]) / sizes
    y = np.maximum.accumulate(logit((hits + 0.5) / (sizes + 1)))
    rising = np.r_[True, np.diff(x) > 0]
    points = tuple(zip(x[rising].tolist(), y[rising].tolist(), strict=True))
    return points if len(points) > 1 else ()
