"""Where customers stand: churned, new, active or dormant, the first that fits."""

import polars as pl

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import StateRule


def states(rule: StateRule) -> pl.Expr:
    """Give the state of each customer, over the feature columns.

    Churned is a label dated up to as_of, or without a date in a base that is current. In a base
    without an order log (`orders` is null) the last activity stands in for the last purchase.
    Being new counts from signup or the first order, whichever is earlier.
    """
    no_log = pl.col("orders").is_null()
    last = pl.when(no_log).then(pl.col("days_since_active")).otherwise(pl.col("days_since_order"))
    young = pl.col("history_days").fill_null(rule.new_days) < rule.new_days
    return (
        pl.when(pl.col("churned").fill_null(False))
        .then(pl.lit(CustomerState.CHURNED.value))
        .when(last.is_null() | young)
        .then(pl.lit(CustomerState.NEW.value))
        .when(last <= rule.active_days)
        .then(pl.lit(CustomerState.ACTIVE.value))
        .otherwise(pl.lit(CustomerState.DORMANT.value))
        .alias("state")
    )
