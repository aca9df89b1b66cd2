"""What may be compared, and lines through the past."""

from typing import Any

import polars as pl
import pytest

from procx_graph.store.changes import compare, deltas, trend
from tests.unit.store.places import day, scored


def moment(
    number: int,
    *,
    method: str = "mbg",
    profile: str = "p1",
    cohort: str | None = None,
    **ana: Any,
) -> pl.DataFrame:
    return scored(ana=ana).select(
        pl.lit(number).alias("scoring_id"),
        pl.lit(day(number)).alias("as_of"),
        pl.lit(profile).alias("profile_hash"),
        pl.lit(method).alias("method"),
        pl.lit(cohort, pl.String).alias("cohort_version"),
        pl.all(),
    )


def test_a_change_is_a_difference_without_noise() -> None:
    row = compare(moment(30, churn_risk=0.3), moment(0, churn_risk=0.1)).row(0, named=True)

    assert (row["delta_risk"], row["delta_health"], row["days"]) == (0.2, 0.0, 30.0)


@pytest.mark.parametrize(("method", "delta_risk"), [("mbg", 0.0), ("rule", None)])
def test_another_coverage_makes_health_incomparable_and_what_is_made_of_it(
    method: str, delta_risk: float | None
) -> None:
    now, before = (moment(30, coverage=0.8, method=method), moment(0, method=method))
    row = compare(now, before).row(0, named=True)

    assert (row["delta_health"], row["delta_risk"]) == (None, delta_risk)
    assert row["health_before"] == 60.0


def test_a_health_with_snapshots_is_not_compared_with_one_from_before_them() -> None:
    row = compare(moment(30, cohort="c1"), moment(0)).row(0, named=True)

    assert (row["delta_health"], row["delta_risk"]) == (None, 0.0)


def test_another_method_makes_the_risk_incomparable() -> None:
    row = compare(moment(30, method="learned"), moment(0)).row(0, named=True)

    assert (row["delta_health"], row["delta_risk"]) == (0.0, None)


def test_a_customer_without_a_risk_has_no_change_of_it() -> None:
    gone = moment(30, churn_risk=None, state="churned")

    assert compare(gone, moment(0))["delta_risk"].to_list() == [None]


def test_every_moment_is_compared_with_the_one_before_of_its_profile() -> None:
    past = pl.concat([moment(0), moment(5, profile="p2"), moment(9, health=50.0)])

    assert deltas(past, 0)["delta_health"].to_list() == [None, None, -10.0]
    assert deltas(past.clear(), 0).is_empty()


def test_a_trend_of_the_risk_is_in_log_odds() -> None:
    past = pl.concat([moment(30 * n, churn_risk=risk) for n, risk in enumerate((0.2, 0.5, 0.8))])

    assert trend("ana", past, 6).log_odds_per_30_days == pytest.approx(1.386294, abs=1e-6)


def test_a_certain_risk_has_finite_odds() -> None:
    past = pl.concat([moment(30 * n, churn_risk=risk) for n, risk in enumerate((0.0, 0.5, 1.0))])

    assert trend("ana", past, 6).log_odds_per_30_days == pytest.approx(13.8, abs=0.1)


def test_only_the_latest_scorings_count() -> None:
    past = pl.concat([moment(n, health=90.0 if n < 5 else 60.0) for n in range(10)])

    assert trend("ana", past, 5).health_per_30_days == 0.0
