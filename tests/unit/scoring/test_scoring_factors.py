from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from procx_graph.domain.factor_rules import Curve, Shape, SupportRule
from procx_graph.domain.health import Factor
from procx_graph.scoring.engine import score
from procx_graph.scoring.health.curves import follow
from procx_graph.scoring.health.factors import FORMULAS, troubles
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import crowd, open_base, shop

DEFAULT, SEED = "default-v1", "procx-seed"


def sub_score(factor: Factor, profile: str, **features: Any) -> float | None:
    rule = load_profile(profile).factors[factor]
    known = {name: pl.Series([value]) for name, value in features.items()}
    frame = nw.from_native(pl.DataFrame(known))
    if isinstance(rule, SupportRule):
        frame = frame.with_columns(troubles(rule))
    result: float | None = frame.select(FORMULAS[factor](rule).alias("s")).item()
    return result


def points(factor: Factor, **features: Any) -> float | None:
    """Points of the document's table."""
    value = sub_score(factor, SEED, **features)
    return value if value is None else value * load_profile(SEED).weights[factor]


@pytest.mark.parametrize(
    ("x", "y"), [(-1, 0.2), (0, 0.2), (5, 0.5), (10, 0.8), (20, 1.0), (99, 1.0)]
)
def test_a_curve_is_straight_between_its_points_and_flat_outside(x: float, y: float) -> None:
    curve = Curve(points=((0, 0.2), (10, 0.8), (20, 1.0)))

    assert follow_once(curve, x) == pytest.approx(y)


@pytest.mark.parametrize(("x", "y"), [(-1, 1), (0, 1), (6, 1), (7, 0.5), (8, 0.5), (30, 0)])
def test_steps_hold_from_their_x_on(x: float, y: float) -> None:
    curve = Curve(shape=Shape.STEP, out_of=4, points=((0, 4), (7, 2), (30, 0)))

    assert follow_once(curve, x) == y


def test_a_curve_over_nothing_is_nothing() -> None:
    curve = Curve(shape=Shape.STEP, points=((0, 1), (7, 0)))

    assert follow_once(curve, None) is None


def follow_once(curve: Curve, x: float | None) -> float | None:
    frame = nw.from_native(pl.DataFrame({"x": pl.Series([x], dtype=pl.Float64)}))
    result: float | None = frame.select(follow(curve, nw.col("x")).alias("y")).item()
    return result


@pytest.mark.parametrize(
    ("segment", "worth"),
    [("VIP", 1), ("vip", 1), ("Loyal", 0.8), ("Regular", 8 / 15), ("Occasional", 4 / 15)],
)
def test_a_segment_has_its_worth_in_any_case(segment: str, worth: float) -> None:
    assert sub_score(Factor.SEGMENT, DEFAULT, segment=segment) == pytest.approx(worth)


def test_a_segment_the_profile_does_not_know_is_missing() -> None:
    assert sub_score(Factor.SEGMENT, DEFAULT, segment="Gold") is None


def test_ties_count_half_in_the_percentile() -> None:
    place = {"ltv_below": 2, "ltv_equal": 3, "ltv_known": 10}

    assert sub_score(Factor.LTV_PERCENTILE, DEFAULT, **place) == pytest.approx(0.35)


def test_a_cohort_of_one_scores_nothing_in_the_document() -> None:
    assert points(Factor.LTV_PERCENTILE, tier_below=0, tier_known=1) == 0


def test_the_median_lifetime_value_of_the_segment_is_worth_a_half() -> None:
    value = {"ltv_cents": 700, "usual_ltv_cents": 700.0}

    assert sub_score(Factor.RELATIVE_VALUE, DEFAULT, **value) == 0.5


@pytest.mark.parametrize(("ltv", "expected"), [(500, 2.5), (2000, 10), (9000, 10)])
def test_twice_the_segments_mean_is_worth_everything_in_the_document(
    ltv: int, expected: float
) -> None:
    assert points(Factor.RELATIVE_VALUE, ltv_cents=ltv, usual_ltv_cents=1000.0) == expected


def test_recency_is_half_the_days_and_half_the_chance_of_still_being_a_customer() -> None:
    assert sub_score(Factor.RECENCY, DEFAULT, days_since_active=30, p_alive=0.25) == pytest.approx(
        0.5 * 0.65 + 0.5 * 0.25
    )


def test_recency_of_who_never_bought_is_the_days_alone() -> None:
    assert sub_score(Factor.RECENCY, DEFAULT, days_since_active=60, p_alive=None) == pytest.approx(
        0.35
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [(6, 15), (7, 12), (29, 12), (30, 8), (59, 8), (60, 4), (89, 4), (90, 0), (900, 0)],
)
def test_recency_of_the_document_reads_the_last_active_date(days: int, expected: float) -> None:
    seen = {"days_since_seen": days, "days_since_active": 0, "p_alive": 0.5}

    assert points(Factor.RECENCY, **seen) == expected


@pytest.mark.parametrize(
    ("orders", "tenure", "expected"),
    [(3, 30, 12), (3, 31, 9), (1, 30, 9), (1, 60, 6), (1, 61, 3), (3, 2, 12)],
)
def test_frequency_of_the_document_is_orders_per_month_of_tenure(
    orders: int, tenure: int, expected: float
) -> None:
    assert points(Factor.ORDER_FREQUENCY, orders=orders, tenure_days=tenure) == expected


@pytest.mark.parametrize(("tenure", "expected"), [(89, None), (90, 0.0)])
def test_never_having_ordered_counts_only_after_a_quarter(
    tenure: int, expected: float | None
) -> None:
    nothing = {"orders": 0, "tenure_days": tenure, "ln_monthly_rate": None}

    assert sub_score(Factor.ORDER_FREQUENCY, DEFAULT, **nothing) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(111, 100, 10), (110, 100, 7), (90, 100, 7), (89, 100, 2), (0, 0, 7), (1, 0, 10)],
)
def test_the_documents_trend_has_a_band_of_ten_percent(
    now: int, before: int, expected: float
) -> None:
    spend = {"spend_90_cents": now, "spend_before_90_cents": before}

    assert points(Factor.SPENDING_TREND, orders=1, history_days=9, **spend) == expected


def test_there_is_no_trend_before_a_quarter_of_history() -> None:
    rising = {"log2_trend": 1.0, "orders": 5}

    assert sub_score(Factor.SPENDING_TREND, DEFAULT, **rising, history_days=89) is None
    assert sub_score(Factor.SPENDING_TREND, DEFAULT, **rising, history_days=90) == 1


TROUBLES = {
    "tickets": 0,
    "failed_payments": 0,
    "delayed_orders": 0,
    "cancelled_orders": 0,
    "refund_requests": 0,
    "trouble_events": 0,
    "csat_sum": 0,
    "csat_count": 0,
}


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if "csat" not in name])
def test_every_kind_of_trouble_lowers_the_support_history(trouble: str) -> None:
    calm = sub_score(Factor.SUPPORT_HISTORY, DEFAULT, **TROUBLES)
    troubled = sub_score(Factor.SUPPORT_HISTORY, DEFAULT, **{**TROUBLES, trouble: 1})

    assert calm == 1.0
    assert troubled == pytest.approx(0.85)


def test_a_told_trouble_alone_does_not_make_a_support_history() -> None:
    unknown = dict.fromkeys(("tickets", "failed_payments", "refund_requests"))

    assert (
        sub_score(Factor.SUPPORT_HISTORY, DEFAULT, **TROUBLES | unknown | {"trouble_events": 1})
        is None
    )


def test_ratings_are_six_tenths_of_the_support_history() -> None:
    rated = TROUBLES | {"tickets": 2, "csat_sum": 4, "csat_count": 2}

    assert sub_score(Factor.SUPPORT_HISTORY, DEFAULT, **rated) == pytest.approx(
        0.4 * 0.75 + 0.6 * 0.25
    )


def test_without_tickets_payments_and_refunds_the_support_history_is_missing() -> None:
    unknown = dict.fromkeys(("tickets", "failed_payments", "refund_requests"))

    assert sub_score(Factor.SUPPORT_HISTORY, DEFAULT, **TROUBLES | unknown) is None


@pytest.mark.parametrize(("tickets", "expected"), [(0, 8), (1, 6), (2, 6), (3, 3), (5, 3), (6, 0)])
def test_the_document_counts_tickets_alone(tickets: int, expected: float) -> None:
    assert points(Factor.SUPPORT_HISTORY, tickets=tickets) == expected


@pytest.mark.parametrize(("answer", "expected"), [(10, 5), (9, 5), (8, 3), (7, 3), (6, 0), (0, 0)])
def test_promoters_passives_and_detractors_have_their_points(answer: int, expected: float) -> None:
    assert points(Factor.NPS, nps_score=answer) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(731, 3), (730, 2.5), (366, 2.5), (365, 2), (181, 2), (180, 1.5), (0, 1.5)],
)
def test_tenure_has_the_documents_steps(days: int, expected: float) -> None:
    assert points(Factor.TENURE, tenure_days=days) == pytest.approx(expected)


MONOTONE = [
    (Factor.RECENCY, "days_since_active", -1, {"p_alive": 0.5}),
    (Factor.SUPPORT_HISTORY, "failed_payments", -1, TROUBLES),
    (Factor.NPS, "nps_score", 1, {}),
    (Factor.TENURE, "tenure_days", 1, {}),
    (Factor.SPENDING_TREND, "log2_trend", 1, {"orders": 4, "history_days": 400}),
    (Factor.ORDER_FREQUENCY, "ln_monthly_rate", 1, {"orders": 4, "tenure_days": 400}),
]


@pytest.mark.parametrize(("factor", "feature", "sign", "others"), MONOTONE)
@hypothesis(max_examples=30, deadline=None)
@given(low=st.integers(0, 900), more=st.integers(0, 300))
def test_sub_scores_never_turn_back(
    factor: Factor, feature: str, sign: int, others: dict[str, Any], low: int, more: int
) -> None:
    scale = 300 if feature.startswith("l") else 90 if feature == "nps_score" else 1
    rule = load_profile().factors[factor]
    frame = pl.DataFrame({feature: [low / scale, (low + more) / scale]}).with_columns(
        pl.lit(value).alias(name) for name, value in others.items() if name != feature
    )

    ready = nw.from_native(frame)
    if isinstance(rule, SupportRule):
        ready = ready.with_columns(troubles(rule))

    first, second = ready.select(FORMULAS[factor](rule).alias("s"))["s"].to_list()

    assert 0 <= min(first, second) <= max(first, second) <= 1
    assert sign * (second - first) >= -1e-12


def test_all_ten_factors_are_between_zero_and_one_on_a_real_base() -> None:
    scores = score(open_base(shop(crowd(), segment="VIP", loyalty_tier="Gold")))

    known = scores.health.sub_scores[scores.health.known]

    assert ((known >= 0) & (known <= 1)).all()
