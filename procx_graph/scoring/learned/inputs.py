"""What a learned risk reads of each customer, and which way each input may move it.

Segment and tier are left out: they are snapshots, without a date. All inputs of a moment come
from rows up to that moment.

Source: facts on scoring, section 4.6.3.
"""

import hashlib
import json

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.health import Factor
from procx_graph.domain.learned import LearnedFeature, LearnedModel
from procx_graph.domain.profile import EvidenceRule, Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.risk.evidence_shift import failure_share
from procx_graph.scoring.risk.odds import inside, logit

Vector = NDArray[np.float64]
Inputs = dict[str, Vector]

LEFT_OUT = (Factor.SEGMENT, Factor.LOYALTY_TIER)
"""Factors that have no past."""

SIGNS: dict[str, int] = {
    **{factor.value: -1 for factor in Factor if factor not in LEFT_OUT},
    "silence": 1,
    "payments": 1,
    "rhythm": 0,
    "inactivity": 0,
}
"""Inputs by name, and what their effect on the risk is held to: -1 not rising, 1 not falling."""

_PAYMENTS = EvidenceRule(usual_failures=0.1, payments_prior=2.0)
"""The share of failed payments is (failed + .2) / (tried + 2), whatever the profile says."""


def inputs(features: pl.DataFrame, sub_scores: NDArray[np.float64]) -> Inputs:
    """Give the inputs by name, one number per customer, NaN is missing.

    `silence` is the log-odds of P(silent), `payments` the share of payments that failed, `rhythm`
    the logarithm of the expected purchase days per 30 days, `inactivity` ln(1 + days since the
    customer last did something); the others are sub-scores in [0, 1].

    Args:
        features: With what the purchase model expects.
        sub_scores: One column per factor.
    """
    found = {
        factor.value: np.ascontiguousarray(sub_scores[:, place])
        for place, factor in enumerate(Factor)
        if factor not in LEFT_OUT
    }
    return found | {
        "silence": logit(inside(_vector(features, "p_silent"))),
        "payments": failure_share(features, _PAYMENTS),
        "rhythm": _vector(features, "ln_monthly_rate"),
        "inactivity": np.log(1 + _vector(features, "days_since_active")),
    }


def standardised(model: LearnedModel, given: Inputs) -> list[Vector]:
    """Give the inputs of a model in its order, in standard deviations from its means.

    Raises:
        ConfigError: The model asks for an input that does not exist.
    """
    return [standardise(feature, _named(given, feature.name)) for feature in model.features]


def standardise(feature: LearnedFeature, values: Vector) -> Vector:
    """Give values in standard deviations from the mean of training; NaN stays."""
    return (values - feature.mean) / feature.sd


def inputs_hash(profile: Profile) -> str:
    """Give twelve hex digits that change when the profile makes other inputs.

    Weights, levels and names do not matter to them, the curves of the factors do.
    """
    factors = {
        factor.value: profile.factors[factor].model_dump(mode="json", exclude={"weight"})
        for factor in Factor
        if factor not in LEFT_OUT
    }
    rules = profile.model_dump(mode="json", include={"missing", "activity", "purchase"})
    silence = profile.risk.model_dump(mode="json", include={"horizon_days", "prior", "fit"})
    text = json.dumps([factors, rules, silence], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _named(given: Inputs, name: str) -> Vector:
    if name not in given:
        raise ConfigError(
            f"the learned model reads {name!r}, which this version does not know; train it again"
        )
    return given[name]


def _vector(features: pl.DataFrame, name: str) -> Vector:
    column: Vector = features[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return column
