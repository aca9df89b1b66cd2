"""The purchase model of a base: fitted to its own order log, or shipped where that is too small.

What a model expects of a buyer is in `mbg`; this module chooses the model.
"""

from dataclasses import dataclass

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.silence.likelihood import log_likelihood, maximise_likelihood
from procx_graph.scoring.silence.mbg import (
    Histories,
    Prospects,
    Vector,
    alive,
    prospects,
    rate,
    silent,
)

__all__ = [
    "Fit",
    "Histories",
    "Prospects",
    "Vector",
    "alive",
    "fit",
    "log_likelihood",
    "maximise_likelihood",
    "prospects",
    "rate",
    "silent",
]

UNTOLD = "a parameter ran to the end of its range: these orders do not tell it"


@dataclass(frozen=True)
class Fit:
    """The purchase model of a base, and where it comes from."""

    model: PurchaseModel
    method: RiskMethod
    """`mbg` when fitted, `mbg-prior` when the shipped parameters stand in."""
    customers: int
    """Buyers it was fitted on; 0 for the prior."""
    reason: str | None = None
    """Why the shipped parameters stand in; None when fitted."""


def fit(histories: Histories, prior: PurchaseModel, rule: FitRule) -> Fit:
    """Fit the model to everybody in a base, or take the prior where that tells nothing.

    Args:
        histories: Of everyone who bought, time in days.
        prior: Parameters for small bases, time in days.
        rule: Smallest base, most cells and penalty.
    """
    reason = _too_small(histories, rule)
    if reason is None:
        found = maximise_likelihood(histories, penalty=rule.penalty, cells=rule.cells)
        if not found.at_bound:
            return Fit(found.model, RiskMethod.MBG, len(histories))
        reason = UNTOLD
    return Fit(prior, RiskMethod.MBG_PRIOR, 0, reason)


def _too_small(histories: Histories, rule: FitRule) -> str | None:
    """Say what a base has too little of to be fitted; None when it has enough."""
    needs = (
        ("buyers", len(histories), rule.min_customers),
        ("repeat buyers", int((histories.x > 0).sum()), rule.min_repeat_buyers),
        ("repeat purchase days", int(histories.x.sum()), rule.min_repeats),
    )
    for what, there, needed in needs:
        if there < needed:
            return f"{there} {what}, a fit needs {needed}"
    return None
