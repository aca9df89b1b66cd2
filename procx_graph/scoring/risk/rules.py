"""Churn risks without a purchase model: a rule on behaviour, and the document's formula."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile, RiskRule
from procx_graph.scoring.health.weighing import Health
from procx_graph.scoring.risk.odds import expit, inside, logit
from procx_graph.scoring.vectors import Vector, vectors

BEHAVIOUR = (
    Factor.RECENCY,
    Factor.ORDER_FREQUENCY,
    Factor.SPENDING_TREND,
    Factor.SUPPORT_HISTORY,
    Factor.NPS,
    Factor.TENURE,
)
"""Factors that tell what customers do and meet, not who they are."""


def by_behaviour(
    health: Health, profile: Profile
) -> tuple[Vector, NDArray[np.bool_], dict[str, Vector]]:
    """Take the base rate, moved by the health of the behavioural factors; uncalibrated.

    log-odds = those of the base rate + steepness (.5 - behavioural health / 100); a term per
    factor. Without any behavioural factor it is the base rate.

    Returns:
        The risks, who has any behavioural factor, and the terms over the base rate.
    """
    rule = profile.risk
    total = np.zeros(len(health))
    for factor in BEHAVIOUR:
        known = ~np.isnan(health.sub_score(factor))
        total = total + profile.weights[factor] * known
    divisor = np.where(total > 0, total, 1)
    terms: dict[str, Vector] = {}
    log_odds = np.full(len(total), logit(rule.base_rate))
    evident = np.zeros(len(total), bool)
    for factor in BEHAVIOUR:
        value = health.sub_score(factor)
        share = profile.weights[factor] * ~np.isnan(value) / divisor
        terms[factor.value] = rule.steepness * share * (0.5 - np.nan_to_num(value, nan=0.5))
        log_odds = log_odds + terms[factor.value]
        evident = evident | health.frame[f"known_{factor.value}"].to_numpy()
    return expit(log_odds), evident, terms


def by_health(
    features: pl.DataFrame, health: Health, rule: RiskRule
) -> tuple[Vector, Callable[[float], dict[str, Vector]]]:
    """Take what health lacks, times the document's multipliers, within [0, 1]; uncalibrated.

    Terms: `health`, then what the multiplier of the `segment` and that of a `high_value` add.
    """
    lacking = 1 - health.score / 100
    multipliers = {name.lower(): by for name, by in rule.segment_multipliers.items()}
    names = features["segment"].str.to_lowercase()
    by_segment = names.replace_strict(multipliers, default=1.0, return_dtype=pl.Float64)
    (value,) = vectors(features, "ltv_cents")
    high = np.inf if rule.high_value is None else rule.high_value * 100
    by_value = np.where(value > high, rule.high_value_multiplier, 1.0)
    in_segment = lacking * by_segment.fill_null(1.0).to_numpy()
    probability = (in_segment * by_value).clip(0, 1)
    steps = [inside(step) for step in (lacking, in_segment, probability)]

    def terms(baseline: float) -> dict[str, Vector]:
        of_health, of_segment, of_value = (logit(step) for step in steps)
        return {
            "health": of_health - logit(baseline),
            "segment": of_segment - of_health,
            "high_value": of_value - of_segment,
        }

    return probability, terms
