"""The card of a model: what it was trained on, how good it is, and why it is used or not.

Figures are out of time: the model of the older origins, on the latest one. None is "cannot be
told". All of it is plain data, as JSON and as Markdown.
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from procx_graph.domain.learned import Labels, ModelKind
from procx_graph.domain.model import Noun
from procx_graph.scoring import measures

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Figures(Noun):
    """How good one method's risks were."""

    auc: float | None
    auc_low: float | None
    """Lower end of the 95 % bootstrap interval."""
    auc_high: float | None
    pr_auc: float | None
    lift_10: float | None
    """How much more often it happened in the top 10 % than in all."""
    brier: float | None
    """None where the method gives no probability."""
    ece: float | None
    """Mean distance between probability and frequency, over ten groups; None likewise."""


class OriginCount(Noun):
    """What one origin taught."""

    origin: datetime
    customers: int
    positives: int
    base_rate: float


class Slope(Noun):
    """One input of the model, and whether the data agrees with its sign."""

    name: str
    sign: int
    beta: float | None
    """Log-odds per standard deviation; None unless the model is logistic."""
    free: float
    """The same in a logistic model without signs."""
    free_error: float
    """Its standard error."""

    @property
    def conflicts(self) -> bool:
        """Whether without signs it would go the other way, by more than chance."""
        return self.sign * self.free < 0 and abs(self.free) > 1.96 * self.free_error


class External(Noun):
    """A prediction that came with the data; never a feature."""

    customers: int
    """At the latest origin, with a prediction and a known outcome."""
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    leaks: bool
    """It knows more than can be known."""
    text: str


class Status(Noun):
    """How well churn labels without dates can be told from today's inputs; no forecast."""

    customers: int
    positives: int
    auc: float | None
    """Out of fold, five folds."""
    brier: float | None
    constant_brier: float | None


class Check(Noun):
    """One condition of the gate."""

    passed: bool
    text: str


class ModelCard(Noun):
    """What there is to know about a training."""

    accepted: bool
    checks: tuple[Check, ...]
    kind: ModelKind
    signed: bool
    labels: Labels
    horizon_days: int
    source: str
    as_of: datetime
    fingerprint: str
    profile: str
    profile_hash: str
    """Of the profile without a model."""
    origins: tuple[OriginCount, ...]
    """The latest first; the model was judged on the first and trained on the others."""
    customers: int
    """Rows over all origins."""
    positives: int
    base_rate: float | None
    everyone: dict[str, Figures] = Field(default_factory=dict)
    """Figures by method at the latest origin: learned, mbg, recency, constant."""
    active: dict[str, Figures] = Field(default_factory=dict)
    """The same among those who had bought lately."""
    slopes: tuple[Slope, ...] = ()
    left_out: tuple[str, ...] = ()
    """Inputs that values without a date move, so that the past does not teach what they mean."""
    calibration: str = ""
    """What came of trying to calibrate."""
    external: External | None = None
    status: Status | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks against the model where it is refused, else what speaks for it."""
        return tuple(check.text for check in self.checks if check.passed is self.accepted)


def figures(risk: Vector, happened: Flags, *, probability: bool = True) -> Figures:
    """Measure risks.

    Args:
        risk: Higher is riskier.
        happened: What came of it.
        probability: Whether the risks claim to be probabilities.
    """
    if not len(risk) or np.isnan(risk).any():
        return Figures.model_validate(dict.fromkeys(Figures.model_fields))
    low, high = measures.auc_interval(risk, happened)
    return Figures(
        auc=told(measures.auc(risk, happened)),
        auc_low=told(low),
        auc_high=told(high),
        pr_auc=told(measures.pr_auc(risk, happened)),
        lift_10=told(measures.lift(risk, happened)),
        brier=told(measures.brier(risk, happened)) if probability else None,
        ece=told(measures.calibration_error(risk, happened)) if probability else None,
    )


def told(number: float) -> float | None:
    """Give a number, None for NaN."""
    return None if np.isnan(number) else float(number)
