"""Where customers stand: churned, new, active or dormant, the first that fits."""

import polars as pl

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import StateRule


def states(features: pl.DataFrame, rule: StateRule) -> pl.Series:
    """Give the state of each customer.

    Churned is a label dated up to as_of, or without a date in a base that is current. In a base
    without an order log the last activity stands in for the last purchase. Being new counts from
    signup or the first order, whichever is earlier.
    """
    last = "days_since_order"
    if features["orders"].null_count() == len(features):
        last = "days_since_active"
    young = pl.col("history_days").fill_null(rule.new_days) < rule.new_days
    state = (
        pl.when(pl.col("churned").fill_null(False))
        .then(pl.lit(CustomerState.CHURNED.value))
        .when(pl.col(last).is_null() | young)
        .then(pl.lit(CustomerState.NEW.value))
        .when(pl.col(last) <= rule.active_days)
        .then(pl.lit(CustomerState.ACTIVE.value))
        .otherwise(pl.lit(CustomerState.DORMANT.value))
    )
    return features.select(state.alias("state")).to_series()
