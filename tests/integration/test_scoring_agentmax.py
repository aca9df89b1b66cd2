"""The AgentMAX workbook: its labels are noise, so it checks arithmetic, never quality."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import Scores, score

WORKBOOK = Path(__file__).resolve().parents[3] / "shared/data/AgentMAX_CX_dataset.xlsx"
AS_OF = pd.Timestamp("2025-10-09 19:21:53")
WORKED = ("C100000", "C100007", "C100042", "C100448", "C100885")

pytestmark = pytest.mark.skipif(not WORKBOOK.exists(), reason="the AgentMAX workbook is not here")

Sheets = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    return CustomerBase.from_workbook(WORKBOOK)


@pytest.fixture(scope="module")
def seed(base: CustomerBase) -> Scores:
    return score(base, profile="procx-seed")


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    names = ["customers", "orders", "refunds", "support_tickets", "nps_survey", "churn_labels"]
    return pd.read_excel(WORKBOOK, sheet_name=names, engine="calamine")


def worked_by_hand(sheets: Sheets, customer_id: str) -> dict[str, float]:
    """Points of the document's table for one customer, from the raw rows, step by step."""
    customers = sheets["customers"]
    customer = customers[customers["customer_id"] == customer_id].iloc[0]
    value = customer["lifetime_value"]
    segment = customers[customers["segment"] == customer["segment"]]
    cohort = segment[segment["loyalty_tier"] == customer["loyalty_tier"]]

    inactive = days_before(customer["last_active_date"])
    tenure = days_before(customer["signup_date"])
    purchases = purchases_of(sheets, customer_id)
    recent = purchases[purchases["age"] < 90]["spend"].sum()
    earlier = purchases[purchases["age"].between(90, 179)]["spend"].sum()
    monthly = len(purchases) / (max(tenure, 30) / 30)

    tickets = (sheets["support_tickets"]["customer_id"] == customer_id).sum()
    surveys = sheets["nps_survey"]
    answers = surveys[surveys["customer_id"] == customer_id].sort_values("date")["nps_score"]

    return {
        "segment": {"VIP": 15, "Loyal": 12, "Regular": 8, "Occasional": 4}[customer["segment"]],
        "ltv_percentile": 12 * (cohort["lifetime_value"] < value).sum() / len(cohort),
        "loyalty_tier": {"Platinum": 10, "Gold": 8, "Silver": 6, "Bronze": 4}[
            customer["loyalty_tier"]
        ],
        "relative_value": 10 * min(value / segment["lifetime_value"].mean(), 2) / 2,
        "recency": bands(inactive, [(90, 0), (60, 4), (30, 8), (7, 12), (0, 15)]),
        "order_frequency": bands(monthly, [(3, 12), (1, 9), (0.5, 6), (0, 3)])
        if len(purchases)
        else 6,
        "spending_trend": trend(recent, earlier) if len(purchases) else 5,
        "support_history": bands(tickets, [(6, 0), (3, 3), (1, 6), (0, 8)]),
        "nps": bands(answers.iloc[-1], [(9, 5), (7, 3), (0, 0)]) if len(answers) else 2.5,
        "tenure": bands(tenure, [(731, 3), (366, 2.5), (181, 2), (0, 1.5)]),
    }


def purchases_of(sheets: Sheets, customer_id: str) -> pd.DataFrame:
    """Orders neither cancelled nor with failed payment, with their age and net amount."""
    orders = sheets["orders"]
    mine = orders[
        (orders["customer_id"] == customer_id)
        & (orders["order_status"] != "cancelled")
        & (orders["payment_status"] != "failed")
    ]
    refunds = sheets["refunds"]
    back = refunds[refunds["refund_status"] == "processed"].groupby("order_id")["refund_amount"]
    net = mine["total_amount"] - mine["order_id"].map(back.sum()).fillna(0)
    return pd.DataFrame({"age": mine["order_date"].map(days_before), "spend": net.round(2)})


def days_before(moment: str) -> int:
    return (AS_OF.normalize() - pd.Timestamp(moment).normalize()).days


def bands(value: Any, lower_bounds: list[tuple[float, float]]) -> float:
    return next(points for bound, points in lower_bounds if value >= bound)


def trend(recent: float, earlier: float) -> float:
    if round(recent, 2) > round(1.1 * earlier, 2):
        return 10
    return 2 if round(recent, 2) < round(0.9 * earlier, 2) else 7


@pytest.mark.parametrize("customer_id", WORKED)
def test_the_documents_table_is_reproduced_by_hand(
    customer_id: str, sheets: Sheets, seed: Scores
) -> None:
    by_hand = worked_by_hand(sheets, customer_id)

    frame = seed.to_frame(drivers=False).set_index("customer_id")

    for factor, points in by_hand.items():
        assert frame.loc[customer_id, f"points_{factor}"] == pytest.approx(points, abs=1e-6), factor
    assert frame.loc[customer_id, "health"] == pytest.approx(sum(by_hand.values()), abs=1e-6)


@pytest.mark.parametrize("customer_id", WORKED)
def test_the_documents_risk_is_reproduced_by_hand(
    customer_id: str, sheets: Sheets, seed: Scores
) -> None:
    customer = sheets["customers"].set_index("customer_id").loc[customer_id]
    health = sum(worked_by_hand(sheets, customer_id).values()) / 100

    risk = (1 - health) * {"VIP": 0.8, "Occasional": 1.2}.get(str(customer["segment"]), 1)
    risk = min(risk * (1.1 if customer["lifetime_value"] > 10_000 else 1), 1)

    assert seed.score(customer_id).churn_risk == pytest.approx(risk, abs=1e-6)


def test_the_worked_rows_are_of_different_kinds(sheets: Sheets) -> None:
    worked = sheets["customers"].set_index("customer_id").loc[list(WORKED)]

    assert set(worked["segment"]) == {"VIP", "Loyal", "Regular", "Occasional"}
    assert (worked["lifetime_value"] > 10_000).any()


def test_every_customer_is_scored(base: CustomerBase) -> None:
    frame = score(base).to_frame()

    assert len(frame) == 1000
    assert (frame["state"] == "churned").sum() == 71
    assert frame["health"].mean() == pytest.approx(56, abs=1.5)
    assert frame["health"].std() == pytest.approx(7.2, abs=0.8)
    assert frame["coverage"].mean() == pytest.approx(0.96, abs=0.01)
    assert frame["coverage"].min() == pytest.approx(0.73)


def test_as_of_is_the_latest_behaviour(base: CustomerBase) -> None:
    assert score(base).as_of.replace(tzinfo=None) == AS_OF.to_pydatetime()
