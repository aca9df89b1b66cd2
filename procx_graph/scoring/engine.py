"""From a base to scores: features on an engine, then factors, health, risk and rank."""

from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.cohort import place_among_others
from procx_graph.scoring.factors import sub_scores
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.frames import Engine
from procx_graph.scoring.health import Health, confidence, weigh
from procx_graph.scoring.levels import levels
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.purchases import expect
from procx_graph.scoring.ranking import DECIMALS, rank, value_at_stake
from procx_graph.scoring.risk import Risk, assess
from procx_graph.scoring.scores import Scores
from procx_graph.scoring.states import states
from procx_graph.scoring.trend import log2_trend

__all__ = ["Engine", "Scores", "score", "score_customers"]

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
)
"""Columns of the frame of scores."""


def score(
    base: CustomerBase, *, profile: str | Path | Profile = "default-v1", engine: Engine = "polars"
) -> Scores:
    """Score every customer of a base.

    Args:
        base: The tables, seen from its as_of.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        engine: Where the features are counted; all give the same to the bit.

    Raises:
        ConfigError: The profile is unknown or wrong, or the engine is unknown or not installed.
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"scores are of a CustomerBase, not of a {type(base).__name__}")
    chosen = load_profile(profile)
    counted = place_among_others(collect_features(base, chosen, engine))
    expected = expect(counted, chosen.risk)
    features = counted.hstack(expected.columns).with_columns(log2_trend(counted))
    rules = chosen.factors
    factors = nw.from_native(features).select(*sub_scores(rules)).to_native()
    health = weigh(factors, chosen)
    features = features.with_columns(states(features, chosen.states))
    active = (features["state"] == CustomerState.ACTIVE.value).to_numpy()
    risk = assess(features, expected, health, chosen, active)
    return Scores(
        frame=_publish(base, chosen, features, health, risk),
        features=features,
        profile=chosen,
        as_of=base.as_of,
        fit=expected.fit,
        health=health,
        risk=risk,
    )


def score_customers(
    base: CustomerBase, *, profile: str | Path | Profile = "default-v1", engine: Engine = "polars"
) -> pd.DataFrame:
    """Score every customer of a base, as a pandas frame of one row per customer.

    Args:
        base: The tables, seen from its as_of.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        engine: Where the features are counted.

    Raises:
        ConfigError: The profile is unknown or wrong, or the engine is unknown or not installed.
    """
    return score(base, profile=profile, engine=engine).to_frame()


def _publish(
    base: CustomerBase, profile: Profile, features: pl.DataFrame, health: Health, risk: Risk
) -> pl.DataFrame:
    """Put the score table together: rounded, ranked, without a risk for the churned."""
    churned = (features["state"] == CustomerState.CHURNED.value).to_numpy()
    active = (features["state"] == CustomerState.ACTIVE.value).to_numpy()
    open_risk = np.where(churned, np.nan, risk.probability)
    mean = float(open_risk[active].mean()) if active.any() else risk.baseline
    order_days = features["order_days"].fill_null(0).to_numpy()
    scores = features.select("customer_id", "state").with_columns(
        pl.lit(base.as_of).dt.cast_time_unit("us").alias("as_of"),
        pl.Series("health", health.score),
        pl.Series("coverage", health.coverage),
        confidence(health.coverage, order_days, profile.confidence),
        pl.Series("churn_risk", open_risk, nan_to_null=True).round(DECIMALS),
        pl.lit(risk.method.value).alias("risk_method"),
        pl.lit(profile.risk.horizon_days, pl.Int64).alias("horizon_days"),
        levels(open_risk, mean, profile.levels, evident=risk.evident),
        value_at_stake(features, profile.value_at_stake),
        (features["ltv_cents"] / 100).alias("lifetime_value"),
        *(
            pl.Series(f"points_{factor.value}", health.points[:, place], nan_to_null=True)
            for place, factor in enumerate(Factor)
        ),
    )
    at_risk = (pl.col("churn_risk") * pl.col("value_at_stake")).alias("revenue_at_risk")
    rounded = scores.with_columns(at_risk).with_columns(pl.col(pl.Float64).round(DECIMALS))
    return rank(rounded).select(COLUMNS)
