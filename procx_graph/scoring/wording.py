"""The evidence behind each factor and risk term, in plain words, from raw values."""

from collections.abc import Callable

import polars as pl

from procx_graph.domain.factor_rules import Cohort, Reference, TrendAgainst, Troubles
from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile
from procx_graph.scoring.counting import QUARTER

EVER = 3650
"""Days from which a window is as good as everything."""

WITHOUT = {
    Factor.SEGMENT: "segment unknown",
    Factor.LTV_PERCENTILE: "lifetime value unknown",
    Factor.LOYALTY_TIER: "loyalty tier unknown",
    Factor.RELATIVE_VALUE: "lifetime value unknown",
    Factor.RECENCY: "no activity on record",
    Factor.ORDER_FREQUENCY: "no order on record",
    Factor.SPENDING_TREND: "no spending to compare",
    Factor.SUPPORT_HISTORY: "no support history on record",
    Factor.NPS: "no recent survey answer",
    Factor.TENURE: "signup date unknown",
}
"""What is said where a profile keeps neutral values for missing ones."""


def of_factor(name: str, profile: Profile) -> pl.Expr:
    """Give the text of a health factor over the feature columns."""
    factor = Factor(name)
    return FACTORS[factor](profile).fill_null(WITHOUT[factor])


def of_term(name: str, profile: Profile) -> pl.Expr:
    """Give the text of a risk term; terms of the rule are factors."""
    if name in TERMS:
        return TERMS[name](profile)
    return of_factor(name, profile)


def _segment(_: Profile) -> pl.Expr:
    return pl.format("{} segment", "segment")


def _loyalty_tier(_: Profile) -> pl.Expr:
    return pl.format("{} loyalty tier", "loyalty_tier")


def _ltv_percentile(profile: Profile) -> pl.Expr:
    if profile.factors.ltv_percentile.within is Cohort.BASE:
        below, known, whom = "ltv_below", "ltv_known", "customers"
    else:
        below, known, whom = "tier_below", "tier_known", "the same segment and tier"
    share = _whole(100 * pl.col(below) / pl.col(known))
    return pl.format(f"lifetime value of {{}}, above {{}} % of {whom}", _money("ltv_cents"), share)


def _relative_value(profile: Profile) -> pl.Expr:
    if profile.factors.relative_value.against is Reference.MEDIAN:
        usual, word = "median_ltv_cents", "a median"
    else:
        usual, word = "mean_ltv_cents", "an average"
    whom = pl.format("of the {} segment", "segment").fill_null("of all customers")
    return pl.format(
        f"lifetime value of {{}} against {word} of {{}} {{}}",
        _money("ltv_cents"),
        _money(usual),
        whom,
    )


def _recency(profile: Profile) -> pl.Expr:
    days = pl.col("days_since_active")
    if profile.factors.recency.snapshot_only:
        days = pl.coalesce("days_since_seen", days)
    return (
        pl.when(days == 0)
        .then(pl.lit("active today"))
        .when(days == 1)
        .then(pl.lit("last active yesterday"))
        .otherwise(pl.format("last active {} days ago", days))
    )


def _order_frequency(_: Profile) -> pl.Expr:
    orders, first = pl.col("orders"), pl.col("days_since_first_order")
    return (
        pl.when(orders == 0)
        .then(pl.format("no order in {}", _count(pl.col("tenure_days"), "day")))
        .when(orders == 1)
        .then(pl.format("one order, {} ago", _count(first, "day")))
        .otherwise(pl.format("{} orders in {}", orders, _count(first, "day")))
    )


def _spending_trend(profile: Profile) -> pl.Expr:
    recent = pl.col("spend_90_cents")
    if profile.factors.spending_trend.against is TrendAgainst.OWN_AVERAGE:
        tenure = pl.max_horizontal("tenure_days", pl.lit(QUARTER))
        before, whose = QUARTER * pl.col("spend_cents") / tenure, "their own quarterly average"
        usual = pl.format("their own quarterly average of {}", _money(before))
    else:
        before, whose = pl.col("spend_before_90_cents"), "in the 90 days before"
        usual = pl.format("{} in the 90 days before", _money(before))
    change = _whole(100 * (recent - before) / before)
    told = (
        pl.when((recent == 0) & (before == 0))
        .then(pl.lit("spent nothing lately"))
        .when(before == 0)
        .then(pl.format("spent {} in 90 days, nothing before", _money(recent)))
        .when(recent == 0)
        .then(pl.format("spent nothing in 90 days against {}", usual))
        .when(change == 0)
        .then(pl.lit(f"spent as much in 90 days as {whose}"))
        .when(change < 0)
        .then(pl.format(f"spent {{}} % less in 90 days than {whose}", -change))
        .otherwise(pl.format(f"spent {{}} % more in 90 days than {whose}", change))
    )
    return pl.when(pl.col("orders") > 0).then(told)


def _support_history(profile: Profile) -> pl.Expr:
    rule = profile.factors.support_history
    words = {"tickets": "ticket"}
    if rule.counts is Troubles.FRICTION:
        words |= {
            "failed_payments": "failed payment",
            "delayed_orders": "late delivery",
            "cancelled_orders": "cancelled order",
            "refund_requests": "refund request",
        }
    counts = [
        pl.when(pl.col(name) > 0).then(_count(pl.col(name), word)) for name, word in words.items()
    ]
    troubles = pl.concat_str(counts, separator=", ", ignore_nulls=True)
    when = "so far" if rule.window_days >= EVER else f"in {rule.window_days} days"
    text = (
        pl.when(troubles == "")
        .then(pl.lit(f"no trouble {when}"))
        .otherwise(pl.format(f"{{}} {when}", troubles))
    )
    if rule.csat_curve is None:
        return text
    tenths = (20 * pl.col("csat_sum") + pl.col("csat_count")) // (2 * pl.col("csat_count"))
    rated = pl.col("csat_count") > 0
    csat = pl.format("{}, CSAT {}.{}", text, tenths // 10, tenths % 10)
    return pl.when(rated).then(csat).otherwise(text)


def _nps(_: Profile) -> pl.Expr:
    return pl.format(
        "NPS score {}, given {} ago",
        "nps_score",
        _count(pl.col("days_since_nps"), "day"),
    )


def _tenure(_: Profile) -> pl.Expr:
    return pl.format("customer for {}", _count(pl.col("tenure_days"), "day"))


def _habit(_: Profile) -> pl.Expr:
    days, orders = pl.col("order_days"), pl.col("orders")
    return (
        pl.when(days == 1)
        .then(
            pl.when(orders == 1)
            .then(pl.lit("bought once"))
            .otherwise(pl.lit("bought on a single day"))
        )
        .when(days == 2)
        .then(pl.format("bought on two days, {} apart", _count(_gap(), "day")))
        .otherwise(pl.format("usually buys every {} ({} orders)", _count(_gap(), "day"), orders))
    )


def _silence(profile: Profile) -> pl.Expr:
    chance = _whole(100 * pl.col("p_alive"))
    shown = (
        pl.when(chance < 1)
        .then(pl.lit("under 1"))
        .when(chance > 99)
        .then(pl.lit("over 99"))
        .otherwise(chance.cast(pl.String))
    )
    return pl.format(
        "silent {}; {}; {} % chance of still being a customer",
        _count(pl.col("days_since_order"), "day"),
        _habit(profile),
        shown,
    )


def _no_purchase(_: Profile) -> pl.Expr:
    return pl.lit("has not bought yet, so the buyers' mean risk stands in")


def _health(_: Profile) -> pl.Expr:
    return pl.format("health {} of 100", _whole(pl.col("health")))


def _high_value(_: Profile) -> pl.Expr:
    return pl.format("lifetime value of {}", _money("ltv_cents"))


FACTORS: dict[Factor, Callable[[Profile], pl.Expr]] = {
    Factor.SEGMENT: _segment,
    Factor.LTV_PERCENTILE: _ltv_percentile,
    Factor.LOYALTY_TIER: _loyalty_tier,
    Factor.RELATIVE_VALUE: _relative_value,
    Factor.RECENCY: _recency,
    Factor.ORDER_FREQUENCY: _order_frequency,
    Factor.SPENDING_TREND: _spending_trend,
    Factor.SUPPORT_HISTORY: _support_history,
    Factor.NPS: _nps,
    Factor.TENURE: _tenure,
}
TERMS: dict[str, Callable[[Profile], pl.Expr]] = {
    "rhythm": _habit,
    "silence": _silence,
    "no_purchase": _no_purchase,
    "health": _health,
    "high_value": _high_value,
}


def _gap() -> pl.Expr:
    """Mean days between purchase days."""
    span = pl.col("days_since_first_order") - pl.col("days_since_order")
    return _whole(span / (pl.col("order_days") - 1))


def _count(number: pl.Expr, word: str) -> pl.Expr:
    plural = word[:-1] + "ies" if word.endswith("ry") else f"{word}s"
    noun = pl.when(number == 1).then(pl.lit(word)).otherwise(pl.lit(plural))
    return pl.format("{} {}", number, noun)


def _whole(number: pl.Expr) -> pl.Expr:
    """Round to a whole number; null where there is none."""
    finite = pl.when(number.is_finite()).then(number)
    return finite.round().cast(pl.Int64)


def _money(cents: str | pl.Expr) -> pl.Expr:
    """Write cents as whole money with commas between thousands."""
    column = pl.col(cents) if isinstance(cents, str) else cents
    amount = _whole(column / 100)
    digits = amount.cast(pl.String)
    thousands, rest = (amount // 1000).cast(pl.String), digits.str.tail(3)
    millions = (amount // 1_000_000).cast(pl.String)
    return (
        pl.when(amount < 1000)
        .then(digits)
        .when(amount < 1_000_000)
        .then(pl.format("{},{}", thousands, rest))
        .otherwise(pl.format("{},{},{}", millions, thousands.str.tail(3), rest))
    )
