"""What each table tells of a customer, one row per customer who is in it, in whole numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from procx_graph.domain.factor_rules import SupportRule
from procx_graph.domain.profile import Profile
from procx_graph.scoring.features.portable import (
    ONE,
    ZERO,
    cents,
    is_one_of,
    midnight,
    one_if,
    place_in,
    seconds,
)

QUARTER = 90
"""Days of the windows of the spending trend."""
HALF_YEAR = 2 * QUARTER
"""Days of the window of the value at stake."""
SCORES = 16
"""More than there are NPS scores; the unit in which the second of an answer is packed."""

TOLD = "told"
"""The customers' events once more, where they are read apart to find the troubles among them."""

Frame = nw.LazyFrame[Any]


@dataclass(frozen=True)
class Counting:
    """Counts the tables as they are at one moment.

    Every expression that is summed is made before the groups are, because pandas groups only
    plain columns fast.

    Attributes:
        tables: By name, with the columns that scoring reads; absent ones tell nothing. `TOLD` may
            be there beside the customers' events.
        profile: Says what a purchase and an activity is, and the windows.
        today: The day of the moment (UTC); a window of w days holds ages 0 to w - 1.
        is_current: Whether a value without a date holds at the moment.
    """

    tables: dict[str, Frame]
    profile: Profile
    today: date
    is_current: bool

    def parts(self) -> Iterator[Frame]:
        """Give, part by part, a `customer_id` and its counts; nobody is in a part twice."""
        if "orders" in self.tables:
            yield self._bought()
            yield self._cancelled()
            if "refunds" in self.tables:
                yield self._refunded()
        for name, count in (
            ("payments", self._paid),
            ("refunds", self._asked_back),
            ("support_tickets", self._asked_for_help),
            ("nps_survey", self._answered),
            ("customer_events", self._acted),
            ("churn_labels", self._left),
        ):
            if name in self.tables:
                yield count()
        if any(name in self.tables for name in self._tellers()):
            yield self._troubled()

    def _purchases(self) -> Frame:
        """Keep the orders that are purchases."""
        rule = self.profile.purchase
        return self.tables["orders"].filter(
            ~is_one_of("order_status", rule.excluded_status),
            ~is_one_of("payment_status", rule.excluded_payment),
        )

    def _bought(self) -> Frame:
        """Count purchases, the days with one, and their cents: ever, last 90 days, 90 before."""
        at = nw.col("order_date")
        rows = self._purchases().select(
            "customer_id",
            *self._amounts(cents("total_amount"), "spend"),
            at.dt.date().alias("day"),
            at,
        )
        return rows.group_by("customer_id").agg(
            nw.len().alias("orders"),
            nw.col("day").n_unique().alias("order_days"),
            nw.col("order_date").min().alias("first_order"),
            nw.col("order_date").max().alias("last_order"),
            *_sums("spend", "spend_90", "spend_before_90"),
        )

    def _refunded(self) -> Frame:
        """Sum the refunds of purchases, on the purchase's day.

        A refund of an order that is no purchase takes nothing away, because nothing was counted.
        """
        paid = is_one_of("refund_status", self.profile.purchase.refunded)
        if not self.is_current:
            paid = paid & ~nw.col("refund_processed_date").is_null()
        back = self.tables["refunds"].filter(paid, ~nw.col("order_id").is_null())
        bought = self._purchases().select("order_id", "customer_id", "order_date")
        rows = bought.join(
            back.select("order_id", cents("refund_amount").alias("cents")), on="order_id"
        )
        of_day = rows.select("customer_id", *self._amounts(nw.col("cents"), "back"))
        return of_day.group_by("customer_id").agg(*_sums("back", "back_90", "back_before_90"))

    def _amounts(self, amount: nw.Expr, name: str) -> list[nw.Expr]:
        """Split an amount by the age of its order."""
        at, engine = nw.col("order_date"), self.tables["orders"].implementation
        recent = at >= midnight(self.today, QUARTER - 1, engine)
        before = ~recent & (at >= midnight(self.today, HALF_YEAR - 1, engine))
        return [
            amount.alias(name),
            (one_if(recent) * amount).alias(f"{name}_90"),
            (one_if(before) * amount).alias(f"{name}_before_90"),
        ]

    def _cancelled(self) -> Frame:
        """Count cancelled orders; one whose payment failed is a failed payment and no more."""
        cancelled = is_one_of("order_status", self.profile.purchase.excluded_status)
        rows = self._young("orders", "order_date", self._window).filter(cancelled)
        if "payments" in self.tables:
            rows = rows.join(self._unpaid(), on="order_id", how="anti")
        return rows.group_by("customer_id").agg(nw.len().alias("cancelled_orders"))

    def _unpaid(self) -> Frame:
        """Give the orders whose failed payment counts as a trouble."""
        recent = self._young("payments", "payment_date", self._window)
        failed = is_one_of("status", self.profile.purchase.excluded_payment)
        return recent.filter(failed, ~nw.col("order_id").is_null()).select("order_id")

    def _paid(self) -> Frame:
        recent = self._young("payments", "payment_date", self._window)
        failed = one_if(is_one_of("status", self.profile.purchase.excluded_payment))
        rows = recent.select("customer_id", failed.alias("failed_payments"))
        return rows.group_by("customer_id").agg(
            nw.len().alias("payments"), *_sums("failed_payments")
        )

    def _asked_back(self) -> Frame:
        asked = self._young("refunds", "refund_request_date", self._window)
        return asked.group_by("customer_id").agg(nw.len().alias("refund_requests"))

    def _asked_for_help(self) -> Frame:
        rating = nw.col("csat_score")
        rows = self._young("support_tickets", "created_at", self._window).select(
            "customer_id",
            one_if(~rating.is_null()).alias("csat_count"),
            rating.fill_null(0).cast(nw.Int64).alias("csat_sum"),
        )
        return rows.group_by("customer_id").agg(
            nw.len().alias("tickets"), *_sums("csat_count", "csat_sum")
        )

    def _answered(self) -> Frame:
        """Pack second and score of each answer in one number, so that the largest is the latest.

        Of two answers in the same second the better one counts.
        """
        recent = self._young("nps_survey", "date", self.profile.factors.nps.window_days)
        score = nw.col("nps_score").cast(nw.Int64)
        packed = (seconds("date") * SCORES + score).alias("last_survey")
        rows = recent.filter(~nw.col("nps_score").is_null()).select("customer_id", packed)
        return rows.group_by("customer_id").agg(nw.col("last_survey").max())

    def _acted(self) -> Frame:
        """Find the last thing the customer did, of what the profile calls an activity."""
        own = self.tables["customer_events"].filter(is_one_of("event_type", self.profile.activity))
        return own.group_by("customer_id").agg(nw.col("event_time").max().alias("last_event"))

    def _troubled(self) -> Frame:
        """Count late deliveries and what other systems told and is not well again; pack the latest.

        The delays told of one order are one trouble, and none where the orders tell that it came
        late. Of two events in the same second the later in the profile's list is the latest.
        """
        rows = [tell() for name, tell in self._tellers().items() if name in self.tables]
        order, late = nw.col("order_id"), nw.col("delayed_orders")
        stories = (
            nw.concat(rows)
            .group_by("customer_id", "order_id")
            .agg(*_sums("delayed_orders", "trouble_events"), nw.col("last_trouble").max())
        )
        once = nw.when(order.is_null() | (nw.col("trouble_events") == 0))
        open_ones = once.then(nw.col("trouble_events")).otherwise(ONE)
        is_open = one_if(order.is_null() | (late == 0))
        return (
            stories.select(
                "customer_id",
                "delayed_orders",
                (is_open * open_ones).alias("trouble_events"),
                (is_open * nw.col("last_trouble")).alias("last_trouble"),
            )
            .group_by("customer_id")
            .agg(*_sums("delayed_orders", "trouble_events"), nw.col("last_trouble").max())
        )

    def _tellers(self) -> dict[str, Callable[[], Frame]]:
        """Give, by table, how it is asked for troubles, each with the order if it is a delay."""
        told = {"customer_events": self._told} if self._support.cited_events else {}
        return {"orders": self._late, **told}

    def _late(self) -> Frame:
        """Give the orders that came later than the profile lets pass."""
        late = nw.col("delivery_delay_days").fill_null(0) > self._support.late_after_days
        return (
            self._young("orders", "order_date", self._window)
            .filter(late)
            .select(
                "customer_id",
                "order_id",
                ONE.alias("delayed_orders"),
                ZERO.alias("trouble_events"),
                ZERO.alias("last_trouble"),
            )
        )

    def _told(self) -> Frame:
        """Give the events that the profile calls a trouble and that nothing has resolved."""
        rule, kind = self._support, "event_type"
        events = TOLD if TOLD in self.tables else "customer_events"
        second = seconds("event_time", self.tables[events].implementation)
        packed = second * len(rule.cited_events) + place_in(kind, rule.cited_events)
        return (
            self._young(events, "event_time", self._window)
            .filter(*open_troubles(rule))
            .select(
                "customer_id",
                nw.when(is_one_of(kind, rule.delay_events))
                .then(nw.col("order_id"))
                .alias("order_id"),
                ZERO.alias("delayed_orders"),
                one_if(is_one_of(kind, rule.trouble_events)).alias("trouble_events"),
                packed.alias("last_trouble"),
            )
        )

    def _left(self) -> Frame:
        left = nw.col("is_churn").fill_null(False)
        if not self.is_current:
            left = left & ~nw.col("churn_date").is_null()
        return (
            self.tables["churn_labels"]
            .filter(left)
            .group_by("customer_id")
            .agg(nw.len().alias("churn_labels"))
        )

    @property
    def _support(self) -> SupportRule:
        return self.profile.factors.support_history

    @property
    def _window(self) -> int:
        return self._support.window_days

    def _young(self, name: str, moment: str, window: int) -> Frame:
        """Keep the rows younger than a window."""
        table = self.tables[name]
        return table.filter(
            nw.col(moment) >= midnight(self.today, window - 1, table.implementation)
        )


def open_troubles(rule: SupportRule) -> list[nw.Expr]:
    """Say which events are troubles, or may be told as one, and not well again."""
    return [is_one_of("event_type", rule.cited_events), nw.col("resolved_at").is_null()]


def _sums(*names: str) -> list[nw.Expr]:
    return [nw.col(name).sum() for name in names]
