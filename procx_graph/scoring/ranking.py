"""Who comes first: revenue at risk among the active customers."""

import polars as pl

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import ValueAtStake

DECIMALS = 6
"""Decimals of every published number, so that ranks do not depend on the engine."""


def value_at_stake(features: pl.DataFrame, kind: ValueAtStake) -> pl.Series:
    """Give the money at stake in the base's currency, 0 where it is unknown.

    In a base without an order log nothing is known of recent spend, so the lifetime value stands
    in for it.
    """
    name = "ltv_cents"
    if kind is ValueAtStake.SPEND_180 and features["spend_180_cents"].null_count() < len(features):
        name = "spend_180_cents"
    return (features[name].cast(pl.Float64).fill_null(0.0) / 100).alias("value_at_stake")


def rank(scores: pl.DataFrame) -> pl.DataFrame:
    """Add `rank` (1 is the most revenue at risk; ties by id) and `top_share`, for the active.

    Args:
        scores: With `customer_id`, `state` and a rounded `revenue_at_risk`.
    """
    is_active = pl.col("state") == CustomerState.ACTIVE.value
    active = (
        scores.filter(is_active)
        .sort("revenue_at_risk", "customer_id", descending=[True, False])
        .select("customer_id")
        .with_row_index("rank", offset=1)
        .with_columns(pl.col("rank").cast(pl.Int64))
    )
    share = pl.col("rank") / max(len(active), 1)
    ranked = scores.join(active, on="customer_id", how="left", maintain_order="left")
    return ranked.with_columns(share.alias("top_share"))
