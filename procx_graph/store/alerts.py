"""Alerts: what happened to customers between a scoring and the one before."""

from enum import StrEnum

import polars as pl

WINDOW_DAYS = 30
"""Jumps are looked for over so many days at least, whatever lies between two scorings."""
RISK_RISE = 0.15
"""A churn risk that rose by this much is told."""
HEALTH_FALL = 10.0
"""So is a health that fell by so many points."""


class AlertKind(StrEnum):
    """What an alert tells."""

    ENTERED_QUEUE = "entered_queue"
    """`before` and `now` are shares of the active customers up to the rank."""
    LEFT_QUEUE = "left_queue"
    RISK_ROSE = "risk_rose"
    """`before` and `now` are churn risks."""
    HEALTH_FELL = "health_fell"
    """`before` and `now` are healths."""
    LEVEL_ROSE = "level_rose"
    """`before` and `now` are the orders of the held levels, 0 for low to 3 for critical."""
    LEVEL_FELL = "level_fell"


def queue_alerts(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Tell who entered and who left the queue, by what `standing.queue` says of the two."""
    both = now.join(before, on="customer_id", how="full", coalesce=True, suffix="_before")
    entered = both.filter(pl.col("share_before").is_null())
    left = both.filter(pl.col("share").is_null())
    return pl.concat(
        [
            _alerts(entered, AlertKind.ENTERED_QUEUE, "share_before", "share"),
            _alerts(left, AlertKind.LEFT_QUEUE, "share_before", "share"),
        ]
    )


def jump_alerts(changes: pl.DataFrame) -> pl.DataFrame:
    """Tell whose risk rose and whose health fell, by what `changes.compare` says."""
    rose = changes.filter(pl.col("delta_risk") >= RISK_RISE)
    fell = changes.filter(pl.col("delta_health") <= -HEALTH_FALL)
    return pl.concat(
        [
            _alerts(rose, AlertKind.RISK_ROSE, "churn_risk_before", "churn_risk"),
            _alerts(fell, AlertKind.HEALTH_FELL, "health_before", "health"),
        ]
    )


def level_alerts(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Tell whose held level changed, by what `standing.held_levels` says of the two."""
    both = now.join(before, on="customer_id", suffix="_before")
    rose = both.filter(pl.col("held") > pl.col("held_before"))
    fell = both.filter(pl.col("held") < pl.col("held_before"))
    return pl.concat(
        [
            _alerts(rose, AlertKind.LEVEL_ROSE, "held_before", "held"),
            _alerts(fell, AlertKind.LEVEL_FELL, "held_before", "held"),
        ]
    )


def _alerts(frame: pl.DataFrame, kind: AlertKind, before: str, now: str) -> pl.DataFrame:
    return frame.select(
        "customer_id",
        pl.lit(kind.value).alias("kind"),
        pl.col(before).cast(pl.Float64).alias("before"),
        pl.col(now).cast(pl.Float64).alias("now"),
    )
