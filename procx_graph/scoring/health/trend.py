"""Spending of the last quarter against the customer's own average, as a logarithm."""

import numpy as np
import polars as pl

from procx_graph.scoring.features.counting import QUARTER
from procx_graph.scoring.vectors import vectors


def log2_trend(features: pl.DataFrame, mean_order_cents: float | None) -> pl.Series:
    """Give log2 of (spend of 90 days + c/2) / (own 90-day average + c/2).

    The average is over the days since signup or the first order, whichever is earlier, at least
    90. Null where nothing was ever bought, and everywhere in a base without any spend.

    Args:
        features: With the spend, the orders and the history.
        mean_order_cents: c, the mean purchase of the base; None without any spend.
    """
    if mean_order_cents is None:
        return pl.Series("log2_trend", np.full(len(features), np.nan), nan_to_null=True)
    spend, recent, history, orders = vectors(
        features, "spend_cents", "spend_90_cents", "history_days", "orders"
    )
    half = mean_order_cents / 2
    average = QUARTER * spend / np.maximum(history, QUARTER)
    trend = np.log2((recent + half) / (average + half))
    return pl.Series("log2_trend", np.where(orders > 0, trend, np.nan), nan_to_null=True)
