"""What changed between two scorings of a base, and where one customer is heading."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.domain.risk import RiskMethod

DECIMALS = 6
"""Decimals of every published number; a difference of two has no more."""

FROM_ORDERS = (RiskMethod.MBG.value, RiskMethod.MBG_PRIOR.value)
"""Methods whose risk is made of dated rows alone, so that coverage does not bear on it."""

_DAY = timedelta(days=1)
_ALMOST = 1e-6
"""Nearest that a risk comes to 0 and 1 where its odds are taken: its last published digit."""


class Trend(Noun):
    """Where one customer is heading, by a straight line through the latest scorings."""

    customer_id: str
    health_per_30_days: float | None
    """Points of health; `None` with fewer than three comparable scorings."""
    log_odds_per_30_days: float | None
    """Natural log-odds of the churn risk; `None` with fewer than three that have a risk."""
    scorings: tuple[int, ...]
    """Ids of what the line runs through, oldest first."""
    since: datetime | None
    """Moment of the first of them; `None` without any."""


def compare(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Set the scores of one scoring beside those of an earlier one with the same profile.

    Args:
        now: Scores with the columns of their scoring.
        before: The same of the earlier one.

    Returns:
        A row per customer of `now`. `delta_health` is null where the customer was not there, the
        coverage was another, or only one of the two saw the base's present and with it snapshots
        (it has a `cohort_version`); so is `delta_risk`, unless the risk is made of dated rows
        alone, and where another method made it.
    """
    joined = now.join(before, on="customer_id", how="left", suffix="_before")
    current, was_current = (pl.col(f"cohort_version{of}").is_not_null() for of in ("", "_before"))
    same_coverage = pl.col("coverage") == pl.col("coverage_before")
    comparable = same_coverage & (current == was_current)
    alike = (comparable | pl.col("method").is_in(FROM_ORDERS)) & (
        pl.col("method") == pl.col("method_before")
    )
    health = pl.col("health") - pl.col("health_before")
    risk = pl.col("churn_risk") - pl.col("churn_risk_before")
    return joined.select(
        "customer_id",
        "health",
        "churn_risk",
        pl.when(comparable).then(health.round(DECIMALS)).alias("delta_health"),
        pl.when(alike).then(risk.round(DECIMALS)).alias("delta_risk"),
        "health_before",
        "churn_risk_before",
        "scoring_id",
        pl.col("scoring_id_before").alias("previous_id"),
        "as_of",
        pl.col("as_of_before").alias("since"),
        ((pl.col("as_of") - pl.col("as_of_before")) / _DAY).alias("days"),
    ).sort("customer_id")


def deltas(moments: pl.DataFrame, days: int) -> pl.DataFrame:
    """Set every moment of one customer beside the nearest one at least so many days before.

    Args:
        moments: What `ScoreHistory.of` gives.
        days: At least this many days lie between; 0 takes the moment before.

    Returns:
        The columns of `compare`, a row per moment, oldest first.
    """
    rows = []
    for place in range(len(moments)):
        now = moments[place]
        latest = now["as_of"].item() - days * _DAY
        same = moments[:place].filter(
            pl.col("profile_hash") == now["profile_hash"].item(), pl.col("as_of") <= latest
        )
        rows.append(compare(now, same.tail(1)))
    return pl.concat(rows) if rows else compare(moments, moments)


def trend(customer_id: str, moments: pl.DataFrame, last: int) -> Trend:
    """Draw a straight line, by least squares, through the latest comparable moments.

    Comparable are those with the profile and the coverage of the latest one that saw snapshots if
    it did; the risk needs its method, and the rest only where it is not made of dated rows alone.

    Args:
        customer_id: Whose moments they are.
        moments: What `ScoreHistory.of` gives.
        last: At most so many of the latest.
    """
    seen = moments.with_columns(pl.col("cohort_version").is_not_null().alias("current"))
    alike = _like_the_latest(seen, "profile_hash", "coverage", "current").tail(last)
    dated = seen["method"].tail(1).is_in(FROM_ORDERS).any()
    rest = () if dated else ("coverage", "current")
    risk = _like_the_latest(seen, "profile_hash", "method", *rest).tail(last)
    risk = risk.drop_nulls("churn_risk")
    p = risk["churn_risk"].clip(_ALMOST, 1 - _ALMOST)
    return Trend(
        customer_id=customer_id,
        health_per_30_days=_slope(alike["as_of"], alike["health"]),
        log_odds_per_30_days=_slope(risk["as_of"], (p / (1 - p)).log()),
        scorings=tuple(alike["scoring_id"]),
        since=in_utc(alike["as_of"][0]) if len(alike) else None,
    )


def _like_the_latest(moments: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Keep the moments that agree with the latest one in these columns."""
    return moments.join(moments.tail(1), on=list(names), how="semi", maintain_order="left")


def _slope(at: pl.Series, values: pl.Series) -> float | None:
    """Give the rise per 30 days; None with fewer than three values."""
    if len(values) < 3:
        return None
    months = ((at - at[0]) / (30 * _DAY)).to_numpy()
    centred = months - months.mean()
    rise = float(centred @ values.to_numpy() / (centred @ centred))
    return round(rise, DECIMALS) + 0.0 if np.isfinite(rise) else None
