"""What each table adds to a customer's features, row by row, in whole numbers."""

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from procx_graph.domain.profile import Profile
from procx_graph.scoring.portable import ONE, ZERO, cents, day, is_one_of, one_if

QUARTER = 90
"""Days of the windows of the spending trend."""
HALF_YEAR = 180
"""Days of the window of the value at stake."""

FIRST, LAST, LAST_EVENT, LAST_SURVEY = "first_order", "last_order", "last_event", "last_survey"
"""Columns of day numbers, and of the packed latest survey."""

Frame = nw.LazyFrame[Any]


def contributions(
    tables: dict[str, Frame], profile: Profile, today: int, *, is_current: bool
) -> Iterator[Frame]:
    """Give, table by table, a `customer_id` and what the row adds.

    Args:
        tables: By name; absent ones add nothing.
        profile: Says what a purchase and an activity is, and the windows.
        today: Number of the day of as_of.
        is_current: Whether a value without a date holds at as_of.
    """
    rule = profile.purchase
    trouble = profile.factors.support_history
    window = trouble.window_days
    payments, refunds = tables.get("payments"), tables.get("refunds")
    if orders := tables.get("orders"):
        purchases = _purchases(orders, profile, today)
        yield purchases.select("customer_id", *_spend(), *_order_days())
        young = _young(orders, "order_date", today, window)
        late = nw.col("delivery_delay_days").fill_null(0) > trouble.late_after_days
        yield young.select("customer_id", one_if(late).alias("delayed_orders"))
        cancelled = young.filter(is_one_of("order_status", rule.excluded_status))
        if payments:
            cancelled = cancelled.join(_unpaid(payments, profile, today), on="order_id", how="anti")
        yield cancelled.select("customer_id", ONE.alias("cancelled_orders"))
        if refunds:
            back = _refunded(refunds, purchases, profile, is_current=is_current)
            yield back.select("customer_id", *_spend())
    if payments:
        failed = one_if(is_one_of("status", rule.excluded_payment))
        recent = _young(payments, "payment_date", today, window)
        yield recent.select("customer_id", failed.alias("failed_payments"))
    if refunds:
        asked = _young(refunds, "refund_request_date", today, window)
        yield asked.select("customer_id", ONE.alias("refund_requests"))
    if tickets := tables.get("support_tickets"):
        yield _young(tickets, "created_at", today, window).select(
            "customer_id",
            ONE.alias("tickets"),
            one_if(~nw.col("csat_score").is_null()).alias("csat_count"),
            nw.col("csat_score").fill_null(0).cast(nw.Int64).alias("csat_sum"),
        )
    if surveys := tables.get("nps_survey"):
        yield _survey(surveys, today, profile.factors.nps.window_days)
    if events := tables.get("customer_events"):
        own = events.filter(is_one_of("event_type", profile.activity))
        yield own.select("customer_id", day("event_time").alias(LAST_EVENT))
    if labels := tables.get("churn_labels"):
        left = nw.col("is_churn").fill_null(False)
        if not is_current:
            left = left & ~nw.col("churn_date").is_null()
        yield labels.filter(left).select("customer_id", ONE.alias("churn_labels"))


def _purchases(orders: Frame, profile: Profile, today: int) -> Frame:
    """Keep the orders that are purchases."""
    rule = profile.purchase
    return orders.filter(
        ~is_one_of("order_status", rule.excluded_status),
        ~is_one_of("payment_status", rule.excluded_payment),
    ).select(
        "order_id",
        "customer_id",
        day("order_date").alias("day"),
        cents("total_amount").alias("cents"),
        (nw.lit(today, nw.Int64) - day("order_date")).alias("age"),
    )


def _unpaid(payments: Frame, profile: Profile, today: int) -> Frame:
    """Give the orders whose failed payment counts as a trouble, so that they count once."""
    recent = _young(payments, "payment_date", today, profile.factors.support_history.window_days)
    failed = is_one_of("status", profile.purchase.excluded_payment)
    return recent.filter(failed, ~nw.col("order_id").is_null()).select("order_id").unique()


def _refunded(
    refunds: Frame,
    purchases: Frame,
    profile: Profile,
    *,
    is_current: bool,
) -> Frame:
    """Give the refunds of purchases as negative amounts on the purchase's day.

    A refund of an order that is no purchase takes nothing away, because nothing was counted.
    """
    paid = is_one_of("refund_status", profile.purchase.refunded)
    if not is_current:
        paid = paid & ~nw.col("refund_processed_date").is_null()
    back = refunds.filter(paid, ~nw.col("order_id").is_null()).select(
        "order_id", (ZERO - cents("refund_amount")).alias("back")
    )
    return purchases.join(back, on="order_id", how="inner").select(
        "customer_id", "day", "age", nw.col("back").alias("cents")
    )


def _spend() -> list[nw.Expr]:
    """Cents of a purchase: ever, in the last 90 days, the 90 before, the last 180."""
    amount, age = nw.col("cents"), nw.col("age")

    def within(first: int, end: int) -> nw.Expr:
        return nw.when((age >= first) & (age < end)).then(amount).otherwise(ZERO)

    return [
        amount.alias("spend_cents"),
        within(0, QUARTER).alias("spend_90_cents"),
        within(QUARTER, 2 * QUARTER).alias("spend_before_90_cents"),
        within(0, HALF_YEAR).alias("spend_180_cents"),
    ]


def _order_days() -> list[nw.Expr]:
    names = ("order_days", FIRST, LAST)
    return [ONE.alias("orders"), *(nw.col("day").alias(name) for name in names)]


def _young(frame: Frame, moment: str, today: int, window: int) -> Frame:
    """Keep the rows younger than a window."""
    return frame.filter(day(moment) > today - window)


def _survey(surveys: Frame, today: int, window: int) -> Frame:
    """Pack second and score of each answer in one number, so that the largest is the latest.

    Of two answers in the same second the better one counts.
    """
    moment = nw.col("date").dt
    minute = moment.hour().cast(nw.Int64) * 60 + moment.minute().cast(nw.Int64)
    second = day("date") * 86_400 + minute * 60 + moment.second().cast(nw.Int64)
    answered = surveys.filter(~nw.col("nps_score").is_null())
    return _young(answered, "date", today, window).select(
        "customer_id", (second * 16 + nw.col("nps_score").cast(nw.Int64)).alias(LAST_SURVEY)
    )
