"""Probabilities and their log-odds."""

import numpy as np

from procx_graph.scoring.vectors import Vector

EDGE = 1e-4
"""Risks are kept this far from 0 and 1 before they become log-odds, so that those are finite."""


def logit(p: Vector | float) -> Vector:
    """Give the log-odds of a probability."""
    result: Vector = np.log(p) - np.log1p(-np.asarray(p))
    return result


def expit(log_odds: Vector | float) -> Vector:
    """Give the probability of log-odds."""
    result: Vector = 1 / (1 + np.exp(-np.asarray(log_odds)))
    return result


def inside(p: Vector) -> Vector:
    """Give probabilities, none nearer to 0 or 1 than `EDGE`."""
    return np.clip(p, EDGE, 1 - EDGE)
