"""The ten factors, each once: sub-scores in [0, 1], 1 is healthy, null is missing.

Profiles differ in weights, curves and in the named variants of a factor. Logarithms come in as
columns, because only then are they the same on every machine.

Source: facts on scoring, sections 4.2 and 4.3; the document's table in facts on modes.
"""

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw

from procx_graph.domain.factor_rules import (
    CategoryRule,
    Cohort,
    FactorRules,
    FrequencyRule,
    NpsRule,
    PercentileRule,
    Rate,
    RecencyRule,
    Reference,
    RelativeRule,
    SupportRule,
    TenureRule,
    TrendAgainst,
    TrendRule,
    Troubles,
)
from procx_graph.domain.health import Factor
from procx_graph.scoring.health.curves import follow

TROUBLES = {
    Troubles.FRICTION: (
        "tickets",
        "failed_payments",
        "delayed_orders",
        "cancelled_orders",
        "refund_requests",
        "trouble_events",
    ),
    Troubles.TICKETS: ("tickets",),
}
"""Features that the support history adds up."""
FROM_OWN_TABLE = ("tickets", "failed_payments", "refund_requests")
"""Those of them that are null where their table is missing, so that they tell what is known.

Told troubles are not among them: a table of visits does not know that there was none, and who has
the factor for a trouble alone would be healthier for it.
"""


def segment(rule: CategoryRule) -> nw.Expr:
    """Worth of the segment; missing where it is unknown or has no worth in the profile."""
    return _worth("segment", rule)


def loyalty_tier(rule: CategoryRule) -> nw.Expr:
    """Worth of the loyalty tier; missing where it is unknown or has no worth in the profile."""
    return _worth("loyalty_tier", rule)


def ltv_percentile(rule: PercentileRule) -> nw.Expr:
    """Rank of the lifetime value, among the base or the segment and tier.

    Among the base it is the share below with ties counted half, within the segment and tier the
    share strictly below, so that a cohort of one scores 0. Missing without a lifetime value.
    """
    if rule.within is Cohort.SEGMENT_TIER:
        return _ratio(nw.col("tier_below"), nw.col("tier_known"))
    return _ratio(nw.col("ltv_below") * 2 + nw.col("ltv_equal"), nw.col("ltv_known") * 2)


def relative_value(rule: RelativeRule) -> nw.Expr:
    """Lifetime value beside the segment's median (.5 there) or mean (worth 1 at the cap).

    Missing without a lifetime value, or where the segment's is 0 as well.
    """
    value = nw.col("ltv_cents").cast(nw.Float64)
    if rule.against is Reference.MEDIAN:
        return _ratio(value, value + nw.col("usual_ltv_cents"))
    limit = nw.col("usual_ltv_cents") * rule.cap
    return _ratio(value, limit).clip(0.0, 1.0)


def recency(rule: RecencyRule) -> nw.Expr:
    """Days since the customer last did something, mixed with P(still a customer).

    What customers do is to buy, visit, search, fill a cart; failures, complaints and what we do
    are not. The curve stands alone where nothing was ever bought. Missing without any activity.
    """
    days = nw.col("days_since_active")
    if rule.snapshot_only:
        seen = nw.col("days_since_seen")
        days = nw.when(~seen.is_null()).then(seen).otherwise(days)
    curve, alive = follow(rule.curve, days), nw.col("p_alive")
    mixed = curve * (1 - rule.alive_share) + alive * rule.alive_share
    return nw.when(alive.is_null()).then(curve).otherwise(mixed)


def order_frequency(rule: FrequencyRule) -> nw.Expr:
    """Purchases per 30 days: what the purchase model expects, or orders over tenure.

    Who never ordered scores 0 from the profile's tenure on. Missing before that, and in a base
    without an order log.
    """
    if rule.rate is Rate.POSTERIOR:
        sub_score = follow(rule.curve, nw.col("ln_monthly_rate"))
    else:
        monthly = _ratio(nw.col("orders") * 30, nw.col("tenure_days").clip(30))
        sub_score = nw.when(nw.col("orders") > 0).then(follow(rule.curve, monthly))
    if rule.zero_after_days is None:
        return sub_score
    never = (nw.col("orders") == 0) & (nw.col("tenure_days") >= rule.zero_after_days)
    return nw.when(never).then(nw.lit(0.0)).otherwise(sub_score)


def spending_trend(rule: TrendRule) -> nw.Expr:
    """Spend of the last 90 days against the customer's own 90-day average, or the 90 days before.

    Against the own average the ratio is shrunk towards 1 by half a mean order on both sides, so
    that one small order is no trend. Missing for who never ordered, and where signup and first
    order are both more recent than the profile asks.
    """
    if rule.against is TrendAgainst.OWN_AVERAGE:
        sub_score = follow(rule.curve, nw.col("log2_trend"))
    else:
        now, before = nw.col("spend_90_cents") * 100, nw.col("spend_before_90_cents")
        rises = now > before * (100 + rule.band_percent)
        falls = now < before * (100 - rule.band_percent)
        direction = rises.cast(nw.Float64) - falls.cast(nw.Float64)
        sub_score = follow(rule.curve, direction)
    long_enough = nw.col("history_days") >= rule.min_history_days
    return nw.when((nw.col("orders") > 0) & long_enough).then(sub_score)


def support_history(rule: SupportRule) -> nw.Expr:
    """What went wrong within the window, by count, mixed with the mean CSAT where there is one.

    Friction adds up tickets, failed payments, deliveries later than the profile lets pass,
    cancelled orders (the data does not tell who cancelled, so all of them, unless their failed
    payment is counted), refund requests, and what other systems told and is not well again;
    `troubles` is their sum. Missing in a base that has neither tickets nor payments nor refunds;
    otherwise 1 without trouble.
    """
    by_count = follow(rule.curve, nw.col("troubles"))
    if rule.csat_curve is None:
        return by_count
    csat = follow(rule.csat_curve, _ratio(nw.col("csat_sum"), nw.col("csat_count")))
    mixed = by_count * (1 - rule.csat_share) + csat * rule.csat_share
    return nw.when(csat.is_null()).then(by_count).otherwise(mixed)


def nps(rule: NpsRule) -> nw.Expr:
    """Latest answer, 0 to 10, within the window; missing without one."""
    return follow(rule.curve, nw.col("nps_score"))


def tenure(rule: TenureRule) -> nw.Expr:
    """Days since signup, since the first order where there is no signup date."""
    return follow(rule.curve, nw.col("tenure_days"))


FORMULAS: dict[Factor, Callable[[Any], nw.Expr]] = {
    Factor.SEGMENT: segment,
    Factor.LTV_PERCENTILE: ltv_percentile,
    Factor.LOYALTY_TIER: loyalty_tier,
    Factor.RELATIVE_VALUE: relative_value,
    Factor.RECENCY: recency,
    Factor.ORDER_FREQUENCY: order_frequency,
    Factor.SPENDING_TREND: spending_trend,
    Factor.SUPPORT_HISTORY: support_history,
    Factor.NPS: nps,
    Factor.TENURE: tenure,
}


def sub_scores(features: nw.LazyFrame[Any], rules: FactorRules) -> nw.LazyFrame[Any]:
    """Give all ten factors as columns named like them, beside the customer_id.

    What one of them reads again and again is a column first, because not every engine notices.
    """
    ready = features.with_columns(troubles(rules.support_history))
    factors = (formula(rules[of]).alias(of.value) for of, formula in FORMULAS.items())
    return ready.select("customer_id", *factors)


def troubles(rule: SupportRule) -> nw.Expr:
    """Add up what went wrong; null in a base that cannot know."""
    counts = TROUBLES[rule.counts]
    known = [~nw.col(name).is_null() for name in counts if name in FROM_OWN_TABLE]
    total = nw.sum_horizontal(*(nw.col(name).fill_null(0) for name in counts))
    there = nw.any_horizontal(*known, ignore_nulls=True)
    return nw.when(there).then(total).alias("troubles")


def _worth(column: str, rule: CategoryRule) -> nw.Expr:
    name = nw.col(column).str.to_lowercase()
    worth = nw.lit(None, nw.Float64)
    for category, value in rule.values.items():
        same = (name == category.lower()).fill_null(False)
        worth = nw.when(same).then(nw.lit(value / rule.out_of)).otherwise(worth)
    return worth


def _ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Divide; null where the whole is 0 or either is null."""
    return nw.when(whole > 0).then(part / whole)
