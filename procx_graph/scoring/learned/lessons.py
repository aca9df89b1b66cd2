"""What past moments teach: the inputs of everybody then, and what came of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels
from procx_graph.domain.profile import Profile
from procx_graph.domain.risk import RiskMethod
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import Engine
from procx_graph.scoring.learned.fitting import Rows
from procx_graph.scoring.learned.inputs import Inputs, inputs
from procx_graph.scoring.lookback import Outlook, look_back
from procx_graph.tables.moment import literal

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

POSITIVES = 50
"""Outcomes over all origins below which nothing is learned."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """One origin: a row per customer whose outcome is known.

    Attributes:
        origin: The moment.
        customer_ids: Of the rows.
        rows: Inputs and outcomes.
        active: Who had bought lately.
        mbg: The risk without a model; NaN without an order log.
        recency: Days since the last purchase; infinite for who never bought, NaN where nobody did.
    """

    origin: datetime
    customer_ids: pl.Series
    rows: Rows
    active: Flags
    mbg: Vector
    recency: Vector

    @property
    def happened(self) -> Flags:
        """What came of the rows."""
        return self.rows.happened


def lessons(
    base: CustomerBase,
    *,
    profile: Profile,
    labels: Labels,
    origins: int,
    engine: Engine = "polars",
    without: Collection[str] = (),
) -> Iterator[Lesson]:
    """Give what a base's past teaches, the latest origin first.

    Origins lie one horizon apart, so that what an older one teaches was known at the next.

    Args:
        base: The tables.
        profile: How to score, without a model.
        labels: What counts as having left.
        origins: How many at most.
        engine: Where the features are counted.
        without: Inputs to leave out.

    Raises:
        ConfigError: There is no table to read outcomes from.
    """
    found = look_back(
        base,
        profile=profile,
        origins=origins,
        every=profile.risk.horizon_days,
        labels=labels,
        engine=engine,
    )
    return (_lesson(outlook, without) for outlook in found)


def choose_labels(base: CustomerBase, *, horizon_days: int, origins: int) -> Labels:
    """Take dated churn labels where enough left within the origins' horizons, else the order log.

    Raises:
        ConfigError: The base has neither.
    """
    if not base.has(Labels.CHURN.value) and not base.has(Labels.ORDERS.value):
        raise ConfigError(
            f"{base.name} has neither orders nor churn_labels, so there is nothing to learn from"
        )
    if not base.has(Labels.ORDERS.value):
        return Labels.CHURN
    if not base.has(Labels.CHURN.value):
        return Labels.ORDERS
    since = base.as_of - timedelta(days=horizon_days) * origins
    left = base.table(Labels.CHURN.value).filter(
        pl.col("is_churn").fill_null(False), pl.col("churn_date") > literal(since)
    )
    return Labels.CHURN if left.select(pl.len()).collect().item() >= POSITIVES else Labels.ORDERS


def pooled(parts: Sequence[Lesson]) -> Rows:
    """Put the rows of several origins below each other."""
    names = parts[0].rows.given
    given: Inputs = {
        name: np.concatenate([part.rows.given[name] for part in parts]) for name in names
    }
    return Rows(given, np.concatenate([part.happened for part in parts]))


def has_both(parts: Sequence[Lesson]) -> bool:
    """Say whether both outcomes occur in some origins."""
    outcomes = {bool(outcome) for part in parts for outcome in np.unique(part.happened)}
    return len(outcomes) > 1


def _lesson(outlook: Outlook, without: Collection[str]) -> Lesson:
    scores, known = outlook.scores, np.flatnonzero(outlook.known)
    features = scores.features[known]
    given = inputs(features, scores.health.sub_scores[known])
    kept = {name: values for name, values in given.items() if name not in without}
    rows = Rows(kept, outlook.happened[known])
    since = features["days_since_order"].cast(pl.Float64)
    if since.null_count() < len(since):
        since = since.fill_null(np.inf)
    return Lesson(
        outlook.origin,
        features["customer_id"],
        rows,
        outlook.active[known],
        _mbg(outlook),
        since.fill_null(np.nan).to_numpy(),
    )


def _mbg(outlook: Outlook) -> Vector:
    """Give the risk that stays where no model is admitted, if it is P(silent)."""
    risk, known = outlook.scores.risk, np.flatnonzero(outlook.known)
    if risk.method in (RiskMethod.MBG, RiskMethod.MBG_PRIOR):
        return risk.probability[known]
    silent = outlook.scores.features["p_silent"][known].cast(pl.Float64)
    return silent.fill_null(silent.mean()).fill_null(np.nan).to_numpy()
