"""From what was counted of a customer to features: ages for moments, zero for nothing counted."""

from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw

from procx_graph.scoring.features.counting import SCORES
from procx_graph.scoring.features.portable import ZERO, cents, day, day_number

COUNTS = (
    "orders",
    "order_days",
    "tickets",
    "csat_count",
    "csat_sum",
    "failed_payments",
    "payments",
    "cancelled_orders",
    "delayed_orders",
    "refund_requests",
    "trouble_events",
)
PACKED = ("last_survey", "last_trouble")
"""Second and value of the latest of something in one number."""
MONEY = ("spend", "spend_90", "spend_before_90")
MOMENTS = {
    "signup": "signup_date",
    "seen": "last_active_date",
    "first": "first_order",
    "last": "last_order",
    "acted": "last_event",
}
"""Days that ages count from, and their timestamps."""


def with_ages(
    frame: nw.LazyFrame[Any], moment: datetime, *, rebuild: bool, codes: int
) -> nw.LazyFrame[Any]:
    """Turn moments into ages in days, net the spend of refunds, and fill in zeros.

    Args:
        frame: Customers with whatever was counted of them; columns of absent tables are missing.
        moment: The ages are at its day, UTC.
        rebuild: The spend stands for an unknown lifetime value.
        codes: How many kinds of trouble there are, the unit in which its second is packed.
    """
    there, engine = frame.collect_schema().names(), frame.implementation
    counted = frame.select(
        "customer_id",
        "segment",
        "loyalty_tier",
        "lifetime_value",
        *(_count(name, there).alias(name) for name in (*COUNTS, "churn_labels", *PACKED)),
        *(_net(name, there).alias(f"{name}_cents") for name in MONEY),
        *((day(of, engine) if of in there else ZERO).alias(name) for name, of in MOMENTS.items()),
    ).with_columns(
        nw.max_horizontal("seen", "last", "acted").alias("active"),
        _earlier_of("signup", "first").alias("earliest"),
        nw.when(nw.col("signup") > 0)
        .then(nw.col("signup"))
        .otherwise(nw.col("first"))
        .alias("start"),
        (nw.col("last_survey") // SCORES // 86_400).alias("surveyed"),
        (nw.col("last_trouble") // codes // 86_400).alias("troubled"),
    )
    today = day_number(moment)
    survey, trouble = nw.col("last_survey"), nw.col("last_trouble")
    ltv = nw.col("lifetime_value")
    given = nw.when(~ltv.is_null()).then(cents("lifetime_value"))
    recent = _not_below_zero(nw.col("spend_90_cents") + nw.col("spend_before_90_cents"))
    return counted.select(
        "customer_id",
        "segment",
        "loyalty_tier",
        (given.otherwise(_not_below_zero(nw.col("spend_cents"))) if rebuild else given).alias(
            "ltv_cents"
        ),
        _age("start", today).alias("tenure_days"),
        _age("earliest", today).alias("history_days"),
        _age("active", today).alias("days_since_active"),
        _age("seen", today).alias("days_since_seen"),
        _age("last", today).alias("days_since_order"),
        _age("first", today).alias("days_since_first_order"),
        *COUNTS,
        *(_not_below_zero(nw.col(f"{name}_cents")).alias(f"{name}_cents") for name in MONEY),
        recent.alias("spend_180_cents"),
        nw.when(survey > 0).then(survey - survey // SCORES * SCORES).alias("nps_score"),
        _age("surveyed", today).alias("days_since_nps"),
        nw.when(trouble > 0).then(trouble - trouble // codes * codes).alias("trouble_code"),
        _age("troubled", today).alias("days_since_trouble"),
        (nw.col("churn_labels") > 0).alias("churned"),
    )


def _count(name: str, there: list[str]) -> nw.Expr:
    return nw.col(name).fill_null(0).cast(nw.Int64) if name in there else ZERO


def _net(name: str, there: list[str]) -> nw.Expr:
    """Spend without its refunds, in cents."""
    return _count(name, there) - _count(name.replace("spend", "back"), there)


def _age(of: str, today: int) -> nw.Expr:
    """Days from a numbered day until today, not below 0; null where the day is 0."""
    past = nw.when(nw.col(of) < today).then(nw.lit(today, nw.Int64) - nw.col(of))
    return nw.when(nw.col(of) > 0).then(past.otherwise(ZERO))


def _earlier_of(one: str, other: str) -> nw.Expr:
    """Give the earlier of two days, of which one may be 0 and then does not count."""
    first, second = nw.col(one), nw.col(other)
    use_first = (first > 0) & ((second == 0) | (first < second))
    return nw.when(use_first).then(first).otherwise(second)


def _not_below_zero(amount: nw.Expr) -> nw.Expr:
    return nw.when(amount > 0).then(amount).otherwise(ZERO)
