"""What support, satisfaction and payments add to the risk of silence: bounded, and documented.

Source: facts on scoring, section 4.6; its numbers are in the profile.
"""

import numpy as np
import polars as pl

from procx_graph.domain.health import Factor
from procx_graph.domain.profile import EvidenceRule
from procx_graph.scoring.health.weighing import Health
from procx_graph.scoring.vectors import Vector, vectors


def shifts(features: pl.DataFrame, health: Health, rule: EvidenceRule) -> dict[str, Vector]:
    """Give the shifts in log-odds by name: `support`, `nps`, `payments`; unknown shifts by 0.

    Together they are never beyond the bound of the rule: larger ones shrink in proportion.

    Args:
        features: With `failed_payments` and `payments`.
        health: Of the same customers.
        rule: Strengths and bound.
    """
    if rule.bound == 0:
        return {}
    given = {
        "support": rule.support * (rule.usual_support - health.sub_score(Factor.SUPPORT_HISTORY)),
        "nps": rule.nps * (rule.usual_nps - health.sub_score(Factor.NPS)),
        "payments": rule.payments * (failure_share(features, rule) - rule.usual_failures),
    }
    known = {name: np.where(np.isnan(shift), 0.0, shift) for name, shift in given.items()}
    total = known["support"] + known["nps"] + known["payments"]
    scale = rule.bound / np.maximum(np.abs(total), rule.bound)
    return {name: shift * scale for name, shift in known.items()}


def failure_share(features: pl.DataFrame, rule: EvidenceRule) -> Vector:
    """Give the share of payments that failed, drawn towards the usual; NaN without the table."""
    failed, tried = vectors(features, "failed_payments", "payments")
    prior = rule.payments_prior
    share: Vector = (failed + rule.usual_failures * prior) / (tried + prior)
    return share
