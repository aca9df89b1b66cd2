from datetime import timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Confidence, Factor
from procx_graph.domain.risk import RiskMethod
from procx_graph.scoring.engine import score, score_customers
from tests.unit.scoring.bases import AS_OF, crowd, days_ago, messy, open_base, shop, told

COLUMNS = [
    "customer_id", "as_of", "state", "health", "coverage", "confidence", "churn_risk",
    "risk_method", "horizon_days", "risk_level", "value_at_stake", "revenue_at_risk", "rank",
    *(f"points_{factor.value}" for factor in Factor), "drivers",
]  # fmt: skip


OPTIONAL = (
    "segment", "loyalty_tier", "lifetime_value", "signup_date", "last_active_date",
    "order_status", "csat_score",
)  # fmt: skip
KEYS_AND_DATES = {
    "orders": ("order_id", "order_date"),
    "payments": ("payment_id", "payment_date"),
    "support_tickets": ("ticket_id", "created_at"),
    "nps_survey": ("survey_id", "date"),
    "customer_events": ("event_id", "event_time"),
    "refunds": ("refund_id", "refund_request_date"),
}


def with_later_rows(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows, and all of them once more a thousand days later."""
    if table not in KEYS_AND_DATES:
        return frame
    key, date = KEYS_AND_DATES[table]
    later = frame.copy()
    later[key] = "later " + frame[key]
    later[date] = frame[date] + timedelta(days=1000)
    return pd.concat([frame, later], ignore_index=True)


def with_newcomers(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables, later rows, and the same again for customers who came later."""
    both = {name: with_later_rows(name, frame) for name, frame in tables.items()}
    for name, (key, date) in KEYS_AND_DATES.items():
        newer = tables[name].copy()
        newer[key] = "new " + newer[key]
        newer[date] += timedelta(days=1000)
        newer["customer_id"] = "new " + newer["customer_id"]
        both[name] = pd.concat([both[name], newer], ignore_index=True)
    came = [name for name in both["orders"]["customer_id"].unique() if name.startswith("new ")]
    newcomers = pd.DataFrame({"customer_id": came, "segment": "VIP"})
    both["customers"] = pd.concat([tables["customers"], newcomers], ignore_index=True)
    return both


def states(tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    frame = score(open_base(tables)).frame
    return dict(zip(frame["customer_id"], frame["state"], strict=True))


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_publishes_the_same_scores(engine: str, seed: int, profile: str) -> None:
    base = open_base(messy(seed=seed))

    reference = score(base, profile=profile)
    other = score(base, profile=profile, engine=engine)  # type: ignore[arg-type]

    assert_frame_equal(other.frame, reference.frame, check_exact=True)
    assert other.risk.probability == pytest.approx(reference.risk.probability, abs=1e-9)


def test_the_table_has_the_columns_of_the_interface_and_a_row_per_customer() -> None:
    frame = score_customers(open_base(messy(seed=1)))

    assert list(frame.columns) == COLUMNS
    assert len(frame) == 80
    assert frame["customer_id"].is_monotonic_increasing


def test_customers_and_orders_of_three_columns_are_enough() -> None:
    tables = shop({"a": [40, 3], "b": [400]})
    bare = {
        "customers": tables["customers"][["customer_id"]],
        "orders": tables["orders"][["customer_id", "order_date", "total_amount"]],
    }

    scores = score(open_base(bare)).scores()

    assert scores["a"].state is CustomerState.ACTIVE
    assert scores["b"].state is CustomerState.DORMANT
    assert scores["a"].churn_risk < scores["b"].churn_risk  # type: ignore[operator]


def test_customers_alone_score_without_evidence() -> None:
    one = score(open_base({"customers": pd.DataFrame({"customer_id": ["a"]})})).score("a")

    assert (one.state, one.health, one.coverage) == (CustomerState.NEW, 50.0, 0.0)
    assert one.confidence is Confidence.LOW
    assert one.risk_method is RiskMethod.RULE
    assert set(one.sub_scores.values()) == {None}


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_an_empty_base_gives_an_empty_table_with_all_columns(engine: str, profile: str) -> None:
    empty = open_base({"customers": pd.DataFrame({"customer_id": pd.Series([], dtype=str)})})

    frame = score_customers(empty, profile=profile, engine=engine)  # type: ignore[arg-type]

    assert list(frame.columns) == COLUMNS
    assert frame.empty


def test_one_active_customer_is_first_of_one() -> None:
    one = score(open_base(shop({"a": [40, 3]}))).score("a")

    assert (one.rank, one.top_share) == (1, 1.0)
    assert one.value_at_stake == 100


def test_nothing_but_gaps_still_scores() -> None:
    tables = messy(seed=1)
    for name, frame in tables.items():
        gaps = [column for column in OPTIONAL if column in frame]
        tables[name] = frame.assign(**dict.fromkeys(gaps, float("nan")))

    scored = score(open_base(tables)).frame

    assert scored["health"].is_between(0, 100).all()
    assert scored["points_segment"].null_count() == len(scored)


def test_states_are_churned_new_active_and_dormant_in_this_order() -> None:
    tables = shop(
        {"left": [400, 3], "fresh": [20], "near": [400, 180], "far": [400, 181], "no": []}
    )
    tables["churn_labels"] = pd.DataFrame(
        {"customer_id": ["left"], "is_churn": [True], "churn_date": [days_ago(10)]}
    )

    assert states(tables) == {
        "left": "churned", "fresh": "new", "near": "active", "far": "dormant", "no": "new",
    }  # fmt: skip


def test_who_bought_long_before_the_signup_on_record_is_not_new() -> None:
    tables = shop({"a": [400, 3]}, signup_date=days_ago(5))

    assert states(tables) == {"a": "active"}


def test_a_label_without_a_date_counts_only_in_a_current_base() -> None:
    tables = shop({"a": [400, 120, 3]})
    tables["churn_labels"] = pd.DataFrame({"customer_id": ["a"], "is_churn": [True]})
    base = open_base(tables)

    assert score(base).score("a").state is CustomerState.CHURNED
    assert score(base.at(days_ago(60))).score("a").state is CustomerState.ACTIVE


def test_the_churned_have_health_but_no_risk_and_no_rank() -> None:
    tables = shop(crowd())
    tables["churn_labels"] = pd.DataFrame(
        {"customer_id": ["c001"], "is_churn": [True], "churn_date": [days_ago(10)]}
    )

    one = score(open_base(tables)).score("c001")

    assert one.health > 0
    assert (one.churn_risk, one.risk_level, one.revenue_at_risk, one.rank) == (None,) * 4


def test_only_active_customers_are_ranked_by_revenue_at_risk() -> None:
    frame = score(open_base(messy(seed=3))).frame
    active = frame.filter(pl.col("state") == "active").sort("rank")

    assert active["rank"].to_list() == list(range(1, len(active) + 1))
    assert active["revenue_at_risk"].is_sorted(descending=True)
    assert frame.filter(pl.col("state") != "active")["rank"].null_count() == len(frame) - len(
        active
    )
    assert active["top_share"][-1] == 1


def test_the_lifetime_value_is_the_column_or_rebuilt_from_orders() -> None:
    tables = shop({"a": [40, 3], "b": [9]}, amount=10.125, lifetime_value=[None, 700.0])

    scores = score(open_base(tables)).scores()

    assert (scores["a"].lifetime_value, scores["b"].lifetime_value) == (20.26, 700)


def test_a_lifetime_value_that_nothing_tells_is_unknown() -> None:
    one = score(open_base({"customers": pd.DataFrame({"customer_id": ["a"]})})).score("a")

    assert one.lifetime_value is None


def test_who_is_asked_for_twice_has_one_score() -> None:
    scores = score(open_base(shop(crowd())))

    twice = scores.scores(["c002", "c001", "c002"])

    assert list(twice) == ["c002", "c001"]
    assert twice["c002"] == scores.score("c002")
    assert scores.drivers(["c001", "c001"]) == scores.drivers(["c001"])


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
def test_segment_and_tier_are_the_same_in_any_case(profile: str) -> None:
    words: dict[str, Any] = {
        "segment": ["VIP", "Loyal"] * 30,
        "loyalty_tier": ["Gold", "Gold", "Silver"] * 20,
    }
    shouted: dict[str, Any] = {
        name: [word.upper() for word in column[:30]] + column[30:] for name, column in words.items()
    }
    value = [float(number) for number in range(60)]

    plain, mixed = (
        score(open_base(shop(crowd(), lifetime_value=value, **columns)), profile=profile)
        for columns in (words, shouted)
    )

    assert_frame_equal(mixed.frame, plain.frame, check_exact=True)


def test_ties_are_ranked_by_id() -> None:
    frame = score(open_base(shop({"b": [50, 3], "c": [50, 3], "a": [50, 3]}))).frame

    assert frame.sort("rank")["customer_id"].to_list() == ["a", "b", "c"]


def test_the_document_puts_the_lifetime_value_at_stake() -> None:
    base = open_base(shop({"a": [40, 3]}, lifetime_value=700.0))

    assert score(base, profile="procx-seed").score("a").value_at_stake == 700


@pytest.mark.parametrize(
    ("table", "factor"),
    [("support_tickets", "support_history"), ("nps_survey", "nps"), ("orders", "order_frequency")],
)
def test_a_missing_table_is_a_missing_factor_not_a_neutral_one(table: str, factor: str) -> None:
    tables = messy(seed=4)
    del tables[table]
    if table == "support_tickets":
        del tables["payments"], tables["refunds"]

    frame = score(open_base(tables)).frame

    assert frame[f"points_{factor}"].null_count() == len(frame)


def test_a_failed_payment_lowers_health() -> None:
    tables = shop(crowd())
    tables["payments"] = pd.DataFrame(
        {
            "payment_id": ["P1"],
            "customer_id": ["c001"],
            "payment_date": [days_ago(2)],
            "status": ["success"],
        }
    )
    before = score(open_base(tables)).score("c001").health
    tables["payments"]["status"] = "failed"

    assert score(open_base(tables)).score("c001").health < before


def test_rows_after_the_moment_change_nothing() -> None:
    past = messy(seed=6)
    both = {name: with_later_rows(name, frame) for name, frame in past.items()}
    moment = AS_OF - timedelta(days=1)

    known = CustomerBase.from_frames(past, as_of=AS_OF).at(moment)
    with_future = CustomerBase.from_frames(both, as_of=AS_OF + timedelta(days=1000)).at(moment)

    assert_frame_equal(score(with_future).frame, score(known).frame, check_exact=True)


@pytest.mark.parametrize("seed", range(3))
def test_later_customers_change_nothing_in_a_base_without_signup_dates(seed: int) -> None:
    past = messy(seed=seed)
    past["customers"] = past["customers"].drop(columns="signup_date")
    moment = AS_OF - timedelta(days=300)

    known = CustomerBase.from_frames(past, as_of=AS_OF).at(moment)
    later = CustomerBase.from_frames(with_newcomers(past), as_of=AS_OF + timedelta(days=1000))

    assert_frame_equal(score(later.at(moment)).frame, score(known).frame, check_exact=True)


def test_labels_give_the_state_and_touch_no_score() -> None:
    tables = messy(seed=7)
    labelled = score(open_base(tables))
    del tables["churn_labels"]
    bare = score(open_base(tables))

    assert labelled.health.score.tolist() == bare.health.score.tolist()
    assert labelled.risk.probability.tolist() == bare.risk.probability.tolist()


def test_numbers_are_published_with_six_decimals() -> None:
    frame = score(open_base(messy(seed=1))).frame

    for column in frame.select(pl.col(pl.Float64)).columns:
        if column != "top_share":
            assert (frame[column] == frame[column].round(6)).drop_nulls().all()


def test_events_alone_do_not_make_a_support_history() -> None:
    tables = shop(crowd())
    visits, trouble = (told((kind, 3, None, None), of="c001") for kind in ("view", "order_delayed"))

    found = [score(open_base(tables | {"customer_events": e})).scores() for e in (visits, trouble)]

    for scores in found:
        assert {one.sub_scores[Factor.SUPPORT_HISTORY] for one in scores.values()} == {None}
