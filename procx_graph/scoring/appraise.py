"""From the features of some customers to their scores, given what the whole base says.

The same for one customer, a part of a base, or all of it: every step looks at one row at a time,
and adds up in one order, so that a customer's numbers never depend on who else is asked for.
"""

from dataclasses import dataclass
from datetime import datetime

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile
from procx_graph.scoring.health.factors import sub_scores
from procx_graph.scoring.health.peers import Peers
from procx_graph.scoring.health.trend import log2_trend
from procx_graph.scoring.health.weighing import Health, confidence, weighed
from procx_graph.scoring.ranking import DECIMALS, value_at_stake
from procx_graph.scoring.risk.assess import Risk, assess
from procx_graph.scoring.risk.levels import levels
from procx_graph.scoring.silence.fit import Fit
from procx_graph.scoring.silence.purchases import expectations
from procx_graph.scoring.states import states

COLUMNS = (
    "customer_id",
    "as_of",
    "state",
    "health",
    "coverage",
    "confidence",
    "churn_risk",
    "risk_method",
    "horizon_days",
    "risk_level",
    "value_at_stake",
    "revenue_at_risk",
    "rank",
    *(f"points_{factor.value}" for factor in Factor),
    "top_share",
    "lifetime_value",
    "churn_risk_low",
    "churn_risk_high",
)
"""Columns of the frame of scores; `rank` and `top_share` come last into being."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What the scores of one customer depend on besides their own rows.

    Attributes:
        profile: How customers are scored.
        as_of: The moment they are seen from.
        peers: Lifetime values and rhythm of the base.
        fit: Its purchase model; None where nobody ever bought.
    """

    profile: Profile
    as_of: datetime
    peers: Peers
    fit: Fit | None

    def describe(self, counted: pl.DataFrame) -> pl.DataFrame:
        """Add to counted features the place among others, the expectations and the state."""
        return counted.with_columns(
            *self.peers.place(counted, self.profile),
            *expectations(counted, self.fit, self.profile.risk.horizon_days),
            log2_trend(counted, self.peers.mean_order_cents),
            states(self.profile.states),
        )

    def weigh(self, described: pl.DataFrame) -> Health:
        """Give the health of described customers."""
        return Health(self.plan_health(described.lazy()).collect(engine="streaming"))

    def plan_health(self, described: pl.LazyFrame) -> pl.LazyFrame:
        """Give the frame of `Health` of described customers as a query."""
        factors = sub_scores(nw.from_native(described), self.profile.factors)
        return weighed(factors.to_native(), self.profile)

    def assess(self, described: pl.DataFrame, health: Health, *, buyers: float) -> Risk:
        """Give the churn risk of described customers.

        A learned model takes part from its own moment on: earlier it would know the future.

        Args:
            described: Customers.
            health: Theirs.
            buyers: Mean P(silent) of the base's buyers.
        """
        model = self.profile.risk.learned
        if model is not None and self.as_of < model.as_of:
            model = None
        fitted = None if self.fit is None else self.fit.method
        return assess(described, health, self.profile, buyers=buyers, fitted=fitted, learned=model)

    def publish(
        self, described: pl.DataFrame, health: Health, risk: Risk, *, mean: float
    ) -> pl.DataFrame:
        """Put the score table together: rounded, without a risk for the churned, not yet ranked.

        Args:
            described: Customers.
            health: Theirs.
            risk: Theirs.
            mean: Mean churn risk of the active base; the levels compare with it.
        """
        profile = self.profile
        churned = (described["state"] == CustomerState.CHURNED.value).to_numpy()
        open_risk = np.where(churned, np.nan, risk.probability)
        order_days = described["order_days"].fill_null(0).to_numpy()
        worth = value_at_stake(
            described,
            profile.value_at_stake,
            horizon=profile.risk.horizon_days,
            mean_order_cents=self.peers.mean_order_cents,
        )
        published = pl.lit(pl.Series("churn_risk", open_risk, nan_to_null=True)).round(DECIMALS)
        points = health.frame.select(f"points_{factor.value}" for factor in Factor)
        return described.select(
            "customer_id",
            "state",
            pl.lit(self.as_of).dt.cast_time_unit("us").alias("as_of"),
            pl.lit(risk.method.value).alias("risk_method"),
            pl.lit(profile.risk.horizon_days, pl.Int64).alias("horizon_days"),
            confidence(health.coverage, order_days, profile.confidence),
            levels(open_risk, mean, profile.levels, evident=risk.evident),
            published,
            (published * worth).round(DECIMALS).alias("revenue_at_risk"),
            worth.round(DECIMALS),
            (pl.col("ltv_cents") / 100).round(DECIMALS).alias("lifetime_value"),
            *(pl.lit(column).round(DECIMALS) for column in health.frame["health", "coverage"]),
            *(pl.lit(column).round(DECIMALS) for column in points),
            _end("churn_risk_low", risk.low, churned),
            _end("churn_risk_high", risk.high, churned),
        )


def _end(name: str, end: np.ndarray | None, churned: np.ndarray) -> pl.Series:
    """Give an end of the interval of the risk, null where there is none."""
    values = np.full(len(churned), np.nan) if end is None else np.where(churned, np.nan, end)
    return pl.Series(name, values, nan_to_null=True).round(DECIMALS)
