"""A customer's lifetime value beside those of the others."""

import polars as pl

COLUMNS = ("ltv_below", "ltv_equal", "ltv_known", "tier_below", "tier_known")


def place_among_others(features: pl.DataFrame) -> pl.DataFrame:
    """Add each customer's place among the lifetime values of the base.

    Adds `ltv_below`, `ltv_equal` and `ltv_known` (customers with a lower, the same, any lifetime
    value), `tier_below` and `tier_known` (the same within segment and tier), `median_ltv_cents`
    and `mean_ltv_cents` (of the segment; of the base where the segment is unknown). The places
    are null without a lifetime value.

    Args:
        features: With `ltv_cents` in whole cents, `segment` and `loyalty_tier`.
    """
    value = pl.col("ltv_cents")
    peers = ("segment", "loyalty_tier")
    unknown = pl.col("segment").is_null()
    return features.with_columns(
        (value.rank("min").cast(pl.Int64) - 1).alias("ltv_below"),
        pl.when(value.is_not_null()).then(pl.len().over("ltv_cents")).alias("ltv_equal"),
        value.count().alias("ltv_known"),
        (value.rank("min").over(peers).cast(pl.Int64) - 1).alias("tier_below"),
        value.count().over(peers).alias("tier_known"),
        *(
            pl.when(unknown).then(whole).otherwise(whole.over("segment")).alias(name)
            for name, whole in (
                ("median_ltv_cents", value.median()),
                ("mean_ltv_cents", value.mean()),
            )
        ),
    )
