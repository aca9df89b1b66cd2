"""Rows of the score table as `Score` objects."""

from collections.abc import Iterator, Sequence

import polars as pl

from procx_graph.domain.health import Driver, Factor
from procx_graph.domain.risk import Score
from procx_graph.scoring.health.weighing import NAMES, Health
from procx_graph.scoring.ranking import DECIMALS

_FIELDS = (
    "customer_id",
    "as_of",
    "state",
    "health",
    "coverage",
    "confidence",
    "churn_risk",
    "churn_risk_low",
    "churn_risk_high",
    "risk_method",
    "horizon_days",
    "risk_level",
    "value_at_stake",
    "revenue_at_risk",
    "rank",
    "top_share",
    "lifetime_value",
)


def as_scores(
    frame: pl.DataFrame,
    health: Health,
    profile_hash: str,
    drivers: Sequence[Sequence[Driver]],
) -> Iterator[Score]:
    """Give the score of each row.

    Args:
        frame: Rows of the score table.
        health: Of the same customers.
        profile_hash: What made them.
        drivers: Reasons of the same customers.
    """
    told = frame.select(_FIELDS).iter_rows(named=True)
    known = health.frame.select(f"known_{name}" for name in NAMES).iter_rows()
    values = health.frame.select(NAMES).iter_rows()
    for row, reasons, *own in zip(told, drivers, values, known, strict=True):
        yield Score(
            **row,
            sub_scores=_sub_scores(*own),
            profile=profile_hash,
            drivers=tuple(reasons),
        )


def _sub_scores(
    values: Sequence[float | None], known: Sequence[bool]
) -> dict[Factor, float | None]:
    return {
        factor: round(value, DECIMALS) if there and value is not None else None
        for factor, value, there in zip(Factor, values, known, strict=True)
    }
