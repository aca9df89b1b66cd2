"""What a profile says about each of the ten factors of health."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from procx_graph.domain.health import Factor
from procx_graph.domain.model import Noun

Share = Annotated[float, Field(ge=0, le=1)]
"""A number from 0 to 1."""


class Shape(StrEnum):
    """How a curve runs between its points."""

    LINEAR = "linear"
    """Straight lines; flat outside the ends."""
    LOG = "log"
    """Straight lines over the logarithm of x."""
    STEP = "step"
    """The y of the last point that x has reached; the first y below that."""


class Curve(Noun):
    """A raw value turned into a sub-score."""

    shape: Shape = Shape.LINEAR
    points: tuple[tuple[float, float], ...] = Field(min_length=1)
    """(x, y) with rising x."""
    out_of: float = Field(default=1, gt=0)
    """The y that is worth a sub-score of 1."""

    @model_validator(mode="after")
    def _x_rises_and_y_fits(self) -> Self:
        if any(left[0] >= right[0] for left, right in pairwise(self.points)):
            raise ValueError("the x of a curve must rise from point to point")
        if any(not 0 <= y <= self.out_of for _, y in self.points):
            raise ValueError(f"the y of a curve must lie between 0 and out_of ({self.out_of:g})")
        if self.shape is Shape.LOG and self.points[0][0] <= 0:
            raise ValueError("a log curve needs x above 0")
        return self


class FactorRule(Noun):
    """What every factor has."""

    weight: float = Field(gt=0)
    """Its share in health, in points of 100."""
    neutral: float | None = Field(default=None, ge=0)
    """Points of a missing value where the profile keeps neutral values; otherwise unused."""


class CategoryRule(FactorRule):
    """A category with a worth: the segment, the loyalty tier."""

    values: dict[str, float] = Field(min_length=1)
    """Category, in any case, to its worth; a category that is not here is missing."""
    out_of: float = Field(default=1, gt=0)
    """The worth of a sub-score of 1."""

    @model_validator(mode="after")
    def _worth_fits(self) -> Self:
        if any(not 0 <= worth <= self.out_of for worth in self.values.values()):
            raise ValueError(f"a category is worth between 0 and out_of ({self.out_of:g})")
        if len({name.lower() for name in self.values}) < len(self.values):
            raise ValueError("two categories differ only in case")
        return self


class Cohort(StrEnum):
    """Whom a lifetime value is ranked among."""

    BASE = "base"
    """Everybody; the share below, ties counted half."""
    SEGMENT_TIER = "segment_tier"
    """The customers of the same segment and tier; the share strictly below."""


class PercentileRule(FactorRule):
    """The rank of the lifetime value."""

    within: Cohort = Cohort.BASE


class Reference(StrEnum):
    """What a lifetime value is set in relation to."""

    MEDIAN = "median"
    """v / (v + segment median)."""
    MEAN = "mean"
    """v / segment mean, up to the cap, as a share of the cap."""


class RelativeRule(FactorRule):
    """The lifetime value beside the segment's."""

    against: Reference = Reference.MEDIAN
    cap: float = Field(default=2, gt=0)
    """Multiple of the mean that is worth everything; for `mean` only."""


class RecencyRule(FactorRule):
    """Days since the customer last did something."""

    curve: Curve
    alive_share: Share = 0
    """Share of P(still a customer) in the sub-score, the curve has the rest."""
    snapshot_only: bool = False
    """Read `last_active_date` alone where it is known, not the orders and events as well."""


class Rate(StrEnum):
    """What an order frequency is."""

    POSTERIOR = "posterior"
    """Purchase days per 30 days that the purchase model expects while they are a customer."""
    TENURE = "tenure"
    """Orders per 30 days of tenure, which counts as at least 30 days."""


class FrequencyRule(FactorRule):
    """How often the customer buys."""

    rate: Rate = Rate.POSTERIOR
    curve: Curve
    zero_after_days: int | None = Field(default=None, ge=0)
    """Tenure from which never having ordered is worth 0; before that, and for `None`, missing."""


class TrendAgainst(StrEnum):
    """What the spending of the last 90 days is compared with."""

    OWN_AVERAGE = "own_average"
    """The customer's own 90-day average, on a curve over log2 of the shrunk ratio."""
    PREVIOUS = "previous"
    """The 90 days before: more, as much, or less."""


class TrendRule(FactorRule):
    """Whether spending rises or falls."""

    against: TrendAgainst = TrendAgainst.OWN_AVERAGE
    curve: Curve
    """Over log2 of the ratio; for `previous` over -1 less, 0 as much, 1 more."""
    min_history_days: int = Field(default=0, ge=0)
    """Days since signup or the first order, the earlier; below it there is no trend."""
    band_percent: int = Field(default=10, ge=0, le=100)
    """A change up to this is none; for `previous` only."""


class Troubles(StrEnum):
    """What the support history counts."""

    FRICTION = "friction"
    """Tickets, failed payments, late and cancelled orders, refund requests, told troubles."""
    TICKETS = "tickets"


class SupportRule(FactorRule):
    """What went wrong for the customer."""

    counts: Troubles = Troubles.FRICTION
    window_days: int = Field(default=180, gt=0)
    """Only rows younger than this count."""
    late_after_days: int = Field(default=0, ge=0)
    """A delivery that is late by more than this counts."""
    trouble_events: tuple[str, ...] = ()
    """Values of `event_type`, in any case, that are friction until they are resolved."""
    delay_events: tuple[str, ...] = ()
    """Those of them that are delays: one an order, none where the orders tell that it came late."""
    told_events: tuple[str, ...] = ()
    """Further ones that are told as the latest trouble; a table of their own counts them."""
    curve: Curve
    """Over the count."""
    csat_curve: Curve | None = None
    """Over the mean CSAT of the window's rated tickets."""
    csat_share: Share = 0
    """Share of the CSAT in the sub-score where there is one, the count has the rest."""

    @model_validator(mode="after")
    def _events_are_told_apart(self) -> Self:
        cited = [name.lower() for name in self.cited_events]
        if len(set(cited)) < len(cited):
            raise ValueError("trouble_events and told_events name an event twice")
        counted = cited[: len(self.trouble_events)]
        if strange := [name for name in self.delay_events if name.lower() not in counted]:
            raise ValueError(f"delay_events has {strange[0]!r}, which is no trouble event")
        return self

    @property
    def cited_events(self) -> tuple[str, ...]:
        """Every event that may be told as the latest trouble; its place here is its code."""
        return (*self.trouble_events, *self.told_events)


class NpsRule(FactorRule):
    """The latest answer to the recommendation question."""

    window_days: int = Field(default=365, gt=0)
    """Only answers younger than this count."""
    curve: Curve


class TenureRule(FactorRule):
    """Days since signup."""

    curve: Curve


class FactorRules(Noun):
    """The ten factors."""

    segment: CategoryRule
    ltv_percentile: PercentileRule
    loyalty_tier: CategoryRule
    relative_value: RelativeRule
    recency: RecencyRule
    order_frequency: FrequencyRule
    spending_trend: TrendRule
    support_history: SupportRule
    nps: NpsRule
    tenure: TenureRule

    def __getitem__(self, factor: Factor) -> FactorRule:
        rule: FactorRule = getattr(self, factor.value)
        return rule
