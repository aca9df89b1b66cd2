"""Churn risk, and the whole score of one customer."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Confidence, Driver, Factor
from procx_graph.domain.model import Noun


class RiskLevel(StrEnum):
    """How pressing a churn risk is, by the profile's thresholds."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def order(self) -> int:
        """Rank of the level, 0 for low to 3 for critical."""
        return list(RiskLevel).index(self)


class RiskMethod(StrEnum):
    """What made a churn risk."""

    MBG = "mbg"
    """P(no purchase in the horizon) by MBG/NBD fitted to this base."""
    MBG_PRIOR = "mbg-prior"
    """The same with shipped parameters, because the base is too small to fit."""
    RULE = "rule"
    """Health-based, uncalibrated: the base has no order log."""
    SEED = "procx-seed"
    """The modes document's formula, uncalibrated."""
    LEARNED = "learned"
    """A model trained on this business's own past, see its card."""


class Score(Noun):
    """One customer's scores at one moment."""

    customer_id: str
    as_of: datetime
    state: CustomerState
    health: float = Field(ge=0, le=100)
    coverage: float = Field(ge=0, le=1)
    """Share of the factors' weight that is known."""
    confidence: Confidence
    churn_risk: float | None = Field(ge=0, le=1)
    """Probability of churn within the horizon; `None` for churned customers."""
    churn_risk_low: float | None = Field(default=None, ge=0, le=1)
    """Lower end of the 80 % interval of a learned risk; `None` for every other method."""
    churn_risk_high: float | None = Field(default=None, ge=0, le=1)
    """Upper end of it."""
    risk_method: RiskMethod
    horizon_days: int
    risk_level: RiskLevel | None
    value_at_stake: float = Field(ge=0)
    """Spend in the trailing 180 days (or what the profile names), in the base's currency."""
    revenue_at_risk: float | None
    """churn_risk x value_at_stake; `None` without a churn risk."""
    rank: int | None
    """1 is the most revenue at risk among active customers; `None` for everyone else."""
    top_share: float | None = Field(default=None, ge=0, le=1)
    """rank / number of active customers: .05 is "in the top 5 %"; `None` when not ranked."""
    lifetime_value: float | None = Field(default=None, ge=0)
    """What the score took for it: the column's, or rebuilt from orders; in the base's currency."""
    sub_scores: dict[Factor, float | None] = Field(default_factory=dict)
    """Each factor's sub-score in [0, 1], 1 is healthy, `None` is unknown."""
    profile: str = ""
    """Hash of the profile that made the score."""
    drivers: tuple[Driver, ...] = ()
