"""The evidence behind each factor and risk term, in plain words, from raw values."""

from collections.abc import Callable

import polars as pl

from procx_graph.domain.factor_rules import (
    Cohort,
    Reference,
    SupportRule,
    TrendAgainst,
    Troubles,
)
from procx_graph.domain.health import Factor
from procx_graph.domain.profile import Profile
from procx_graph.scoring.features.counting import QUARTER
from procx_graph.scoring.reasons.numbers import ago, count, money, whole

EVER = 3650
"""Days from which a window is as good as everything."""
SURE = 0.995
"""P(still a customer) from which silence is told as "over 99 %", and is no reason to worry."""
TENFOLD = 900
"""Percent more that is ten times as much; beyond it nobody wants the number."""

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


PLAIN = {"review_negative": "negative review"}
"""Events whose name is no phrase."""


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
        among, whom = "ltv", "customers"
    else:
        among, whom = "tier", "customers of the same segment and tier"
    below, equal, known = (pl.col(f"{among}_{name}") for name in ("below", "equal", "known"))
    above = known - below - equal
    percent = 100 * pl.max_horizontal(below, above) // known
    place = (
        pl.when(equal == known)
        .then(pl.lit(f"the same for all {whom}"))
        .when(below == 0)
        .then(pl.lit(f"the lowest of all {whom}"))
        .when(percent == 0)
        .then(pl.lit(f"the same as most {whom}"))
        .when(below >= above)
        .then(pl.format(f"above {{}} % of {whom}", percent))
        .otherwise(pl.format(f"below {{}} % of {whom}", percent))
    )
    return pl.format("lifetime value of {}, {}", money("ltv_cents"), place)


def _relative_value(profile: Profile) -> pl.Expr:
    middle = profile.factors.relative_value.against is Reference.MEDIAN
    word = "a median" if middle else "an average"
    whom = pl.format("of the {} segment", "segment").fill_null("of all customers")
    return pl.format(
        f"lifetime value of {{}} against {word} of {{}} {{}}",
        money("ltv_cents"),
        money("usual_ltv_cents"),
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
        pl.when((orders == 0) & (pl.col("tenure_days") == 0))
        .then(pl.lit("no order yet"))
        .when(orders == 0)
        .then(pl.format("no order in {}", count(pl.col("tenure_days"), "day")))
        .when(orders == 1)
        .then(pl.format("one order, {}", ago(first)))
        .when(first == 0)
        .then(pl.format("{} orders, all today", orders))
        .otherwise(pl.format("{} orders in {}", orders, count(first, "day")))
    )


def _spending_trend(profile: Profile) -> pl.Expr:
    recent = pl.col("spend_90_cents")
    if profile.factors.spending_trend.against is TrendAgainst.OWN_AVERAGE:
        history = pl.max_horizontal("history_days", pl.lit(QUARTER))
        before, whose = QUARTER * pl.col("spend_cents") / history, "their own quarterly average"
        usual = pl.format("their own quarterly average of {}", money(before))
    else:
        before, whose = pl.col("spend_before_90_cents"), "in the 90 days before"
        usual = pl.format("{} in the 90 days before", money(before))
    change = whole((100 * (recent - before) / before).clip(upper_bound=TENFOLD + 1))
    told = (
        pl.when((recent == 0) & (before == 0))
        .then(pl.lit("spent nothing lately"))
        .when(before == 0)
        .then(pl.format("spent {} in 90 days, nothing before", money(recent)))
        .when(recent == 0)
        .then(pl.format("spent nothing in 90 days against {}", usual))
        .when(change == 0)
        .then(pl.lit(f"spent as much in 90 days as {whose}"))
        .when(change < 0)
        .then(pl.format(f"spent {{}} % less in 90 days than {whose}", -change))
        .when(change > TENFOLD)
        .then(pl.lit(f"spent more than ten times as much in 90 days as {whose}"))
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
    counts: list[pl.Expr] = [
        pl.when(pl.col(name) > 0).then(count(pl.col(name), word)) for name, word in words.items()
    ]
    told = rule.counts is Troubles.FRICTION and rule.cited_events
    if told:
        counts.append(_told(list(words)))
    troubles = pl.concat_str(counts, separator=", ", ignore_nulls=True)
    when = "so far" if rule.window_days >= EVER else f"in {rule.window_days} days"
    text = (
        pl.when(troubles == "")
        .then(pl.lit(f"no trouble {when}"))
        .otherwise(pl.format(f"{{}} {when}", troubles))
    )
    if rule.csat_curve is not None:
        tenths = (20 * pl.col("csat_sum") + pl.col("csat_count")) // (2 * pl.col("csat_count"))
        rated = pl.col("csat_count") > 0
        csat = pl.format("{}, CSAT {}.{}", text, tenths // 10, tenths % 10)
        text = pl.when(rated).then(csat).otherwise(text)
    if not told:
        return text
    latest = pl.format("{}; latest: {}", text, _latest(rule))
    return pl.when(troubles == "").then(text).otherwise(latest.fill_null(text))


def _told(others: list[str]) -> pl.Expr:
    """Count what other systems told; "other" beside troubles that have a name."""
    told = pl.col("trouble_events")
    beside = pl.any_horizontal(pl.col(others).fill_null(0) > 0)
    words = pl.when(beside).then(count(told, "other problem")).otherwise(count(told, "problem"))
    return pl.when(told > 0).then(words)


def _latest(rule: SupportRule) -> pl.Expr:
    """Tell the latest trouble of which another system told, null without one."""
    names = [PLAIN.get(name, name.replace("_", " ")) for name in map(str.lower, rule.cited_events)]
    code = pl.col("trouble_code")
    kind = code.replace_strict(list(range(len(names))), names, default=None, return_dtype=pl.String)
    return pl.format("{} {}", kind, ago(pl.col("days_since_trouble")))


def _nps(_: Profile) -> pl.Expr:
    return pl.format("NPS score {}, given {}", "nps_score", ago(pl.col("days_since_nps")))


def _tenure(_: Profile) -> pl.Expr:
    days = pl.col("tenure_days")
    return (
        pl.when(days == 0)
        .then(pl.lit("customer since today"))
        .otherwise(pl.format("customer for {}", count(days, "day")))
    )


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
        .then(pl.format("bought on two days, {} apart", count(_gap(), "day")))
        .otherwise(pl.format("usually buys every {} ({} orders)", count(_gap(), "day"), orders))
    )


def _rhythm(profile: Profile) -> pl.Expr:
    """Tell the habit; beside the base's where the customer buys less often."""
    habit, own, typical = _habit(profile), _gap(), whole(pl.col("typical_gap_days"))
    rarer = (pl.col("order_days") > 2) & (own > typical)
    return pl.when(rarer).then(pl.format("{}; typical here: {}", habit, typical)).otherwise(habit)


def _silence(profile: Profile) -> pl.Expr:
    silent = pl.col("days_since_order")
    since = (
        pl.when(silent == 0)
        .then(pl.lit("bought today"))
        .otherwise(pl.format("silent {}", count(silent, "day")))
    )
    chance = whole(100 * pl.col("p_alive"))
    shown = (
        pl.when(chance < 1)
        .then(pl.lit("under 1"))
        .when(pl.col("p_alive") >= SURE)
        .then(pl.lit("over 99"))
        .otherwise(chance.cast(pl.String))
    )
    return pl.format(
        "{}; {}; {} % chance of still being a customer",
        since,
        _habit(profile),
        shown,
    )


def _no_purchase(_: Profile) -> pl.Expr:
    return pl.lit("has not bought yet, so the buyers' mean risk stands in")


def _payments(profile: Profile) -> pl.Expr:
    tried, failed = count(pl.col("payments"), "payment"), pl.col("failed_payments")
    days = profile.factors.support_history.window_days
    return (
        pl.when(pl.col("payments") == 0)
        .then(pl.lit(f"no payment in {days} days"))
        .when(failed == 0)
        .then(pl.format(f"none of {{}} in {days} days failed", tried))
        .otherwise(pl.format(f"{{}} of {{}} in {days} days failed", failed, tried))
        .fill_null("no payments on record")
    )


def _support(profile: Profile) -> pl.Expr:
    return of_factor(Factor.SUPPORT_HISTORY.value, profile)


def _inactivity(profile: Profile) -> pl.Expr:
    return of_factor(Factor.RECENCY.value, profile)


def _interaction(_: Profile) -> pl.Expr:
    return pl.lit("how these come together (the trees say more than the sum of the parts)")


def _calibration(_: Profile) -> pl.Expr:
    return pl.lit("corrected to the frequencies that were seen")


def _health(_: Profile) -> pl.Expr:
    return pl.format("health {} of 100", whole(pl.col("health")))


def _high_value(_: Profile) -> pl.Expr:
    return pl.format("lifetime value of {}", money("ltv_cents"))


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
    "rhythm": _rhythm,
    "silence": _silence,
    "no_purchase": _no_purchase,
    "support": _support,
    "payments": _payments,
    "inactivity": _inactivity,
    "interaction": _interaction,
    "calibration": _calibration,
    "health": _health,
    "high_value": _high_value,
}


def _gap() -> pl.Expr:
    """Mean days between purchase days."""
    span = pl.col("days_since_first_order") - pl.col("days_since_order")
    return whole(span / (pl.col("order_days") - 1))
