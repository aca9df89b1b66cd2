"""Raw features of every customer, counted once, the same to the bit on every engine.

Each table is reduced to one row per customer, and the reductions are joined to the customers. All
of it is whole numbers: days, cents, counts. An age in days is a difference of calendar days
(UTC); a window of w days holds ages 0 to w - 1. Tenure counts from the signup, the history from
the signup or the first purchase, whichever is earlier.

Source: facts on the engine, sections 2 and 3; the design, sections 12.6, 12.10 and 12.11.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import in_utc
from procx_graph.domain.profile import Profile
from procx_graph.errors import DataError
from procx_graph.scoring.features.ages import with_ages
from procx_graph.scoring.features.counting import TOLD, Counting, Frame, open_troubles
from procx_graph.scoring.features.declared import as_given
from procx_graph.scoring.features.engines import Bench, computed, joined
from procx_graph.scoring.features.workshop import Engine, Workshop
from procx_graph.tables.moment import as_moment

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
    "customer_events": ("customer_id", "event_type", "event_time", "order_id", "resolved_at"),
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
EVENTS = "customer_events"
ACTED = NEEDED[EVENTS][:3]
"""Columns that tell what the customers did."""

FEATURES = (
    "ltv_cents",
    "tenure_days",
    "history_days",
    "days_since_active",
    "days_since_seen",
    "days_since_order",
    "days_since_first_order",
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
    "payments",
    "cancelled_orders",
    "delayed_orders",
    "refund_requests",
    "trouble_events",
    "nps_score",
    "days_since_nps",
    "trouble_code",
    "days_since_trouble",
)
"""Whole numbers of a customer; null is unknown."""

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
    "payments": ("failed_payments", "payments"),
    "refunds": ("refund_requests",),
    "customer_events": ("trouble_events",),
}
"""Features that are unknown to everybody in a base without that table."""


def collect_features(base: CustomerBase, profile: Profile, engine: Engine | Bench) -> pl.DataFrame:
    """Give one row of raw features per customer, sorted by customer_id.

    Snapshot columns of the customers table are read only where the base is current; lifetime
    value and last activity are otherwise rebuilt from dated rows.

    Args:
        base: The tables; rows after its as_of do not exist in it.
        profile: Says what a purchase and an activity is, and the windows.
        engine: Where the work is done; a bench is closed afterwards.

    Raises:
        ConfigError: The engine is unknown or not installed.
    """
    with Workshop(engine) as workshop:
        tables = _taken(base, profile, workshop)
        gathered = _gather(tables, base.as_of, profile, base.is_current, join=workshop.join)
        counted = workshop.give_back(gathered)
    return _in_order(counted, tables)


def sink_features(base: CustomerBase, profile: Profile, engine: Engine | Bench, into: Path) -> None:
    """Write what `collect_features` gives to a Parquet file, without holding it in memory.

    The order of the rows is open, because sorting would hold them all.

    Args:
        base: The tables.
        profile: Says what counts.
        engine: Where the work is done; a bench is closed afterwards.
        into: The file to write; one that is there is replaced.

    Raises:
        ConfigError: The engine is unknown or not installed.
        DataError: The file cannot be written.
    """
    with Workshop(engine) as workshop:
        tables = _taken(base, profile, workshop)
        rows = workshop.stream_back(_gather(tables, base.as_of, profile, base.is_current))
        try:
            _tidy(rows, tables).sink_parquet(into)
        except OSError as error:
            raise DataError(f"cannot write {into}: {error}") from error


def features_of(
    tables: Mapping[str, Any],
    *,
    as_of: datetime,
    profile: Profile,
    is_current: bool = True,
) -> pl.DataFrame:
    """Give `collect_features` of tables where they lie, in the engine they belong to.

    Args:
        tables: By our names, with our columns: frames of Spark, DuckDB, Polars or pandas, all of
            one kind; columns that are missing are unknown. No customer or order is there twice;
            rows without a required value, orders of a negative amount, and rows of other
            customers do not count.
        as_of: The moment; naive is UTC. Later rows do not exist.
        profile: Says what counts.
        is_current: Nothing happened after `as_of`, so that snapshots and values without a date
            hold.

    Raises:
        DataError: A table is unknown or no frame, the customers are missing, a required column is
            missing or of another type, or the frames are of several engines.
    """
    moment = as_moment(as_of)
    given = as_given(tables, NEEDED, moment, is_current=is_current)
    counted = computed(_gather(given, moment, profile, is_current))
    return _in_order(counted, given)


def plan_features(
    tables: Mapping[str, pl.LazyFrame], *, as_of: datetime, profile: Profile, is_current: bool
) -> pl.LazyFrame:
    """Give `features_of` Polars tables as a query that has not run yet."""
    moment = as_moment(as_of)
    given = as_given(tables, NEEDED, moment, is_current=is_current)
    gathered = _gather(given, moment, profile, is_current)
    return _tidy(gathered.to_native(), given).sort("customer_id")


def _taken(base: CustomerBase, profile: Profile, workshop: Workshop) -> dict[str, Frame]:
    """Take the tables; the events twice, because Polars would hold all that two plans share."""
    tables = {
        name: workshop.take_table(base, name, ACTED if name == EVENTS else columns)
        for name, columns in NEEDED.items()
        if base.has(name)
    }
    rule = profile.factors.support_history
    if EVENTS in tables and rule.cited_events:
        only = open_troubles(rule)
        tables[TOLD] = workshop.take_table(base, EVENTS, NEEDED[EVENTS], only=only)
    return tables


def _gather(
    tables: dict[str, Frame],
    moment: datetime,
    profile: Profile,
    current: bool,
    *,
    join: Callable[[Frame, Sequence[Frame]], Frame] = joined,
) -> Frame:
    """Join everything that the tables tell to the customers."""
    at = in_utc(moment)
    counting = Counting(tables, profile, at.date(), is_current=current)
    customers = tables["customers"].select(NEEDED["customers"])
    together = join(customers, list(counting.parts()))
    codes = len(profile.factors.support_history.cited_events) or 1
    return with_ages(together, at, rebuild="orders" in tables, codes=codes)


def _in_order(counted: pl.DataFrame, tables: Mapping[str, Frame]) -> pl.DataFrame:
    tidy = _tidy(counted.lazy(), tables).collect()
    return tidy if tidy["customer_id"].is_sorted() else tidy.sort("customer_id")


def _tidy(counted: pl.LazyFrame, tables: Mapping[str, Frame]) -> pl.LazyFrame:
    """Give ids as text, whole numbers as Int64, and null where a table is missing."""
    absent = {name for table, names in BY_TABLE.items() if table not in tables for name in names}
    return counted.select(
        pl.col("customer_id", "segment", "loyalty_tier").cast(pl.String),
        *(
            pl.lit(None, pl.Int64).alias(name) if name in absent else pl.col(name).cast(pl.Int64)
            for name in FEATURES
        ),
        pl.col("churned").cast(pl.Boolean),
    )
