"""The sample as a customer base: complete, consistent, and never from the future."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from procx_graph.errors import ConfigError
from procx_graph.tables.sample import AS_OF, World, generate

TIMES = {
    "customers": ["signup_date", "last_active_date"],
    "orders": ["order_date", "actual_delivery_date"],
    "payments": ["payment_date"],
    "support_tickets": ["created_at"],
    "customer_events": ["event_time"],
    "nps_survey": ["date"],
    "churn_labels": ["churn_date"],
}


@pytest.fixture(scope="module")
def world() -> World:
    return generate(1000, seed=7)


@pytest.fixture(scope="module")
def now() -> pd.Timestamp:
    return pd.Timestamp(AS_OF).tz_localize(None)


def test_the_same_seed_gives_the_same_tables() -> None:
    first, second = generate(150, seed=3), generate(150, seed=3)

    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])
    pd.testing.assert_frame_equal(first.oracle, second.oracle)


def test_another_seed_gives_other_customers() -> None:
    one, other = (generate(50, seed=seed).tables["customers"] for seed in (1, 2))

    assert not one["email"].equals(other["email"])


def test_the_tables_have_the_sheets_and_columns_of_the_workbook_it_stands_for(world: World) -> None:
    assert list(world.tables) == [
        "customers",
        "products",
        "orders",
        "payments",
        "support_tickets",
        "customer_events",
        "escalation_matrix",
        "agent_profiles",
        "nps_survey",
        "churn_labels",
    ]
    assert list(world.tables["customers"])[-4:] == ["language", "region", "time_zone", "currency"]
    assert len(world.tables["customers"]) == len(world.tables["churn_labels"]) == 1000
    assert len(world.tables["products"]) == 300
    assert len(world.tables["agent_profiles"]) == 30
    assert world.tables["escalation_matrix"]["sla_hours"].tolist() == [24, 12, 8, 18, 48]


def test_no_row_is_from_after_the_moment_the_tables_were_cut(
    world: World, now: pd.Timestamp
) -> None:
    for name, columns in TIMES.items():
        for column in columns:
            assert world.tables[name][column].max() <= now, (name, column)


def test_nothing_is_from_the_future_when_the_cut_is_in_the_middle_of_a_day() -> None:
    as_of = datetime(2024, 3, 1, 15, 30, tzinfo=UTC)

    tables = generate(200, as_of=as_of).tables

    latest = max(tables[name][column].max() for name in TIMES for column in TIMES[name])
    assert latest <= pd.Timestamp(as_of).tz_localize(None)


@pytest.mark.parametrize("left_share", [0.065, None])
def test_customers_do_nothing_before_they_sign_up_or_after_they_leave(
    left_share: float | None,
) -> None:
    tables = generate(400, left_share=left_share).tables
    life = tables["customers"].merge(tables["churn_labels"])[
        ["customer_id", "signup_date", "churn_date"]
    ]

    for name, column in {
        "orders": "order_date",
        "support_tickets": "created_at",
        "customer_events": "event_time",
        "nps_survey": "date",
    }.items():
        rows = tables[name].merge(life)
        assert (rows[column] >= rows["signup_date"]).all(), name
        assert not (rows[column] > rows["churn_date"]).any(), name


def test_every_id_is_unique_and_every_reference_exists(world: World) -> None:
    tables = world.tables
    keys = {"customers": "customer_id", "orders": "order_id", "payments": "payment_id"}
    keys |= {"support_tickets": "ticket_id", "customer_events": "event_id"}
    keys |= {"nps_survey": "survey_id", "products": "product_id", "agent_profiles": "agent_id"}
    for name, key in keys.items():
        assert tables[name][key].is_unique, name

    owner = tables["orders"].set_index("order_id")["customer_id"]
    for name in ("payments", "support_tickets"):
        rows = tables[name].dropna(subset="order_id")
        assert (owner[rows["order_id"]].to_numpy() == rows["customer_id"]).all(), name
    sold = tables["orders"]["product_ids"].str.split(",").explode()
    assert sold.isin(tables["products"]["product_id"]).all()
    agents = tables["support_tickets"]["assigned_agent_id"].dropna()
    assert agents.isin(tables["agent_profiles"]["agent_id"]).all()


def test_most_customers_are_alive_and_buying(world: World, now: pd.Timestamp) -> None:
    orders, labels = world.tables["orders"], world.tables["churn_labels"]
    bought = orders[
        (orders["order_status"] != "cancelled") & (orders["payment_status"] != "failed")
    ]
    recent = bought[bought["order_date"] > now - pd.Timedelta(days=180)]
    alive = labels.loc[labels["is_churn"] == 0, "customer_id"]
    joined = world.tables["customers"]["signup_date"] > now - pd.Timedelta(days=30)

    assert alive.isin(recent["customer_id"]).sum() >= 650
    assert 50 <= labels["is_churn"].sum() <= 80
    assert labels["churn_date"].notna().equals(labels["is_churn"] == 1)
    assert joined.sum() >= 20


def test_there_is_something_to_act_on_in_the_last_month(world: World, now: pd.Timestamp) -> None:
    orders, tickets = world.tables["orders"], world.tables["support_tickets"]
    lately = orders[orders["order_date"] > now - pd.Timedelta(days=30)]

    assert (lately["payment_status"] == "failed").sum() >= 10
    assert (lately["order_status"] == "cancelled").sum() >= 10
    assert (lately["delivery_delay_days"] >= 3).sum() >= 10
    assert 3 <= (tickets["status"] == "escalated").sum() <= 50


def test_an_order_is_as_paid_as_its_payments_say(world: World) -> None:
    orders, payments = world.tables["orders"], world.tables["payments"]
    went_through = payments[payments["status"] == "success"]["order_id"]
    attempts = payments.groupby("order_id").size()

    assert went_through.is_unique
    assert (orders["order_id"].isin(went_through) == (orders["payment_status"] == "success")).all()
    assert (payments["failure_reason"].notna() == (payments["status"] == "failed")).all()
    assert (attempts == 1).mean() > 0.9
    assert attempts.max() == 2


def test_only_what_is_paid_or_payable_on_delivery_arrives(world: World) -> None:
    orders = world.tables["orders"]
    arrived = orders["actual_delivery_date"].notna()
    delay = (orders["actual_delivery_date"] - orders["estimated_delivery_date"]).dt.days

    assert (orders["order_status"].isin(["delivered", "returned"]) == arrived).all()
    assert (orders.loc[arrived, "payment_status"] == "success").all()
    assert (orders.loc[arrived, "delivery_delay_days"] == delay[arrived]).all()
    assert (delay[arrived] >= 0).all()


def test_unresolved_tickets_have_no_ending_and_only_ended_ones_are_rated(world: World) -> None:
    tickets = world.tables["support_tickets"]
    ended = tickets["status"].isin(["resolved", "closed"])

    assert tickets["resolution_time_hours"].notna().equals(ended)
    assert tickets["final_message_summary"].notna().equals(ended)
    assert tickets.loc[~ended, "csat_score"].isna().all()
    assert 0.5 < tickets["csat_score"].notna().mean() < 0.9
    assert (tickets["escalated_to"].notna() == (tickets["escalation"] == "Y")).all()


def test_how_a_ticket_ends_shows_in_its_rating(world: World) -> None:
    tickets = world.tables["support_tickets"]
    rating = tickets.groupby("final_message_summary")["csat_score"].mean()

    assert rating["Replacement sent"] > rating["Return refused, outside the policy"] + 1
    assert rating["Card updated, payment taken"] > rating["Bank asked to release the hold"] + 0.5
    assert tickets.groupby("category")["final_message_summary"].nunique().between(3, 6).all()


def test_segments_and_tiers_follow_spend_and_orders(world: World) -> None:
    customers = world.tables["customers"]
    spend = customers.groupby("segment")["lifetime_value"]

    assert spend.min()["VIP"] > spend.max()["Loyal"] > spend.max()["Occasional"]
    assert 0.03 <= (customers["segment"] == "VIP").mean() <= 0.06
    assert set(customers["loyalty_tier"]) == {"Bronze", "Silver", "Gold", "Platinum"}


def test_a_base_of_one_customer_can_be_made() -> None:
    assert len(generate(1).tables["customers"]) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"customers": 0},
        {"seed": -1},
        {"as_of": datetime(2025, 1, 1)},  # noqa: DTZ001 - the naive time is what is refused
        {"base_rate": 1.0},
        {"target_auc": 1.0},
        {"signal": 2},
        {"obs": 0},
        {"quarters": 1},
        {"score": "magic"},
        {"left_share": 1.0},
    ],
)
def test_settings_that_describe_no_world_are_refused_by_name(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        generate(**settings)  # type: ignore[arg-type]  # wrong on purpose
