"""Retention, read from the orders: who bought within 30, 60 and 90 days of falling into an arm."""

from datetime import datetime
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.domain.outcome import WINDOWS, OutcomeKind
from procx_graph.domain.profile import Profile, PurchaseRule
from procx_graph.outcomes.record import derived_id
from procx_graph.scoring.features.portable import is_one_of
from procx_graph.scoring.profiles import load_profile
from procx_graph.store import outcomes
from procx_graph.store.database import Store
from procx_graph.store.rows import MOMENT

ORDERS = "orders"
"""The source of what is read here."""


class Observed(Noun):
    """What was read from the orders of a base, in windows of customers."""

    recorded: int
    """Recorded now."""
    known: int
    """Recorded before."""
    running: int
    """Not over yet, or longer than the base looks back from."""
    unknown: int
    """Over, but the base does not know the customer."""


def observe_retention(
    base: CustomerBase,
    store: Store,
    now: datetime,
    *,
    profile: str | Path | Profile = "default-v1",
) -> Observed:
    """Record of everybody in an experiment, treated or held out, whether they bought in time.

    Windows begin for both arms when the customer fell into one of them, and are over once `now` and
    the moment of the base are beyond their end. What was recorded stays, even if an order that was
    loaded later would change it; observing again changes nothing.

    Args:
        base: With the order log.
        store: Knows the arms, and keeps the outcomes.
        now: The present moment; naive is UTC.
        profile: Says which orders are purchases.

    Raises:
        DataError: The base has no orders.
        ConfigError: The profile is wrong.
        StoreError: The store cannot be written.
    """
    now = in_utc(now)
    purchase = load_profile(profile).purchase
    with store.reading() as connection:
        arms = outcomes.arms(connection)
        kinds = [OutcomeKind.retained(days).value for days in WINDOWS]
        kept = outcomes.retention(connection, kinds)
    first = _first_purchases(base, arms, purchase)
    windows = pl.concat([_windows(first, days) for days in WINDOWS])
    over = windows.filter(pl.col("at") <= min(now, base.as_of))
    there = over.join(base.customer_ids.to_frame("customer_id"), on="customer_id", how="semi")
    new = there.join(kept.select("outcome_id"), on="outcome_id", how="anti")
    recorded = 0
    if len(new):
        with store.writing() as connection:
            told = new.drop("experiment").with_columns(
                source=pl.lit(ORDERS), recorded_at=pl.lit(now, dtype=MOMENT)
            )
            recorded = outcomes.add_many(connection, told)
    return Observed(
        recorded=recorded,
        known=len(there) - recorded,
        running=len(windows) - len(over),
        unknown=len(over) - len(there),
    )


def _first_purchases(base: CustomerBase, arms: pl.DataFrame, rule: PurchaseRule) -> pl.DataFrame:
    """Give the arms with the moment of the first purchase after the assignment, if any."""
    purchases: pl.LazyFrame = (
        nw.from_native(base.table("orders"))
        .filter(
            ~is_one_of("order_status", rule.excluded_status),
            ~is_one_of("payment_status", rule.excluded_payment),
        )
        .to_native()
    )
    bought = (
        purchases.select("customer_id", bought_at=pl.col("order_date").dt.replace_time_zone("UTC"))
        .join(arms.lazy(), on="customer_id")
        .filter(pl.col("bought_at") > pl.col("assigned_at"))
        .group_by("experiment", "customer_id")
        .agg(pl.col("bought_at").min())
        .collect(engine="streaming")
    )
    return arms.join(bought, on=["experiment", "customer_id"], how="left")


def _windows(first: pl.DataFrame, days: int) -> pl.DataFrame:
    """Give one outcome per customer and experiment, dated at the end of the window."""
    kind = OutcomeKind.retained(days).value
    ids = [
        derived_id(ORDERS, kind, experiment, customer_id)
        for experiment, customer_id in first.select("experiment", "customer_id").iter_rows()
    ]
    ends = pl.col("assigned_at") + pl.duration(days=days)
    in_time = (pl.col("bought_at") <= ends).fill_null(value=False)
    return first.select(
        pl.Series("outcome_id", ids, dtype=pl.String),
        "customer_id",
        "experiment",
        pl.lit(kind).alias("kind"),
        in_time.cast(pl.Float64).alias("value"),
        ends.alias("at"),
    )
