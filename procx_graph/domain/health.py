"""Health: ten factors, and what each contributes."""

from collections.abc import Iterable
from enum import StrEnum

from procx_graph.domain.model import Noun


class Factor(StrEnum):
    """The ten factors, in the order of the score table's columns `points_<factor>`."""

    SEGMENT = "segment"
    LTV_PERCENTILE = "ltv_percentile"
    LOYALTY_TIER = "loyalty_tier"
    RELATIVE_VALUE = "relative_value"
    RECENCY = "recency"
    ORDER_FREQUENCY = "order_frequency"
    SPENDING_TREND = "spending_trend"
    SUPPORT_HISTORY = "support_history"
    NPS = "nps"
    TENURE = "tenure"


class Confidence(StrEnum):
    """How much evidence stands behind a score."""

    HIGH = "high"
    """At least 80 % of the weight is known, and at least three days with orders."""
    MEDIUM = "medium"
    """At least half of the weight is known."""
    LOW = "low"
    """Less: shown, never acted on without a person."""


class Measure(StrEnum):
    """What a driver explains."""

    HEALTH = "health"
    RISK = "risk"


class DriverUnit(StrEnum):
    """What a driver's contribution is counted in."""

    POINTS = "points"
    """Points of health, 0 to 100."""
    LOG_ODDS = "log-odds"
    """Natural log-odds of the churn risk."""


class Driver(Noun):
    """One reason behind a score, with its exact share in it."""

    of: Measure
    factor: str
    """A `Factor`, or the name of a term of the risk: rhythm, support, nps, payments, ..."""
    contribution: float
    """Signed difference from the stated baseline; a negative health or positive risk is bad."""
    unit: DriverUnit
    text: str
    """The evidence in plain words, from raw values."""

    @property
    def harmful(self) -> bool:
        """Whether it speaks against the customer staying."""
        return self.contribution > 0 if self.of is Measure.RISK else self.contribution < 0


def against(drivers: Iterable[Driver]) -> list[Driver]:
    """Give the reasons to worry: those of the risk first, each the strongest first.

    What weighs on risk and on health alike is told once.
    """
    harmful = [driver for driver in drivers if driver.harmful]
    harmful.sort(key=lambda d: (d.of is not Measure.RISK, -abs(d.contribution)))
    told: dict[str, Driver] = {}
    for driver in harmful:
        told.setdefault(driver.text, driver)
    return list(told.values())
