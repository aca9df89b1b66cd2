"""Churn risk by three methods, each a sum of named terms in log-odds over a stated baseline."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile, RiskFormula, RiskRule
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.health import Health
from procx_graph.scoring.purchases import Expectations

Vector = NDArray[np.float64]

EDGE = 1e-4
"""Risks stay this far from 0 and 1, so that their log-odds are finite."""

BEHAVIOUR = (
    Factor.RECENCY,
    Factor.ORDER_FREQUENCY,
    Factor.SPENDING_TREND,
    Factor.SUPPORT_HISTORY,
    Factor.NPS,
    Factor.TENURE,
)
"""Factors that tell what customers do and meet, not who they are."""


@dataclass(frozen=True, eq=False)
class Risk:
    """Churn risks of a base.

    Attributes:
        method: What made them.
        probability: Of each customer, within the horizon.
        baseline: Probability that the terms start from.
        terms: By name, log-odds; they add up to those of the risk minus those of the baseline.
        evident: Whose risk rests on something of their own: purchases, or for the rule some
            behaviour; the others carry the base's.
    """

    method: RiskMethod
    probability: Vector
    baseline: float
    terms: dict[str, Vector]
    evident: NDArray[np.bool_]


def assess(
    features: pl.DataFrame,
    expected: Expectations,
    health: Health,
    profile: Profile,
    active: NDArray[np.bool_],
) -> Risk:
    """Give the churn risk of every customer by the profile's method.

    Args:
        features: Raw features.
        expected: What the purchase model expects; without an order log a rule takes its place.
        health: For the rule and the document's formula.
        profile: Method, horizon and parameters.
        active: Who is active; the baseline is their mean risk, where it is a mean.
    """
    if profile.risk.formula is RiskFormula.HEALTH:
        return by_health(features, health, profile.risk, active)
    if expected.fit is None:
        return by_rule(health, profile)
    return by_silence(expected, active)


def by_silence(expected: Expectations, active: NDArray[np.bool_]) -> Risk:
    """Take P(no purchase in the horizon); who never bought gets the buyers' mean.

    Terms: `rhythm` is what the customer's risk would be had they just bought, `silence` is what
    their silence adds, `no_purchase` is the term of those who never bought.
    """
    if expected.fit is None:
        raise ValueError("by_silence needs a purchase model")
    silent, fresh = (_vector(expected.columns[name]) for name in ("p_silent", "p_silent_fresh"))
    never = np.isnan(silent)
    silent, fresh = _inside(silent), _inside(fresh)
    everyone = float(silent[~never].mean()) if (~never).any() else 0.5
    probability = np.where(never, everyone, silent)
    baseline = _mean(probability, active)
    start = logit(baseline)
    terms = {
        "rhythm": np.where(never, 0.0, logit(fresh) - start),
        "silence": np.where(never, 0.0, logit(silent) - logit(fresh)),
        "no_purchase": np.where(never, logit(everyone) - start, 0.0),
    }
    return Risk(expected.fit.method, probability, baseline, terms, ~never)


def by_rule(health: Health, profile: Profile) -> Risk:
    """Take the base rate, moved by the health of the behavioural factors; uncalibrated.

    log-odds = those of the base rate + steepness (.5 - behavioural health / 100); a term per
    factor. Without any behavioural factor it is the base rate.
    """
    rule, factors = profile.risk, list(Factor)
    chosen = [factors.index(factor) for factor in BEHAVIOUR]
    weights = np.array([profile.weights[factor] for factor in BEHAVIOUR])
    values = health.sub_scores[:, chosen]
    present = ~np.isnan(values)
    total = (weights * present).sum(axis=1, keepdims=True)
    shares = weights * present / np.where(total > 0, total, 1)
    moves = rule.steepness * shares * (0.5 - np.nan_to_num(values, nan=0.5))
    terms = {factor.value: moves[:, place] for place, factor in enumerate(BEHAVIOUR)}
    probability = expit(logit(rule.base_rate) + moves.sum(axis=1))
    evident = health.known[:, chosen].sum(axis=1) > 0
    return Risk(RiskMethod.RULE, probability, rule.base_rate, terms, evident)


def by_health(
    features: pl.DataFrame, health: Health, rule: RiskRule, active: NDArray[np.bool_]
) -> Risk:
    """Take what health lacks, times the document's multipliers, within [0, 1]; uncalibrated.

    Terms: `health`, then what the multiplier of the `segment` and that of a `high_value` add.
    """
    lacking = 1 - health.score / 100
    multipliers = {name.lower(): by for name, by in rule.segment_multipliers.items()}
    names = features["segment"].str.to_lowercase()
    by_segment = _vector(
        names.replace_strict(multipliers, default=1.0, return_dtype=pl.Float64).fill_null(1.0)
    )
    value = _vector(features["ltv_cents"])
    threshold = np.inf if rule.high_value is None else 100 * rule.high_value
    by_value = np.where(value > threshold, rule.high_value_multiplier, 1.0)
    with_segment = lacking * by_segment
    probability = (with_segment * by_value).clip(0, 1)
    baseline = float(np.clip(_mean(probability, active), EDGE, 1 - EDGE))
    steps = [logit(_inside(step)) for step in (lacking, with_segment, probability)]
    terms = {
        "health": steps[0] - logit(baseline),
        "segment": steps[1] - steps[0],
        "high_value": steps[2] - steps[1],
    }
    return Risk(RiskMethod.SEED, probability, baseline, terms, np.full(len(probability), True))


def logit(p: Vector | float) -> Vector:
    """Give the log-odds of a probability."""
    result: Vector = np.log(p) - np.log1p(-np.asarray(p))
    return result


def expit(log_odds: Vector) -> Vector:
    """Give the probability of log-odds."""
    result: Vector = 1 / (1 + np.exp(-log_odds))
    return result


def _inside(p: Vector) -> Vector:
    return np.clip(p, EDGE, 1 - EDGE)


def _mean(probability: Vector, active: NDArray[np.bool_]) -> float:
    """Give the mean over the active, over everybody where nobody is, .5 for nobody at all."""
    among = probability[active] if active.any() else probability
    return float(among.mean()) if len(among) else 0.5


def _vector(column: pl.Series) -> Vector:
    result: Vector = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return result
