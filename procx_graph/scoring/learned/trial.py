"""Trying out: a model of the older origins at the latest one, calibrated where that pays.

Source: facts on scoring, sections 4.6.3 and 4.6.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procx_graph.domain.learned import LearnedModel, ModelKind
from procx_graph.scoring.learned.calibration import POSITIVES, Points, fit_calibration
from procx_graph.scoring.learned.curves import calibrate
from procx_graph.scoring.learned.fitting import About, fit_model
from procx_graph.scoring.learned.inputs import standardised
from procx_graph.scoring.learned.lessons import Lesson, has_both, pooled
from procx_graph.scoring.learned.predict import log_odds
from procx_graph.scoring.measures import brier
from procx_graph.scoring.risk.odds import expit

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trial:
    """The model of the older origins at the latest one.

    Attributes:
        risk: Of the latest origin's rows.
        points: Calibration for the model of all origins; empty without.
        remark: What came of trying to calibrate.
    """

    risk: Vector
    points: Points
    remark: str


@dataclass(frozen=True)
class Recipe:
    """How a model is fitted."""

    kind: ModelKind
    signed: bool
    about: About

    def fit(self, parts: Sequence[Lesson]) -> LearnedModel:
        """Fit a model to some origins."""
        return fit_model(self.kind, pooled(parts), signed=self.signed, about=self.about)

    def ask(self, parts: Sequence[Lesson], at: Lesson) -> Vector:
        """Give the log-odds that a model of some origins has for another one."""
        model = self.fit(parts)
        return log_odds(model, standardised(model, at.rows.given))[1]


def try_out(recipe: Recipe, taught: Sequence[Lesson]) -> Trial | None:
    """Judge a model of the older origins on the latest; None where none can be fitted.

    Isotonic calibration, fitted at the second latest origin, is kept if it lowers the Brier score
    at the latest; then it is fitted again on both.

    Args:
        recipe: How to fit.
        taught: The origins, the latest first.
    """
    if len(taught) < 2 or not has_both(taught[:1]) or not has_both(taught[1:]):
        return None
    latest, second = taught[0], taught[1]
    raw = recipe.ask(taught[1:], latest)
    positives = int(latest.happened.sum() + second.happened.sum())
    if positives < POSITIVES or not has_both(taught[2:]):
        needs = f"two origins to judge on with {POSITIVES:,} outcomes, there are {positives:,}"
        return Trial(expit(raw), (), f"none: it needs {needs}")
    before = recipe.ask(taught[2:], second)
    risk = expit(calibrate(fit_calibration(before, second.happened), raw))
    scores = brier(expit(raw), latest.happened), brier(risk, latest.happened)
    told = f"Brier score {scores[0]:.4f} without, {scores[1]:.4f} with"
    if scores[1] >= scores[0]:
        return Trial(expit(raw), (), f"none: isotonic does not lower the {told}")
    both = np.concatenate([raw, before]), np.concatenate([latest.happened, second.happened])
    return Trial(risk, fit_calibration(*both), f"isotonic: {told}")
