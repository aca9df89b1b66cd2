"""Where a customer's case has been seen before: the pattern agent's result."""

from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun


class Trend(StrEnum):
    """Where the customer's own buying is heading."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"
    UNKNOWN = "unknown"


class SimilarCustomer(Noun):
    """One of the nearest customers in behaviour."""

    customer_id: str
    distance: float = Field(ge=0)
    """Euclidean, over standardised sub-scores; 0 is the same."""
    state: str
    churn_risk: float | None = None


class Resolution(Noun):
    """How one way of resolving similar tickets turned out."""

    resolution: str
    tickets: int = Field(ge=1)
    mean_csat: float | None = Field(default=None, ge=1, le=5)
    median_hours: float | None = Field(default=None, ge=0)


class Pattern(Noun):
    """What similar customers and similar tickets teach about this case."""

    name: str
    """A short label, e.g. "failed payments" or "fading rhythm"."""
    churn_risk: float | None
    """The run's one churn risk, explained here and never made anew."""
    explanation: tuple[str, ...] = ()
    """The strongest drivers, in words."""
    similar: tuple[SimilarCustomer, ...] = ()
    similar_lost: float | None = Field(default=None, ge=0, le=1)
    """Share of the similar customers who are dormant or churned."""
    resolutions: tuple[Resolution, ...] = ()
    """Best first: by mean CSAT shrunk towards the mean of all, then by speed."""
    trend: Trend = Trend.UNKNOWN
