"""Raw features of every customer, counted once, the same to the bit on every engine.

Each table is reduced to one row per customer; the reductions are stacked and added up, which
beats joining them. Everything is a whole number: days, cents, counts. Zero stands for "none"
inside and becomes null at the end. An age in days is a difference of calendar days (UTC); a
window of w days holds ages 0 to w - 1. Tenure counts from the signup, the history from the
signup or the first purchase, whichever is earlier.

Source: facts on the engine, sections 2 and 3; the design, sections 12.6, 12.10 and 12.11.
"""

import narwhals.stable.v2 as nw
import polars as pl
from polars.selectors import numeric

from procx_graph.base import CustomerBase
from procx_graph.domain.profile import Profile
from procx_graph.scoring.counting import (
    FIRST,
    LAST,
    LAST_EVENT,
    LAST_SURVEY,
    Frame,
    contributions,
)
from procx_graph.scoring.frames import Engine, Workshop
from procx_graph.scoring.portable import ZERO, cents, day, day_number

ADDED = (
    "orders",
    "order_days",
    "spend_cents",
    "spend_90_cents",
    "spend_before_90_cents",
    "spend_180_cents",
    "tickets",
    "csat_count",
    "csat_sum",
    "failed_payments",
    "cancelled_orders",
    "delayed_orders",
    "refund_requests",
    "churn_labels",
)
"""Columns that add up over the tables."""
LATEST = (LAST, LAST_EVENT, LAST_SURVEY)
NEVER = 10**9
"""A day later than any other."""
UNKNOWN = -1
"""An amount that no customer has."""
EMPTY = dict.fromkeys((*ADDED, *LATEST), 0) | {FIRST: NEVER}
"""Columns of the stack, and what stands for "none" in them."""

NEEDED = {
    "customers": (
        "customer_id",
        "segment",
        "loyalty_tier",
        "lifetime_value",
        "signup_date",
        "last_active_date",
    ),
    "orders": (
        "order_id",
        "customer_id",
        "order_date",
        "total_amount",
        "payment_status",
        "order_status",
        "delivery_delay_days",
    ),
    "payments": ("order_id", "customer_id", "payment_date", "status"),
    "support_tickets": ("customer_id", "created_at", "csat_score"),
    "nps_survey": ("customer_id", "date", "nps_score"),
    "customer_events": ("customer_id", "event_type", "event_time"),
    "refunds": (
        "order_id",
        "customer_id",
        "refund_request_date",
        "refund_amount",
        "refund_status",
        "refund_processed_date",
    ),
    "churn_labels": ("customer_id", "is_churn", "churn_date"),
}
"""Columns that scoring reads of each table."""

BY_TABLE = {
    "orders": (
        "orders",
        "order_days",
        "days_since_order",
        "days_since_first_order",
        "spend_cents",
        "spend_90_cents",
        "spend_before_90_cents",
        "spend_180_cents",
        "cancelled_orders",
        "delayed_orders",
    ),
    "support_tickets": ("tickets", "csat_count", "csat_sum"),
    "payments": ("failed_payments",),
    "refunds": ("refund_requests",),
}
"""Features that are unknown to everybody in a base without that table."""


def collect_features(base: CustomerBase, profile: Profile, engine: Engine) -> pl.DataFrame:
    """Give one row of raw features per customer, sorted by customer_id.

    Snapshot columns of the customers table are read only where the base is current; lifetime
    value and last activity are otherwise rebuilt from dated rows.

    Args:
        base: The tables; rows after its as_of do not exist in it.
        profile: Says what a purchase and an activity is, and the windows.
        engine: Where the work is done.

    Raises:
        ConfigError: The engine is unknown or not installed.
    """
    workshop = Workshop(engine)
    names = [name for name in NEEDED if base.has(name)]
    tables = {name: workshop.take(base.table(name).select(NEEDED[name])) for name in names}
    gathered = _gather(tables, profile, day_number(base.as_of), is_current=base.is_current)
    features = workshop.give_back(gathered).with_columns(numeric().cast(pl.Int64))
    absent = [name for table, names in BY_TABLE.items() if table not in tables for name in names]
    unknown = [pl.lit(None, pl.Int64).alias(name) for name in absent]
    return features.with_columns(unknown).sort("customer_id")


def _gather(tables: dict[str, Frame], profile: Profile, today: int, *, is_current: bool) -> Frame:
    customers = _customers(tables["customers"])
    parts = contributions(tables, profile, today, is_current=is_current)
    everybody = customers.select("customer_id", ZERO.alias("orders"))
    stacked = nw.concat([_reduce(part) for part in (everybody, *parts)])
    totals = stacked.group_by("customer_id").agg(*(_combined(name) for name in EMPTY))
    joined = customers.join(totals, on="customer_id", how="left")
    return _finish(joined, today, rebuild="orders" in tables)


def _customers(customers: Frame) -> Frame:
    """Reduce the customers table to whole numbers and categories."""
    return customers.select(
        "customer_id",
        "segment",
        "loyalty_tier",
        nw.when(~nw.col("lifetime_value").is_null())
        .then(cents("lifetime_value"))
        .otherwise(nw.lit(UNKNOWN, nw.Int64))
        .alias("ltv"),
        day("signup_date").alias("signup"),
        day("last_active_date").alias("seen"),
    )


def _reduce(part: Frame) -> Frame:
    """Reduce rows to one per customer, with all columns of the stack."""
    given = part.collect_schema().names()
    reduced = part.group_by("customer_id").agg(*(_total(n) for n in given if n != "customer_id"))
    return reduced.select(
        "customer_id",
        *(
            nw.col(name).cast(nw.Int64) if name in given else nw.lit(empty, nw.Int64).alias(name)
            for name, empty in EMPTY.items()
        ),
    )


def _total(name: str) -> nw.Expr:
    """Say how a column of the rows becomes a customer's."""
    if name == "order_days":
        return nw.col(name).n_unique()
    return _combined(name)


def _combined(name: str) -> nw.Expr:
    """Say how a column of the reduced parts becomes a customer's."""
    if name == FIRST:
        return nw.col(name).min()
    return nw.col(name).max() if name in LATEST else nw.col(name).sum()


def _finish(frame: Frame, today: int, *, rebuild: bool) -> Frame:
    """Turn days into ages, rebuild what snapshots lack, and make "none" null."""

    def age(of: str) -> nw.Expr:
        known = (nw.col(of) > 0) & (nw.col(of) < NEVER)
        past = nw.when(nw.col(of) < today).then(nw.lit(today, nw.Int64) - nw.col(of))
        return nw.when(known).then(past.otherwise(ZERO))

    def first_known(first: str, second: str) -> nw.Expr:
        return nw.when(nw.col(first) > 0).then(nw.col(first)).otherwise(nw.col(second))

    def not_below_zero(name: str) -> nw.Expr:
        return nw.when(nw.col(name) > 0).then(nw.col(name)).otherwise(ZERO).alias(name)

    ltv, spend, survey = nw.col("ltv"), nw.col("spend_cents"), nw.col(LAST_SURVEY)
    signup, first = nw.col("signup"), nw.col(FIRST)
    given = nw.when(ltv >= 0).then(ltv)
    known = frame.with_columns(
        *(not_below_zero(name) for name in ADDED if name.startswith("spend_")),
        nw.max_horizontal("seen", LAST, LAST_EVENT).alias("active"),
        first_known("signup", FIRST).alias("start"),
        nw.when((signup > 0) & (signup < first)).then(signup).otherwise(first).alias("earliest"),
        (survey // 16 // 86_400).alias("surveyed"),
    )
    return known.select(
        "customer_id",
        "segment",
        "loyalty_tier",
        (given.otherwise(spend) if rebuild else given).alias("ltv_cents"),
        age("start").alias("tenure_days"),
        age("earliest").alias("history_days"),
        age("active").alias("days_since_active"),
        age("seen").alias("days_since_seen"),
        age(LAST).alias("days_since_order"),
        age(FIRST).alias("days_since_first_order"),
        *(name for name in ADDED if name != "churn_labels"),
        nw.when(survey > 0).then(survey - survey // 16 * 16).alias("nps_score"),
        age("surveyed").alias("days_since_nps"),
        (nw.col("churn_labels") > 0).alias("churned"),
    )
