"""A customer's lifetime value and rhythm beside those of the others."""

import polars as pl


def place_among_others(features: pl.DataFrame) -> pl.DataFrame:
    """Add each customer's place among the lifetime values of the base, and the base's rhythm.

    Adds `ltv_below`, `ltv_equal` and `ltv_known` (customers with a lower, the same, any lifetime
    value), `tier_below`, `tier_equal` and `tier_known` (the same within segment and tier, in any
    case), `median_ltv_cents` and `mean_ltv_cents` (of the segment; of the base where the segment
    is unknown). The places are null without a lifetime value. `typical_gap_days` is one number,
    the median over those who bought on several days of their mean days between; null without any.

    Args:
        features: With `ltv_cents` in whole cents, `segment`, `loyalty_tier` and the order days.
    """
    value = pl.col("ltv_cents")
    segment, tier = (pl.col(name).str.to_lowercase() for name in ("segment", "loyalty_tier"))
    peers = (segment, tier)
    span = pl.col("days_since_first_order") - pl.col("days_since_order")
    gap = pl.when(pl.col("order_days") > 1).then(span / (pl.col("order_days") - 1))
    return features.with_columns(
        (value.rank("min").cast(pl.Int64) - 1).alias("ltv_below"),
        pl.when(value.is_not_null()).then(pl.len().over("ltv_cents")).alias("ltv_equal"),
        value.count().alias("ltv_known"),
        (value.rank("min").over(peers).cast(pl.Int64) - 1).alias("tier_below"),
        pl.when(value.is_not_null()).then(pl.len().over(*peers, value)).alias("tier_equal"),
        value.count().over(peers).alias("tier_known"),
        *(
            pl.when(segment.is_null()).then(whole).otherwise(whole.over(segment)).alias(name)
            for name, whole in (
                ("median_ltv_cents", value.median()),
                ("mean_ltv_cents", value.mean()),
            )
        ),
        gap.median().alias("typical_gap_days"),
    )
