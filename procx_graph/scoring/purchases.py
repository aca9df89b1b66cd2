"""What the purchase model says about every customer, from their order days."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from procx_graph.domain.profile import RiskRule
from procx_graph.scoring.silence import Fit, Histories, Vector, alive, fit, rate, silent

MONTH = 30.0
"""Days of a month, for rates."""
NAMES = ("p_alive", "p_silent", "p_silent_fresh", "ln_monthly_rate")


@dataclass(frozen=True, eq=False)
class Expectations:
    """The purchase model of a base, and what it expects of each customer.

    Attributes:
        fit: The model; None where nobody ever bought, or there is no order log.
        columns: One row per customer, null for those who never bought: `p_alive`, `p_silent`,
            `p_silent_fresh` (had they just bought) and `ln_monthly_rate` (logarithm of the
            expected purchase days per 30 days while they are a customer).
    """

    fit: Fit | None
    columns: pl.DataFrame


def expect(features: pl.DataFrame, rule: RiskRule) -> Expectations:
    """Fit the purchase model to the base and ask it about every customer."""
    bought = features["order_days"].fill_null(0) > 0
    buyers = features.filter(bought)
    histories = _histories(buyers)
    fitted = fit(histories, rule.prior, rule.fit) if len(buyers) else None
    values: dict[str, Vector] = {}
    if fitted is not None:
        model, horizon = fitted.model, float(rule.horizon_days)
        fresh = Histories(histories.x, histories.T, histories.T)
        values = {
            "p_alive": alive(model, histories),
            "p_silent": silent(model, histories, horizon),
            "p_silent_fresh": silent(model, fresh, horizon),
            "ln_monthly_rate": np.log(MONTH * rate(model, histories)),
        }
    return Expectations(fitted, pl.DataFrame([_spread(n, values.get(n), bought) for n in NAMES]))


def _spread(name: str, values: Vector | None, bought: pl.Series) -> pl.Series:
    """Give one value per customer, null for those who never bought."""
    column = np.full(len(bought), np.nan)
    if values is not None:
        column[bought.to_numpy()] = values
    return pl.Series(name, column, dtype=pl.Float64, nan_to_null=True)


def _histories(buyers: pl.DataFrame) -> Histories:
    first = buyers["days_since_first_order"].to_numpy().astype(float)
    last = buyers["days_since_order"].to_numpy().astype(float)
    days = buyers["order_days"].to_numpy().astype(float)
    return Histories(x=days - 1, t=first - last, T=np.maximum(first, 1.0))
