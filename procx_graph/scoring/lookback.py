"""Rolling origins: what the scores said at moments in the past, and what came of it.

An origin sees the rows up to itself, as if the later ones did not exist; the outcome is read in
the horizon after it, `(origin, origin + horizon]`, and only where all of that has passed.

Source: facts on scoring, sections 3.2, 4.1 and 4.6.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import Engine, Scores, score
from procx_graph.scoring.features.portable import is_one_of
from procx_graph.scoring.profiles import load_profile
from procx_graph.tables.moment import Moment, as_moment, literal

__all__ = ["Labels", "Outlook", "look_back"]

Flags = NDArray[np.bool_]

MOST = 400
"""Origins of one look back at most."""
LONGEST = 3_650
"""Most days between two origins."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What was known at an origin, and what came of it; all vectors in the order of the scores.

    Attributes:
        origin: The moment, aware UTC.
        scores: Of the base as it was seen then.
        known: Whom the outcome is defined for: had bought by then (for labels: had signed up),
            and was not labelled as churned by then.
        active: Those of them who had bought within the profile's `active_days` (did something,
            in a base without an order log).
        happened: Who of the known then fell silent, or left, within the horizon.
    """

    origin: datetime
    scores: Scores
    known: Flags
    active: Flags
    happened: Flags


def look_back(
    base: CustomerBase,
    *,
    profile: str | Path | Profile = "default-v1",
    origins: int = 4,
    every: int = 90,
    labels: Labels | str,
    first: Moment | None = None,
    engine: Engine = "polars",
) -> Iterator[Outlook]:
    """Score a base as it was at past moments, the latest first.

    It ends early where there is nobody yet to know anything about.

    Args:
        base: The tables; nothing after its as_of is read.
        profile: How to score, and the horizon in days.
        origins: How many moments.
        every: Days from one back to the next.
        labels: What counts as having left.
        first: The latest origin; one horizon before the base's as_of when not given.
        engine: Where the features are counted.

    Raises:
        ConfigError: There is no table to read outcomes from, the horizon after `first` is not
            over, or a number is not positive.
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"outcomes are of a CustomerBase, not of a {type(base).__name__}")
    require_whole("origins", origins, most=MOST)
    require_whole("every", every, most=LONGEST)
    chosen, labels = load_profile(profile), read_labels(labels)
    horizon = timedelta(days=chosen.risk.horizon_days)
    latest = base.as_of - horizon if first is None else as_moment(first)
    if latest + horizon > base.as_of:
        raise ConfigError(
            f"what came of {latest:%Y-%m-%d} is not known before {latest + horizon:%Y-%m-%d}, "
            f"and {base.name} ends on {base.as_of:%Y-%m-%d}"
        )
    dated = _outcomes(base, chosen, labels)
    for number in range(origins):
        outlook = _outlook(base, chosen, latest - number * timedelta(days=every), dated, engine)
        if outlook is None:
            return
        yield outlook


def require_whole(name: str, number: object, *, most: int) -> None:
    """Refuse what is no whole number from 1 to the most.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise ConfigError(f"{name} must be a whole number from 1 to {most:,}, not {number!r}")


def read_labels(labels: Labels | str) -> Labels:
    """Give what counts as having left.

    Raises:
        ConfigError: There are no such labels.
    """
    try:
        return Labels(labels)
    except ValueError as error:
        known = ", ".join(Labels)
        raise ConfigError(f"no labels {labels!r}; known are {known}") from error


@dataclass(frozen=True, eq=False)
class _Outcomes:
    """Everything that happened up to as_of: `customer_id` and `moment` (null: undated)."""

    labels: Labels
    rows: pl.DataFrame


def _outcomes(base: CustomerBase, profile: Profile, labels: Labels) -> _Outcomes:
    if not base.has(labels.value):
        raise ConfigError(
            f"{base.name} has no table {labels.value} to learn outcomes from; "
            f"it has {', '.join(base.tables)}"
        )
    table = nw.from_native(base.table(labels.value))
    if labels is Labels.ORDERS:
        kept, moment = table.filter(*_purchase(profile)), "order_date"
    else:
        kept, moment = table.filter(nw.col("is_churn").fill_null(False)), "churn_date"
    rows = kept.select("customer_id", nw.col(moment).alias("moment"))
    return _Outcomes(labels, rows.to_native().collect())


def _purchase(profile: Profile) -> list[nw.Expr]:
    rule = profile.purchase
    return [
        ~is_one_of("order_status", rule.excluded_status),
        ~is_one_of("payment_status", rule.excluded_payment),
    ]


def _outlook(
    base: CustomerBase, profile: Profile, origin: datetime, outcomes: _Outcomes, engine: Engine
) -> Outlook | None:
    """Score at an origin and look at what came of it; None where nobody is known yet."""
    seen = base.at(origin)
    if not len(seen):
        return None
    scores = score(seen, profile=profile, engine=engine)
    end = origin + timedelta(days=profile.risk.horizon_days)
    moment = pl.col("moment")
    then = outcomes.rows.filter((moment > literal(origin)) & (moment <= literal(end)))
    came = _are_in(scores.features, then)
    known = ~scores.features["churned"].fill_null(False).to_numpy()
    if outcomes.labels is Labels.ORDERS:
        known &= (scores.features["order_days"].fill_null(0) > 0).to_numpy()
        happened = known & ~came
    else:
        known &= ~_are_in(scores.features, outcomes.rows.filter(pl.col("moment").is_null()))
        happened = known & came
    if not known.any():
        return None
    active = known & _recent(scores.features, profile.states.active_days)
    return Outlook(origin, scores, known, active, happened)


def _recent(features: pl.DataFrame, days: int) -> Flags:
    last = features["days_since_order"]
    if features["orders"].null_count() == len(features):
        last = features["days_since_active"]
    return (last <= days).fill_null(False).to_numpy()


def _are_in(features: pl.DataFrame, rows: pl.DataFrame) -> Flags:
    return features["customer_id"].is_in(rows["customer_id"].unique().implode()).to_numpy()
