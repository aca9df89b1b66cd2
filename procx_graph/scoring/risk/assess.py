"""Churn risk by the profile's method, a sum of named terms in log-odds over a stated baseline."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.learned import LearnedModel
from procx_graph.domain.profile import EvidenceRule, Profile, RiskFormula
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.health.weighing import Health
from procx_graph.scoring.learned.predict import predict
from procx_graph.scoring.risk.evidence_shift import shifts
from procx_graph.scoring.risk.odds import expit, inside, logit
from procx_graph.scoring.risk.rules import by_behaviour, by_health
from procx_graph.scoring.vectors import Vector, vectors

Terms = dict[str, Vector]


@dataclass(frozen=True, eq=False)
class Risk:
    """Churn risks of some customers.

    Attributes:
        method: What made them.
        probability: Of each customer, within the horizon.
        evident: Whose risk rests on something of their own: purchases, or for the rule some
            behaviour; the others carry the base's.
        baseline: Probability that the terms start from; the mean of the base unless it is fixed.
        fixed: Whether the method has a baseline of its own.
        write_terms: Makes the terms over a baseline.
        low: Lower end of the 80 % interval of a learned risk; None for the other methods.
        high: Its upper end.
    """

    method: RiskMethod
    probability: Vector
    evident: NDArray[np.bool_]
    baseline: float
    fixed: bool
    write_terms: Callable[[float], Terms]
    low: Vector | None = None
    high: Vector | None = None

    @cached_property
    def terms(self) -> Terms:
        """By name, log-odds; they add up to those of the risk minus those of the baseline."""
        return self.write_terms(self.baseline)

    def against(self, mean: float) -> "Risk":
        """Give the same risks told against the mean risk of their base."""
        return self if self.fixed else replace(self, baseline=float(inside(np.array(mean))))


def assess(
    features: pl.DataFrame,
    health: Health,
    profile: Profile,
    *,
    buyers: float,
    fitted: RiskMethod | None,
    learned: LearnedModel | None = None,
) -> Risk:
    """Give the churn risk of every customer: learned, else by the profile's formula.

    Args:
        features: With what the purchase model expects.
        health: Of the same customers.
        profile: Method, horizon and parameters.
        buyers: Mean P(silent) of the base's buyers; stands in for those who never bought.
        fitted: What made the purchase model; None without one, when a rule takes its place.
        learned: A model that knew nothing later than the customers' moment; None for none.
    """
    rule, bought = profile.risk, features["p_silent"].is_not_null().to_numpy()
    if learned is not None:
        return _by_model(learned, features, health, evident=bought if fitted else None)
    if rule.formula is RiskFormula.HEALTH:
        found, terms = by_health(features, health, rule)
        return Risk(RiskMethod.SEED, found, np.full(len(found), True), buyers, False, terms)
    if fitted is None:
        found, evident, by_factor = by_behaviour(health, profile)
        return Risk(RiskMethod.RULE, found, evident, rule.base_rate, True, lambda _: by_factor)
    found, terms = by_silence(features, health, rule.evidence, buyers)
    return Risk(fitted, found, bought, buyers, False, terms)


def _by_model(
    model: LearnedModel,
    features: pl.DataFrame,
    health: Health,
    *,
    evident: NDArray[np.bool_] | None,
) -> Risk:
    """Take what the model predicts; `evident` None is evident for who is known at all."""
    told = predict(model, features, health.sub_scores)
    known = health.coverage > 0 if evident is None else evident
    return Risk(
        RiskMethod.LEARNED,
        told.probability,
        known,
        told.baseline,
        True,
        lambda _: told.terms,
        told.low,
        told.high,
    )


def by_silence(
    features: pl.DataFrame, health: Health, rule: EvidenceRule, buyers: float
) -> tuple[Vector, Callable[[float], Terms]]:
    """Take P(no purchase in the horizon), shifted by evidence; who never bought gets the buyers'.

    Terms: `rhythm` is what the customer's risk would be had they just bought, `silence` is what
    their silence adds, `no_purchase` is the term of those who never bought, then the shifts.

    Source: facts on scoring, section 4.6.
    """
    never = features["p_silent"].is_null().to_numpy()
    silent, fresh = (
        inside(np.where(never, buyers, chance))
        for chance in vectors(features, "p_silent", "p_silent_fresh")
    )
    moved = shifts(features, health, rule)
    log_odds = logit(silent)
    for shift in moved.values():
        log_odds = log_odds + shift

    def terms(baseline: float) -> Terms:
        start = logit(baseline)
        return {
            "rhythm": np.where(never, 0.0, logit(fresh) - start),
            "silence": np.where(never, 0.0, logit(silent) - logit(fresh)),
            "no_purchase": np.where(never, logit(silent) - start, 0.0),
            **moved,
        }

    return expit(log_odds), terms
