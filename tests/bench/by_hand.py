"""The features of `default-v1` written for Polars alone, as somebody would who needs no other.

What the portable definition costs is the difference to this. It reads the raw Parquet of a base
that is current and has no refunds.
"""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

DONE = ("view", "search", "add_to_cart", "wishlist_add", "purchase")
DELAYS = ("order_delayed", "shipment_delayed")
TROUBLES = (
    *DELAYS, "dispute_opened", "review_negative", "subscription_cancelled", "subscription_paused",
    "payment_method_expired",
)  # fmt: skip
TOLD = (
    *TROUBLES, "payment_failed", "subscription_payment_failed", "order_cancelled",
    "refund_requested", "return_initiated", "support_ticket_created", "support_ticket_escalated",
    "support_ticket_reopened",
)  # fmt: skip
WINDOW, SURVEYS = 180, 365


def features_by_hand(folder: Path, as_of: datetime) -> pl.DataFrame:
    """Give the features of a folder of Parquet, sorted by customer_id."""
    now = as_of.replace(tzinfo=None)
    tables = {name: _scan(folder, name) for name in ("customers", "orders", "payments")}
    counted = tables["customers"].select(
        "customer_id", "segment", "loyalty_tier", "lifetime_value", "signup_date",
        "last_active_date",
    )  # fmt: skip
    for part in (
        _bought(tables["orders"], now),
        _troubled(tables["orders"], _scan(folder, "customer_events"), now),
        _cancelled(tables["orders"], tables["payments"], now),
        _paid(tables["payments"], now),
        _tickets(_scan(folder, "support_tickets"), now),
        _surveys(_scan(folder, "nps_survey"), now),
        _acted(_scan(folder, "customer_events"), now),
        _scan(folder, "churn_labels")
        .filter(pl.col("is_churn") == 1)
        .group_by("customer_id")
        .agg(pl.len().alias("labels")),
    ):
        counted = counted.join(part, on="customer_id", how="left")
    return _finished(counted, now).collect(engine="streaming").sort("customer_id")


def _scan(folder: Path, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(folder / name / "*.parquet", hive_partitioning=False)


def _since(now: datetime, days: int) -> pl.Expr:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return pl.lit(midnight - timedelta(days=days - 1), dtype=pl.Datetime("us"))


def _is(column: str, *words: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().is_in(words).fill_null(value=False)


def _bought(orders: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    at, amount = pl.col("order_date"), pl.col("total_amount").clip(upper_bound=1e12)
    cents = (amount * 100 + 0.5).floor().cast(pl.Int64)
    recent, half = at >= _since(now, 90), at >= _since(now, 180)
    bought = orders.filter(
        at <= now,
        ~_is("order_status", "cancelled", "canceled"),
        ~_is("payment_status", "failed"),
    )
    return bought.group_by("customer_id").agg(
        pl.len().alias("orders"),
        at.dt.date().n_unique().alias("order_days"),
        at.min().alias("first"),
        at.max().alias("last"),
        cents.sum().alias("spend_cents"),
        pl.when(recent).then(cents).otherwise(0).sum().alias("spend_90_cents"),
        pl.when(half & ~recent).then(cents).otherwise(0).sum().alias("spend_before_90_cents"),
    )


def _troubled(orders: pl.LazyFrame, events: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    """Late deliveries, and troubles told that are open: one an order for its delays."""
    named = pl.col("order_id").is_not_null()
    told = pl.concat([_late(orders, now), _told(events, now)], how="diagonal")
    stories = told.group_by("customer_id", "order_id").agg(
        pl.col("late", "trouble").sum(), pl.col("packed").max()
    )
    is_open = ~named | (pl.col("late") == 0)
    trouble = pl.when(named).then(pl.col("trouble").clip(0, 1)).otherwise(pl.col("trouble"))
    return stories.group_by("customer_id").agg(
        pl.col("late").sum().alias("delayed_orders"),
        trouble.filter(is_open).sum().alias("trouble_events"),
        pl.col("packed").filter(is_open).max().alias("latest"),
    )


def _told(events: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    there, kind = events.collect_schema().names(), pl.col("event_type").str.to_lowercase()
    rows = events.filter(
        pl.col("event_time").is_between(_since(now, WINDOW), now), _is("event_type", *TOLD)
    )
    if "resolved_at" in there:
        rows = rows.filter(pl.col("resolved_at").is_null() | (pl.col("resolved_at") > now))
    code = kind.cast(pl.Enum(TOLD)).to_physical().cast(pl.Int64)
    packed = pl.col("event_time").dt.timestamp("us") // 1_000_000 * len(TOLD) + code
    columns = [kind.is_in(TROUBLES).cast(pl.Int64).alias("trouble"), packed.alias("packed")]
    if "order_id" in there:
        columns.append(pl.when(kind.is_in(DELAYS)).then(pl.col("order_id")))
    return rows.select("customer_id", *columns)


def _late(orders: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    delivered = pl.col("actual_delivery_date").is_null() | (pl.col("actual_delivery_date") <= now)
    late = delivered & (pl.col("delivery_delay_days") > 2)
    rows = orders.filter(pl.col("order_date").is_between(_since(now, WINDOW), now), late)
    return rows.select("customer_id", "order_id", pl.lit(1, pl.Int64).alias("late"))


def _cancelled(orders: pl.LazyFrame, payments: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    recent = pl.col("payment_date").is_between(_since(now, WINDOW), now)
    unpaid = payments.filter(recent, _is("status", "failed")).select("order_id")
    rows = orders.filter(
        pl.col("order_date").is_between(_since(now, WINDOW), now),
        _is("order_status", "cancelled", "canceled"),
    ).join(unpaid, on="order_id", how="anti")
    return rows.group_by("customer_id").agg(pl.len().alias("cancelled_orders"))


def _paid(payments: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    rows = payments.filter(pl.col("payment_date").is_between(_since(now, WINDOW), now))
    return rows.group_by("customer_id").agg(
        _is("status", "failed").sum().alias("failed_payments"), pl.len().alias("payments")
    )


def _tickets(tickets: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    rows = tickets.filter(pl.col("created_at").is_between(_since(now, WINDOW), now))
    rated = pl.col("csat_score")
    return rows.group_by("customer_id").agg(
        pl.len().alias("tickets"), rated.count().alias("csat_count"), rated.sum().alias("csat_sum")
    )


def _surveys(surveys: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    rows = surveys.filter(
        pl.col("date").is_between(_since(now, SURVEYS), now), pl.col("nps_score").is_not_null()
    )
    packed = pl.col("date").dt.timestamp("us") // 1_000_000 * 16 + pl.col("nps_score")
    return rows.group_by("customer_id").agg(packed.max().alias("survey"))


def _acted(events: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    rows = events.filter(pl.col("event_time") <= now, _is("event_type", *DONE))
    return rows.group_by("customer_id").agg(pl.col("event_time").max().alias("acted"))


def _finished(counted: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    today = pl.lit(now.date()).cast(pl.Int32)

    def age(moment: pl.Expr) -> pl.Expr:
        return (today - moment.dt.date().cast(pl.Int32)).clip(0).cast(pl.Int64)

    def count(name: str) -> pl.Expr:
        return pl.col(name).fill_null(0).cast(pl.Int64)

    def spend(name: str) -> pl.Expr:
        return count(name).clip(0).alias(name)

    first, signup = pl.col("first"), pl.col("signup_date")
    survey, latest = pl.col("survey"), pl.col("latest")
    worth = (pl.col("lifetime_value").clip(upper_bound=1e12) * 100 + 0.5).floor().cast(pl.Int64)
    half = (count("spend_90_cents") + count("spend_before_90_cents")).clip(0)
    seen = pl.col("last_active_date")
    return counted.select(
        pl.col("customer_id").cast(pl.String),
        "segment",
        "loyalty_tier",
        pl.coalesce(worth, spend("spend_cents")).alias("ltv_cents"),
        age(pl.coalesce(signup, first)).alias("tenure_days"),
        age(pl.min_horizontal(signup, first)).alias("history_days"),
        age(pl.max_horizontal(seen, "last", "acted")).alias("days_since_active"),
        age(seen).alias("days_since_seen"),
        age(pl.col("last")).alias("days_since_order"),
        age(first).alias("days_since_first_order"),
        count("orders"),
        count("order_days"),
        spend("spend_cents"),
        spend("spend_90_cents"),
        spend("spend_before_90_cents"),
        half.alias("spend_180_cents"),
        *(count(name) for name in ("tickets", "csat_count", "csat_sum", "failed_payments")),
        *(count(name) for name in ("payments", "cancelled_orders", "delayed_orders")),
        pl.lit(None, pl.Int64).alias("refund_requests"),
        count("trouble_events"),
        (survey % 16).cast(pl.Int64).alias("nps_score"),
        age(pl.from_epoch(survey // 16, "s")).alias("days_since_nps"),
        (latest % len(TOLD)).cast(pl.Int64).alias("trouble_code"),
        age(pl.from_epoch(latest // len(TOLD), "s")).alias("days_since_trouble"),
        pl.col("labels").is_not_null().alias("churned"),
    )
