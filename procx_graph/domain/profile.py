"""Profile: the whole configuration of scoring, validated, hashed and named in every result."""

import hashlib
import json
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from procx_graph.domain.factor_rules import FactorRules, Share
from procx_graph.domain.health import Factor
from procx_graph.domain.learned import LearnedModel
from procx_graph.domain.model import Noun


class Missing(StrEnum):
    """What happens to a factor without data."""

    RENORMALISE = "renormalise"
    """It is dropped, the others share its weight."""
    NEUTRAL = "neutral"
    """It gets its neutral points."""


class PurchaseRule(Noun):
    """Which orders are purchases, and what they are worth; categories in any case."""

    excluded_status: tuple[str, ...] = ("cancelled", "canceled")
    """Values of `order_status` that are no purchase."""
    excluded_payment: tuple[str, ...] = ("failed",)
    """Values of `payment_status` that are no purchase."""
    refunded: tuple[str, ...] = ("processed",)
    """Values of `refund_status` that take the amount off the spend; frequency ignores them."""


class StateRule(Noun):
    """When a customer is new, active or dormant."""

    new_days: int = Field(default=30, ge=0)
    """Below this many days since signup or the first order, the earlier, is new."""
    active_days: int = Field(default=180, gt=0)
    """Bought at most this many days ago is active."""


class ConfidenceRule(Noun):
    """How much evidence makes a confident score."""

    high_coverage: Share = 0.8
    high_order_days: int = Field(default=3, ge=0)
    medium_coverage: Share = 0.5


class RiskFormula(StrEnum):
    """How the churn risk is made."""

    SILENCE = "silence"
    """P(no purchase in the horizon) where there is an order log, else a rule on behaviour."""
    HEALTH = "health"
    """What health lacks, times the document's multipliers."""


class PurchaseModel(Noun):
    """Parameters of MBG/NBD, time in days."""

    r: float = Field(gt=0)
    alpha: float = Field(gt=0)
    a: float = Field(gt=0)
    b: float = Field(gt=0)


class FitRule(Noun):
    """When and how the purchase model is fitted to the base."""

    min_customers: int = Field(default=30, ge=1)
    min_repeat_buyers: int = Field(default=15, ge=1)
    min_repeats: int = Field(default=30, ge=1)
    """Below any of these the prior parameters are used as they are."""
    cells: int = Field(default=500_000, ge=1_000)
    """Different purchase histories told apart; where a base has more, similar ones count as one."""
    penalty: float = Field(default=0.001, ge=0)
    """L2 on the logarithms of the parameters."""


class EvidenceRule(Noun):
    """How support, satisfaction and payments shift the risk of silence, in log-odds.

    Assumptions, not measurements: the sign of complaints is supported by two labelled data sets,
    that of satisfaction by one of them. Source: facts on scoring, section 4.6.
    """

    bound: float = Field(default=1.0, ge=0)
    """Largest shift altogether, up or down; 0 switches the shifts off."""
    support: float = Field(default=1.2, ge=0)
    """For a sub-score of the support history one below `usual_support`."""
    usual_support: Share = 0.75
    nps: float = Field(default=0.6, ge=0)
    """For a sub-score of the NPS one below `usual_nps`."""
    usual_nps: Share = 0.6
    payments: float = Field(default=2.0, ge=0)
    """For a share of failed payments one above `usual_failures`."""
    usual_failures: Share = 0.1
    payments_prior: float = Field(default=2.0, gt=0)
    """Payments of the usual share that every customer starts with."""


class RiskRule(Noun):
    """How the churn risk is made, and over which horizon."""

    formula: RiskFormula = RiskFormula.SILENCE
    horizon_days: int = Field(default=90, gt=0)
    prior: PurchaseModel
    """Shipped parameters for bases too small to fit."""
    fit: FitRule = FitRule()
    evidence: EvidenceRule = EvidenceRule()
    """What shifts the risk of silence."""
    base_rate: float = Field(default=0.2, gt=0, lt=1)
    """Churn risk of a behavioural health of 50 where there is no order log."""
    steepness: float = Field(default=4, gt=0)
    """Log-odds from the worst to the best behaviour where there is no order log."""
    segment_multipliers: dict[str, float] = Field(default_factory=dict)
    """Of the `health` formula; segments in any case."""
    high_value: float | None = Field(default=None, gt=0)
    """Lifetime value above which the `health` formula multiplies once more."""
    high_value_multiplier: float = Field(default=1, gt=0)
    learned: LearnedModel | None = None
    """A model that takes the place of the formula."""

    @model_validator(mode="after")
    def _one_horizon(self) -> Self:
        if self.learned is not None and self.learned.horizon_days != self.horizon_days:
            raise ValueError(
                f"the learned model is of {self.learned.horizon_days} days, horizon_days is "
                f"{self.horizon_days}; train it again for this horizon"
            )
        return self


class Yardstick(StrEnum):
    """What the thresholds of the risk levels are compared with."""

    ODDS = "odds"
    """The odds of the risk as a multiple of those of the active base's mean risk."""
    RISK = "risk"
    """The risk itself."""


class LevelRule(Noun):
    """Lower bounds of the risk levels."""

    of: Yardstick
    medium: float = Field(gt=0)
    high: float = Field(gt=0)
    critical: float = Field(gt=0)
    certain_risk: float | None = Field(default=None, gt=0, le=1)
    """A risk that is critical whatever the odds, in a base whose mean is below `certain_mean`."""
    certain_mean: Share = 0.5

    @model_validator(mode="after")
    def _bounds_rise(self) -> Self:
        if not self.medium < self.high < self.critical:
            raise ValueError("levels need medium < high < critical")
        return self


class ValueAtStake(StrEnum):
    """The money that a churn risk puts at stake."""

    SPEND_180 = "spend_180"
    """Spend of the trailing 180 days."""
    LTV = "ltv"
    """Lifetime value."""
    EXPECTED = "expected"
    """What the purchase model expects them to spend within the horizon."""


class Profile(Noun):
    """The configuration of scoring."""

    name: str = Field(min_length=1)
    version: int = Field(ge=1)
    missing: Missing
    factors: FactorRules
    activity: tuple[str, ...]
    """Values of `event_type` that are the customer's own doing, in any case."""
    purchase: PurchaseRule = PurchaseRule()
    states: StateRule = StateRule()
    confidence: ConfidenceRule = ConfidenceRule()
    risk: RiskRule
    levels: LevelRule
    value_at_stake: ValueAtStake
    min_risk: Share | None = None
    """Floor for the monitor's selection."""
    min_value: float | None = Field(default=None, ge=0)
    """Floor for the monitor's selection, on the lifetime value."""

    @model_validator(mode="after")
    def _neutral_points_are_given(self) -> Self:
        for factor in Factor:
            rule = self.factors[factor]
            if self.missing is Missing.NEUTRAL and rule.neutral is None:
                raise ValueError(f"missing = neutral needs neutral points for {factor}")
            if rule.neutral is not None and rule.neutral > rule.weight:
                raise ValueError(f"the neutral points of {factor} exceed its weight")
        return self

    @property
    def weights(self) -> dict[Factor, float]:
        """Weight of each factor, in their order."""
        return {factor: self.factors[factor].weight for factor in Factor}

    @property
    def hash(self) -> str:
        """Twelve hex digits that change when anything in the profile changes."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]
