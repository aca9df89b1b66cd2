"""The figures of one method, on one population, at one moment."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procx_graph.scoring import measures

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

SHARES = tuple(round(0.05 * step, 2) for step in range(1, 21))
"""Shares of the customers at which the curves are read."""
WORK = 4_000_000
"""Rows that the draws of an interval may take in all."""
DRAWS = (50, 300)
"""Least and most draws of an interval."""


class Population(StrEnum):
    """Whom a method is judged on."""

    ACTIVE = "active"
    """Bought within the profile's `active_days`: whom retention can act on."""
    ALL = "all"
    """Everybody the outcome is defined for."""


@dataclass(frozen=True)
class Figures:
    """How good a method was; None is "cannot be told", as of a ranking that is no probability.

    Attributes:
        customers: How many were judged.
        base_rate: Share of them to whom it happened.
        auc: Share of pairs ranked right, .5 is chance.
        auc_low: Lower end of its 95 % bootstrap interval.
        auc_high: Upper end.
        pr_auc: Average precision; the base rate is chance.
        lift10: Rate among the riskiest tenth as a multiple of the base rate.
        brier: Mean squared distance of probability and outcome.
        ece: Mean distance of probability and frequency over ten groups of equal size.
        captured10: Share of the trailing-180-day spend of those to whom it happened that the top
            tenth by risk times this spend holds.
        calibration: Mean probability, frequency and size of the ten groups.
        lifts: The lift in the riskiest of each of `SHARES`.
        captures: What is captured by the top of each of `SHARES`.
    """

    customers: int
    base_rate: float
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    pr_auc: float | None = None
    lift10: float | None = None
    brier: float | None = None
    ece: float | None = None
    captured10: float | None = None
    calibration: tuple[tuple[float, float, int], ...] = ()
    lifts: tuple[float, ...] = ()
    captures: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give them as JSON-able values."""
        return asdict(self)


def measure(
    risk: Vector | None, happened: Flags, value: Vector, *, is_probability: bool
) -> Figures:
    """Judge a risk by what happened.

    Args:
        risk: Rises with the risk; None ranks by the value alone.
        happened: The outcomes.
        value: What is lost with each customer; not negative.
        is_probability: Whether Brier score and calibration mean anything.
    """
    rank_by = value if risk is None else risk * value
    made: dict[str, Any] = {
        "captured10": measures.captured(rank_by, value, happened),
        "captures": gains(rank_by, value * happened),
    }
    if risk is not None:
        made |= _ranking(risk, happened)
    if risk is not None and is_probability:
        made |= {
            "brier": measures.brier(risk, happened),
            "ece": measures.calibration_error(risk, happened),
            "calibration": tuple(measures.calibration(risk, happened)),
        }
    told = {name: _known(number) for name, number in made.items()}
    return Figures(len(happened), float(happened.mean()), **told)


def gains(ranking: Vector, hits: Vector) -> tuple[float, ...]:
    """Give the share of the hits in the top of each of `SHARES`; empty where nothing was hit.

    Those with the same place share what they hold.
    """
    if not hits.sum() > 0:
        return ()
    _, place = np.unique(-ranking, return_inverse=True)
    reached = np.concatenate([[0.0], np.bincount(place).cumsum()]) / len(ranking)
    held = np.concatenate([[0.0], np.bincount(place, hits).cumsum()]) / hits.sum()
    return tuple(np.interp(SHARES, reached, held).tolist())


def _ranking(risk: Vector, happened: Flags) -> dict[str, Any]:
    draws = int(np.clip(WORK // max(len(risk), 1), *DRAWS))
    low, high = measures.auc_interval(risk, happened, draws=draws)
    held = gains(risk, happened.astype(float))
    return {
        "auc": measures.auc(risk, happened),
        "auc_low": low,
        "auc_high": high,
        "pr_auc": measures.pr_auc(risk, happened),
        "lift10": measures.lift(risk, happened),
        "lifts": tuple(part / share for part, share in zip(held, SHARES, strict=False)),
    }


def _known(number: Any) -> Any:
    return None if isinstance(number, float) and isnan(number) else number
