"""Spending of the last quarter against the customer's own average, as a logarithm."""

import numpy as np
import polars as pl

from procx_graph.scoring.counting import QUARTER


def log2_trend(features: pl.DataFrame) -> pl.Series:
    """Give log2 of (spend of 90 days + c/2) / (own 90-day average + c/2).

    c is the mean purchase of the base. The average is over the days since signup or the first
    order, whichever is earlier, at least 90. Null where nothing was ever bought, and everywhere in
    a base without any spend.
    """
    spend, recent, history, orders = (
        features[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in ("spend_cents", "spend_90_cents", "history_days", "orders")
    )
    all_spend, all_orders = np.nansum(spend), np.nansum(orders)
    result = np.full(len(features), np.nan)
    if all_spend > 0:
        half = all_spend / all_orders / 2
        average = QUARTER * spend / np.maximum(history, QUARTER)
        bought = orders > 0
        result[bought] = np.log2((recent[bought] + half) / (average[bought] + half))
    return pl.Series("log2_trend", result, nan_to_null=True)
