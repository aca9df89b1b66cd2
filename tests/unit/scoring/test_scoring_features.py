import pandas as pd
import polars as pl
import pytest

from procx_graph.errors import ConfigError
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.features.workshop import Engine
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import AS_OF, Tables, days_ago, messy, open_base, shop, told

LOCAL_ENGINES: tuple[Engine, ...] = ("polars", "duckdb", "pandas")


def features_of(tables: Tables, customer_id: str = "a") -> dict[str, object]:
    counted = collect_features(open_base(tables), load_profile(), "polars")
    return counted.row(by_predicate=pl.col("customer_id") == customer_id, named=True)


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_counts_the_same_to_the_bit(engine: str, seed: int, profile: str) -> None:
    base = open_base(messy(seed=seed))

    reference = collect_features(base, load_profile(profile), "polars")

    assert collect_features(base, load_profile(profile), engine).equals(reference)  # type: ignore[arg-type]


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no engine 'dask'; known are polars, duckdb, pandas, sp"):
        collect_features(open_base(shop({"a": [3]})), load_profile(), "dask")  # type: ignore[arg-type]


def test_a_window_of_ninety_days_holds_ages_up_to_eighty_nine() -> None:
    counted = features_of(shop({"a": [0, 89, 90, 179, 180]}, amount=10))

    assert counted["spend_90_cents"] == 2000
    assert counted["spend_before_90_cents"] == 2000
    assert counted["spend_180_cents"] == 4000
    assert counted["spend_cents"] == 5000


def test_days_are_counted_across_leap_years() -> None:
    counted = features_of(shop({"a": [500, 1]}))

    assert (counted["days_since_first_order"], counted["days_since_order"]) == (500, 1)


def test_two_orders_of_a_day_are_one_order_day() -> None:
    counted = features_of(shop({"a": [10, 10, 4]}))

    assert (counted["orders"], counted["order_days"]) == (3, 2)


def test_cancelled_and_unpaid_orders_are_no_purchases() -> None:
    tables = shop({"a": [50, 40, 30, 20]}, amount=10)
    tables["orders"]["order_status"] = ["delivered", "Cancelled", None, "returned"]
    tables["orders"]["payment_status"] = ["success", "success", "FAILED", None]

    counted = features_of(tables)

    assert (counted["orders"], counted["spend_cents"]) == (2, 2000)
    assert counted["days_since_order"] == 20
    assert counted["cancelled_orders"] == 1


def test_spend_is_net_of_processed_refunds_of_purchases() -> None:
    tables = shop({"a": [200, 40, 30]}, amount=10)
    tables["orders"]["order_status"] = ["delivered", "delivered", "cancelled"]
    tables["refunds"] = pd.DataFrame(
        {
            "refund_id": ["R1", "R2", "R3"],
            "order_id": ["O0", "O1", "O2"],
            "customer_id": "a",
            "refund_request_date": days_ago(5),
            "refund_amount": [4.0, 3.0, 10.0],
            "refund_status": ["processed", "pending", "processed"],
        }
    )

    counted = features_of(tables)

    assert (counted["spend_cents"], counted["spend_180_cents"]) == (1600, 1000)
    assert counted["orders"] == 2
    assert counted["refund_requests"] == 3


def test_only_a_delivery_more_than_two_days_late_is_a_trouble() -> None:
    tables = shop({"a": [50, 40, 30, 20]})
    tables["orders"]["delivery_delay_days"] = [-1.0, 1.0, 2.0, 3.0]

    assert features_of(tables)["delayed_orders"] == 1


def test_an_order_cancelled_for_its_failed_payment_is_one_trouble() -> None:
    tables = shop({"a": [50, 40, 30]})
    tables["orders"]["order_status"] = ["cancelled", "cancelled", "delivered"]
    tables["payments"] = pd.DataFrame(
        {
            "payment_id": ["P0", "P1", "P2", "P3"],
            "order_id": ["O0", "O1", "O2", None],
            "customer_id": "a",
            "payment_date": days_ago(30),
            "status": ["failed", "success", "success", "failed"],
        }
    )

    counted = features_of(tables)

    assert (counted["failed_payments"], counted["cancelled_orders"]) == (2, 1)


def test_history_begins_with_the_first_order_where_the_signup_is_later() -> None:
    early, late = shop({"a": [400, 3]}), shop({"a": [30, 3]}, signup_date=days_ago(90))
    early["customers"]["signup_date"] = days_ago(5)

    assert [features_of(early)[name] for name in ("tenure_days", "history_days")] == [5, 400]
    assert [features_of(late)[name] for name in ("tenure_days", "history_days")] == [90, 90]


def test_a_rating_given_later_is_unknown_at_an_earlier_moment() -> None:
    tables = shop({"a": [100, 1]})
    tables["support_tickets"] = pd.DataFrame(
        {
            "ticket_id": ["T1", "T2"],
            "customer_id": "a",
            "created_at": days_ago(60),
            "resolution_time_hours": [24, 24 * 30],
            "csat_score": [5, 1],
        }
    )
    now = open_base(tables)

    rated = [
        collect_features(base, load_profile(), "polars").row(0, named=True)["csat_sum"]
        for base in (now, now.at(days_ago(50)))
    ]

    assert rated == [6, 5]


def test_half_cents_are_rounded_upwards() -> None:
    assert features_of(shop({"a": [3]}, amount=0.125))["spend_cents"] == 13


def test_an_absurd_amount_is_cut_and_breaks_no_engine() -> None:
    base = open_base(shop({"a": [3, 2]}, amount=1e300))

    for engine in LOCAL_ENGINES:
        counted = collect_features(base, load_profile(), engine)
        assert counted["spend_cents"].item() == 2 * 10**14


def test_cents_beyond_what_a_float_can_tell_apart_are_counted_by_every_engine() -> None:
    tables = shop({"a": [*range(1, 102)], "b": []}, amount=1e12)
    tables["orders"].loc[100, "total_amount"] = 0.01

    for engine in LOCAL_ENGINES:
        counted = collect_features(open_base(tables), load_profile(), engine)
        assert counted["spend_cents"].to_list() == [10**16 + 1, 0]


def test_orders_long_before_1970_have_an_age() -> None:
    tables = shop({"a": [30_000, 29_000, 3]})

    for engine in LOCAL_ENGINES:
        counted = collect_features(open_base(tables), load_profile(), engine).row(0, named=True)
        assert (counted["days_since_first_order"], counted["order_days"]) == (30_000, 3)


def test_refunds_larger_than_the_purchase_leave_a_spend_of_zero() -> None:
    tables = shop({"a": [40]}, amount=10)
    tables["refunds"] = pd.DataFrame(
        {
            "refund_id": ["R1"],
            "order_id": ["O0"],
            "customer_id": ["a"],
            "refund_request_date": [days_ago(5)],
            "refund_amount": [12.0],
            "refund_status": ["processed"],
        }
    )

    counted = features_of(tables)

    assert (counted["spend_cents"], counted["spend_180_cents"], counted["ltv_cents"]) == (0, 0, 0)


def test_attempts_to_pay_count_within_the_window_of_the_support_history() -> None:
    tables = shop({"a": [50], "b": [50]})
    tables["payments"] = pd.DataFrame(
        {
            "payment_id": ["P0", "P1", "P2"],
            "customer_id": "a",
            "payment_date": [days_ago(179), days_ago(3), days_ago(180)],
            "status": ["failed", "success", "failed"],
        }
    )

    paid, idle = features_of(tables, "a"), features_of(tables, "b")

    assert (paid["payments"], paid["failed_payments"]) == (2, 1)
    assert (idle["payments"], idle["failed_payments"]) == (0, 0)


def test_a_date_ahead_of_the_moment_is_no_negative_age() -> None:
    tables = shop({"a": [3]}, last_active_date=days_ago(-20))

    assert features_of(tables)["days_since_active"] == 0


def test_only_what_the_customer_does_counts_as_activity() -> None:
    tables = shop({"a": [50]})
    tables["customer_events"] = pd.DataFrame(
        {
            "event_id": ["E1", "E2"],
            "customer_id": "a",
            "event_type": ["Search", "payment_failed"],
            "event_time": [days_ago(20), days_ago(2)],
        }
    )

    assert features_of(tables)["days_since_active"] == 20


def troubled(events: pd.DataFrame, late: list[float | None] | None = None) -> dict[str, object]:
    """Features of a customer of whom this was told, the same on every engine at hand."""
    tables = shop({"a": [50, 40], "b": [30]})
    tables["orders"]["delivery_delay_days"] = late or [None] * 3
    base = open_base(tables | {"customer_events": events})
    first, *others = [collect_features(base, load_profile(), engine) for engine in LOCAL_ENGINES]
    assert all(first.equals(other) for other in others)
    return first.row(by_predicate=pl.col("customer_id") == "a", named=True)


def test_what_was_told_and_is_not_well_again_is_a_trouble() -> None:
    counted = troubled(
        told(
            ("dispute_opened", 9, None, None),
            ("Review_Negative", 8, None, None),
            ("subscription_paused", 179, None, None),
            ("subscription_cancelled", 180, None, None),
            ("dispute_opened", 7, None, 2),
            ("view", 1, None, None),
        )
    )

    assert counted["trouble_events"] == 3
    assert (counted["days_since_trouble"], counted["days_since_active"]) == (8, 1)


def test_what_has_a_table_of_its_own_is_the_latest_trouble_but_counts_there() -> None:
    rule = load_profile().factors.support_history
    counted = troubled(
        told(("order_delayed", 9, "O0", None), ("payment_failed", 2, "O1", None)),
    )

    assert counted["trouble_events"] == 1
    assert counted["days_since_trouble"] == 2
    assert counted["trouble_code"] == rule.cited_events.index("payment_failed")


def test_the_delays_of_one_order_are_one_trouble() -> None:
    counted = troubled(
        told(
            ("order_delayed", 9, "O0", None),
            ("shipment_delayed", 8, "O0", None),
            ("shipment_delayed", 7, "O1", None),
            ("shipment_delayed", 6, None, None),
            ("shipment_delayed", 5, None, None),
            ("review_negative", 4, "O0", None),
        )
    )

    assert counted["trouble_events"] == 5


def test_a_delay_of_an_order_that_came_late_counts_once_as_a_late_delivery() -> None:
    counted = troubled(
        told(
            ("review_negative", 9, "O0", None),
            ("order_delayed", 8, "O0", None),
            ("order_delayed", 7, "O2", None),
        ),
        late=[5.0, None, 5.0],
    )

    assert counted["delayed_orders"] == 1
    assert counted["trouble_events"] == 2
    assert counted["days_since_trouble"] == 7


def test_a_trouble_that_ended_later_is_open_at_an_earlier_moment() -> None:
    tables = shop({"a": [50, 1]})
    tables["customer_events"] = told(("dispute_opened", 20, None, 5))
    base = open_base(tables)

    counts = [
        collect_features(seen, load_profile(), "polars")["trouble_events"].item()
        for seen in (base.at(days_ago(21)), base.at(days_ago(10)), base)
    ]

    assert counts == [0, 1, 0]


def test_of_troubles_in_the_same_second_one_is_the_latest_on_every_engine() -> None:
    counted = troubled(told(("dispute_opened", 3, None, None), ("order_delayed", 3, None, None)))

    assert counted["trouble_code"] == 2


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
def test_without_a_trouble_told_there_is_no_latest_one(profile: str) -> None:
    tables = shop({"a": [50]})
    tables["customer_events"] = told(("view", 3, None, None))

    counted = collect_features(open_base(tables), load_profile(profile), "polars")

    assert counted["trouble_events"].to_list() == [0]
    assert counted["trouble_code"].to_list() == counted["days_since_trouble"].to_list() == [None]


@pytest.mark.parametrize("lists", [("delay_events",), ("delay_events", "trouble_events")])
def test_lists_of_a_profile_may_be_empty(lists: tuple[str, ...]) -> None:
    profile = load_profile()
    rule = profile.factors.support_history.model_copy(update=dict.fromkeys(lists, ()))
    factors = profile.factors.model_copy(update={"support_history": rule})
    changed = profile.model_copy(update={"factors": factors})
    tables = shop({"a": [50, 40]})
    delays = [("order_delayed", 9.0, "O0", None), ("order_delayed", 8.0, "O0", None)]
    base = open_base(tables | {"customer_events": told(*delays, ("payment_failed", 2, None, None))})

    counted = [collect_features(base, changed, engine) for engine in LOCAL_ENGINES]

    assert counted[0]["trouble_events"].item() == (2 if len(lists) == 1 else 0)
    assert counted[0]["days_since_trouble"].item() == 2
    assert all(counted[0].equals(other) for other in counted)


def test_the_latest_survey_answer_counts() -> None:
    tables = shop({"a": [50]})
    tables["nps_survey"] = pd.DataFrame(
        {
            "survey_id": ["S1", "S2", "S3"],
            "customer_id": "a",
            "date": [days_ago(30), days_ago(9), days_ago(400)],
            "nps_score": [10, 0, 9],
        }
    )

    counted = features_of(tables)

    assert (counted["nps_score"], counted["days_since_nps"]) == (0, 9)


def test_snapshots_are_read_only_where_they_hold() -> None:
    tables = shop({"a": [100, 50]}, amount=10, segment="VIP", lifetime_value=999.0)
    now = open_base(tables)

    current = collect_features(now, load_profile(), "polars").row(0, named=True)
    past = collect_features(now.at(days_ago(75)), load_profile(), "polars").row(0, named=True)

    assert (current["segment"], current["ltv_cents"]) == ("VIP", 99_900)
    assert (past["segment"], past["ltv_cents"]) == (None, 1000)


def test_a_refund_paid_later_is_unknown_at_an_earlier_moment() -> None:
    tables = shop({"a": [100, 50, 1]}, amount=10)
    tables["refunds"] = pd.DataFrame(
        {
            "refund_id": ["R1"],
            "order_id": ["O0"],
            "customer_id": ["a"],
            "refund_request_date": [days_ago(90)],
            "refund_amount": [4.0],
            "refund_status": ["processed"],
            "refund_processed_date": [days_ago(10)],
        }
    )
    base = open_base(tables)

    spend = [
        collect_features(base.at(moment), load_profile(), "polars")["spend_cents"].item()
        for moment in (days_ago(75), AS_OF)
    ]

    assert spend == [1000, 2600]


def test_what_an_absent_table_would_tell_is_unknown_not_zero() -> None:
    tables = shop({"a": [3]})
    del tables["orders"]

    counted = features_of(tables)

    assert counted["orders"] is None
    assert counted["spend_180_cents"] is None
    assert counted["tickets"] is None
    assert counted["failed_payments"] is None
    assert counted["payments"] is None
    assert counted["trouble_events"] is None
