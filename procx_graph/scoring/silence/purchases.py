"""What the purchase model says about every customer, from their order days."""

import numpy as np
import polars as pl

from procx_graph.domain.profile import PurchaseModel, RiskRule
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.silence.fit import Fit, fit
from procx_graph.scoring.silence.mbg import Histories, Vector, prospects

MONTH = 30.0
"""Days of a month, for rates."""
DAYS = ("order_days", "days_since_first_order", "days_since_order")
NAMES = ("p_alive", "p_silent", "p_silent_fresh", "ln_monthly_rate")


def fit_purchases(
    features: pl.DataFrame, rule: RiskRule, *, known: PurchaseModel | None = None
) -> Fit | None:
    """Fit the purchase model to a base; None where nobody ever bought, or without an order log.

    Args:
        features: With `order_days`, `days_since_first_order` and `days_since_order`.
        rule: Prior and how to fit.
        known: Parameters fitted before, time in days; they are taken as they are.
    """
    bought = _bought(features)
    if not bought.any():
        return None
    if known is not None:
        return Fit(known, RiskMethod.MBG, 0)
    return fit(_histories(features.select(DAYS).filter(bought)), rule.prior, rule.fit)


def expectations(features: pl.DataFrame, fitted: Fit | None, horizon_days: int) -> pl.DataFrame:
    """Ask the purchase model about every customer.

    Returns:
        One row per customer, null for those who never bought: `p_alive`, `p_silent`,
        `p_silent_fresh` (had they just bought) and `ln_monthly_rate` (logarithm of the expected
        purchase days per 30 days while they are a customer).
    """
    bought = _bought(features)
    if fitted is None:
        return pl.DataFrame([_spread(name, None, bought) for name in NAMES])
    ahead = prospects(
        fitted.model, _histories(features.select(DAYS).filter(bought)), float(horizon_days)
    )
    monthly = ahead.ln_rate + np.log(MONTH)
    values = (ahead.alive, ahead.silent, ahead.silent_fresh, monthly)
    return pl.DataFrame([_spread(*pair, bought) for pair in zip(NAMES, values, strict=True)])


def _bought(features: pl.DataFrame) -> pl.Series:
    return features["order_days"].fill_null(0) > 0


def _spread(name: str, values: Vector | None, bought: pl.Series) -> pl.Series:
    """Give one value per customer, null for those who never bought."""
    column = np.full(len(bought), np.nan)
    if values is not None:
        column[bought.to_numpy()] = values
    return pl.Series(name, column, dtype=pl.Float64, nan_to_null=True)


def _histories(buyers: pl.DataFrame) -> Histories:
    """Give the histories of buyers; a first purchase today is a day ago, as T is 1 at least."""
    days, first, last = (buyers[name].to_numpy().astype(float) for name in DAYS)
    return Histories(x=days - 1, t=first - last, T=np.maximum(first, 1.0))
