"""A customer's lifetime value and rhythm beside those of the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.factor_rules import Cohort as Among
from procx_graph.domain.factor_rules import Reference
from procx_graph.domain.profile import Profile

Counts = NDArray[np.int64]
Group = tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Ladder:
    """How many have less than an amount, and how many the same.

    Attributes:
        values: Distinct amounts in cents, rising.
        equal: How many have each.
    """

    values: Counts
    equal: Counts

    @classmethod
    def of(cls, amounts: pl.Series) -> "Ladder":
        """Count amounts; unknown ones do not count."""
        values, equal = np.unique(amounts.drop_nulls().to_numpy(), return_counts=True)
        return cls(values.astype(np.int64), equal.astype(np.int64))

    @cached_property
    def known(self) -> int:
        """How many amounts are known."""
        return int(self.equal.sum())

    @cached_property
    def _below(self) -> Counts:
        """How many have less than each value, and at the end how many there are."""
        return np.concatenate([[0], self.equal.cumsum()])

    @cached_property
    def _padded(self) -> Counts:
        """The values, and at the end one that no larger amount equals."""
        return np.append(self.values, np.iinfo(np.int64).min)

    def place(self, amounts: pl.Series) -> tuple[Counts, Counts]:
        """Give how many have less than each amount, and how many the same; 0 for unknown ones."""
        wanted = amounts.fill_null(-1).to_numpy()
        first = np.searchsorted(self.values, wanted, side="left")
        below = self._below[first]
        return below, self._below[first + (self._padded[first] == wanted)] - below


@dataclass(frozen=True, eq=False)
class Peers:
    """What a base says about lifetime values, purchases and rhythm.

    Attributes:
        ladders: Lifetime values, of everybody under the key (), or, where the profile ranks them
            there, by (segment, tier), in lower case.
        usual: The usual lifetime value in cents by segment in lower case, of everybody under None:
            a median or a mean, as the profile asks; None where nobody's is known.
        typical_gap_days: Median over those who bought on several days of their mean days between
            purchases; None without any.
        mean_order_cents: Mean purchase; None where nothing was spent.
    """

    ladders: dict[Group, Ladder]
    usual: dict[str | None, float | None]
    typical_gap_days: float | None
    mean_order_cents: float | None

    @classmethod
    def of(cls, features: pl.DataFrame, profile: Profile) -> "Peers":
        """Survey a base.

        Args:
            features: Of everybody, with `ltv_cents` in whole cents, `segment`, `loyalty_tier`,
                the order days and the spend.
            profile: Says whom lifetime values are compared with.
        """
        span = pl.col("days_since_first_order") - pl.col("days_since_order")
        gap = pl.when(pl.col("order_days") > 1).then(span / (pl.col("order_days") - 1))
        found = features.select(
            gap.median().alias("gap"), spend=pl.col("spend_cents").sum(), orders=pl.sum("orders")
        ).row(0, named=True)
        return cls(
            ladders={
                key: Ladder.of(group["ltv_cents"])
                for key, group in sorted(_groups(features, profile), key=lambda pair: str(pair[0]))
            },
            usual=_usual(features, profile),
            typical_gap_days=found["gap"],
            mean_order_cents=found["spend"] / found["orders"] if found["spend"] > 0 else None,
        )

    def place(self, features: pl.DataFrame, profile: Profile) -> list[pl.Expr]:
        """Give each customer's place among the others, as columns to add to the features.

        They are `ltv_below`, `ltv_equal` and `ltv_known` (customers with a lower, the same, any
        lifetime value), or `tier_below`, `tier_equal` and `tier_known` where the profile ranks
        within segment and tier; `usual_ltv_cents` of the segment, of the base where the segment
        is unknown; `typical_gap_days`. The places are null without a lifetime value.
        """
        within = "ltv" if _base_wide(profile) else "tier"
        below, equal, known = self._counts(features, profile)
        segment = pl.col("segment").str.to_lowercase()
        given = {name: value for name, value in self.usual.items() if name is not None}
        by_segment = segment.replace_strict(given, default=None, return_dtype=pl.Float64)
        usual = pl.when(pl.col("segment").is_null()).then(pl.lit(self.usual[None], pl.Float64))
        has_value = pl.col("ltv_cents").is_not_null()
        return [
            pl.when(has_value).then(pl.lit(pl.Series(below))).alias(f"{within}_below"),
            pl.when(has_value).then(pl.lit(pl.Series(equal))).alias(f"{within}_equal"),
            pl.lit(pl.Series(known)).alias(f"{within}_known"),
            usual.otherwise(by_segment).alias("usual_ltv_cents"),
            pl.lit(self.typical_gap_days, pl.Float64).alias("typical_gap_days"),
        ]

    def _counts(self, features: pl.DataFrame, profile: Profile) -> tuple[Counts, Counts, Counts]:
        """Give how many have less, the same, and any lifetime value, among each one's own."""
        if _base_wide(profile):
            ladder = self.ladders[()]
            everybody = np.full(len(features), ladder.known)
            return (*ladder.place(features["ltv_cents"]), everybody)
        below, equal, known = (np.zeros(len(features), np.int64) for _ in range(3))
        rows = features.select("ltv_cents", "segment", "loyalty_tier").with_row_index("row")
        for key, group in _groups(rows, profile):
            ladder, at = self.ladders.get(key, _NOBODY), group["row"].to_numpy()
            below[at], equal[at] = ladder.place(group["ltv_cents"])
            known[at] = ladder.known
        return below, equal, known


_NOBODY = Ladder(np.array([], np.int64), np.array([], np.int64))


def _base_wide(profile: Profile) -> bool:
    return profile.factors.ltv_percentile.within is Among.BASE


def _peers() -> list[pl.Expr]:
    return [pl.col(name).str.to_lowercase() for name in ("segment", "loyalty_tier")]


def _groups(features: pl.DataFrame, profile: Profile) -> Iterable[tuple[Group, pl.DataFrame]]:
    """Give the groups within which lifetime values are ranked."""
    if _base_wide(profile):
        return [((), features)]
    lower = features.with_columns(*_peers())
    parts = lower.partition_by("segment", "loyalty_tier", as_dict=True)
    return [((key[0], key[1]), part) for key, part in parts.items()]


def _usual(features: pl.DataFrame, profile: Profile) -> dict[str | None, float | None]:
    """Give the usual lifetime value by segment, and of everybody."""
    value = pl.col("ltv_cents")
    middle = profile.factors.relative_value.against is Reference.MEDIAN
    usual = value.median() if middle else value.sum() / value.count()
    segment = pl.col("segment").str.to_lowercase().alias("segment")
    several = (
        features.drop_nulls("segment").group_by(segment).agg(usual.alias("usual")).sort("segment")
    )
    everybody = features.select(pl.when(value.count() > 0).then(usual)).item()
    found: dict[str | None, float | None] = {None: everybody}
    for name, amount in several.iter_rows():
        found[name] = None if amount is None or np.isnan(amount) else float(amount)
    return found
