"""The money at stake, and who comes first: revenue at risk among the active customers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import ValueAtStake
from procx_graph.scoring.silence.purchases import MONTH
from procx_graph.scoring.vectors import Vector

DECIMALS = 6
"""Decimals of every published number, so that ranks do not depend on the engine."""
PRIOR_ORDERS = 2
"""Mean purchases of the base that every customer's mean purchase starts with."""


def value_at_stake(
    features: pl.DataFrame, kind: ValueAtStake, *, horizon: int, mean_order_cents: float | None
) -> pl.Series:
    """Give the money at stake in the base's currency, 0 where it is unknown.

    `expected` is P(alive) x expected purchases in the horizon while alive x the mean purchase,
    drawn towards the base's. In a base without an order log nothing is known of recent or
    expected spend, so the lifetime value stands in for it.

    Source: facts on scoring, section 4.9.
    """
    spent, ltv = pl.col("spend_180_cents"), pl.col("ltv_cents")
    if kind is ValueAtStake.EXPECTED:
        mean = pl.lit(mean_order_cents or 0.0)
        amount = (pl.col("spend_cents") + PRIOR_ORDERS * mean) / (pl.col("orders") + PRIOR_ORDERS)
        rate = pl.col("ln_monthly_rate").exp() / MONTH
        expected = (pl.col("p_alive") * rate * horizon * amount).fill_null(0.0)
        money = pl.when(spent.is_null()).then(ltv.cast(pl.Float64)).otherwise(expected)
    elif kind is ValueAtStake.SPEND_180:
        money = pl.coalesce(spent, ltv).cast(pl.Float64)
    else:
        money = ltv.cast(pl.Float64)
    return features.select((money.fill_null(0.0) / 100).alias("value_at_stake")).to_series()


@dataclass(frozen=True, eq=False)
class Standing:
    """The active customers of a base in the order of their revenue at risk, the most first.

    Attributes:
        revenue: Published revenue at risk, falling.
        customer_ids: Whose it is; ties in the order of the ids.
    """

    revenue: Vector
    customer_ids: pl.Series

    @classmethod
    def of(cls, scores: pl.DataFrame) -> "Standing":
        """Line up the active customers of a whole base, sorted by customer_id."""
        active = scores.filter(_active())
        order = np.argsort(-active["revenue_at_risk"].to_numpy(), kind="stable")
        return cls(
            active["revenue_at_risk"].gather(order).to_numpy(), active["customer_id"].gather(order)
        )

    def __len__(self) -> int:
        return len(self.revenue)

    @cached_property
    def _rising(self) -> Vector:
        return -self.revenue

    def place(self, scores: pl.DataFrame) -> pl.DataFrame:
        """Add `rank` (1 is the most revenue at risk) and `top_share`, for the active.

        A customer who is here already keeps the place of their id among equals; anybody else
        comes where they would stand. Whoever comes behind everybody has the last place.
        """
        rows = np.flatnonzero(scores.select(_active()).to_series().to_numpy())
        wanted = scores["revenue_at_risk"].gather(rows).to_numpy()
        first = np.searchsorted(self._rising, -wanted, side="left")
        last = np.searchsorted(self._rising, -wanted, side="right")
        names = scores["customer_id"].gather(rows).to_list()
        among = (
            int(self.customer_ids[int(start) : int(end)].search_sorted(name))
            for start, end, name in zip(first, last, names, strict=True)
        )
        ranks = first + 1 + np.fromiter(among, dtype=np.int64, count=len(rows))
        last_place = max(len(self), 1)
        return _with_ranks(scores, rows, np.minimum(ranks, last_place), last_place)


def rank(scores: pl.DataFrame) -> pl.DataFrame:
    """Add `rank` and `top_share` to the scores of a whole base, sorted by customer_id.

    The rank is 1 for the most revenue at risk among the active, ties by id; null for the others.
    """
    active = scores.select(_active()).to_series().to_numpy()
    rows = np.flatnonzero(active)
    revenue = scores["revenue_at_risk"].to_numpy()[rows]
    order = np.argsort(-revenue, kind="stable")
    ranks = np.empty(len(rows), np.int64)
    ranks[order] = np.arange(1, len(rows) + 1)
    return _with_ranks(scores, rows, ranks, max(len(rows), 1))


def _active() -> pl.Expr:
    return pl.col("state") == CustomerState.ACTIVE.value


def _with_ranks(
    scores: pl.DataFrame, rows: NDArray[np.int64], ranks: NDArray[np.int64], active: int
) -> pl.DataFrame:
    column = np.zeros(len(scores), np.int64)
    column[rows] = ranks
    placed = pl.Series("rank", column).set(pl.Series(column == 0), None)
    return scores.with_columns(placed, (placed / active).alias("top_share"))
