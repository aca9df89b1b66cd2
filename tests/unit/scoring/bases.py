"""Small bases for the tests of scoring."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from procx_graph.base import CustomerBase

AS_OF = datetime(2025, 6, 30, 12, tzinfo=UTC)
Tables = dict[str, pd.DataFrame]
Days = dict[str, list[int]]
TOLD = ("order_delayed", "shipment_delayed", "dispute_opened", "review_negative")


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=float(days))


def shop(purchases: Days, *, amount: float = 50.0, **columns: Any) -> Tables:
    """Customers who bought so many days ago, and signed up with the first purchase."""
    rows = [(who, days_ago(days)) for who, bought in purchases.items() for days in bought]
    orders = pd.DataFrame(rows, columns=["customer_id", "order_date"])
    orders["order_id"] = [f"O{number}" for number in range(len(orders))]
    orders["total_amount"] = amount
    signup = [days_ago(max(bought)) if bought else None for bought in purchases.values()]
    customers = pd.DataFrame({"customer_id": list(purchases), "signup_date": signup, **columns})
    return {"customers": customers, "orders": orders}


def crowd(customers: int = 60, *, seed: int = 1) -> Days:
    """Purchases of customers who buy at different rates, some of whom stopped."""
    rng = np.random.default_rng(seed)
    made = {}
    for number in range(customers):
        gaps = rng.exponential(rng.uniform(15, 60), size=12)
        dates = 400 - gaps.cumsum()
        stop = rng.choice([0, 0, 120, 250])
        made[f"c{number:03}"] = sorted({int(day) for day in dates if day > stop} | {400})
    return made


def messy(*, seed: int, customers: int = 80) -> Tables:
    """Every table with random rows and many empty cells."""
    rng = np.random.default_rng(seed)

    def pick(values: list[Any], size: int) -> Any:
        return rng.choice(np.array(values, dtype=object), size)

    def moments(size: int) -> list[datetime]:
        return [days_ago(days) for days in rng.uniform(0, 900, size)]

    def gaps(values: Any, share: float = 0.3) -> pd.Series:
        return pd.Series(list(values), dtype=object).where(rng.random(len(values)) > share, None)

    ids = [f"c{number}" for number in range(customers)]
    n_orders, n_rest = customers * 5, customers * 2
    orders = [f"O{number}" for number in range(n_orders)]
    tables = {
        "customers": pd.DataFrame(
            {
                "customer_id": ids,
                "segment": gaps(pick(["VIP", "loyal", "Regular", "Occasional", "Gold"], customers)),
                "loyalty_tier": gaps(pick(["Platinum", "Gold", "silver", "Wood"], customers)),
                "lifetime_value": gaps(rng.uniform(0, 500, customers).round(3)),
                "signup_date": gaps(moments(customers)),
                "last_active_date": gaps(moments(customers)),
            }
        ),
        "orders": pd.DataFrame(
            {
                "order_id": orders,
                "customer_id": pick(ids[:-5], n_orders),
                "order_date": moments(n_orders),
                "total_amount": rng.uniform(0, 90, n_orders).round(3),
                "order_status": gaps(pick(["placed", "Cancelled", "delivered"], n_orders)),
                "payment_status": gaps(pick(["success", "failed"], n_orders)),
                "actual_delivery_date": AS_OF - timedelta(days=1),
                "delivery_delay_days": gaps(pick([-2.0, 0.0, 3.5], n_orders)),
            }
        ),
        "payments": pd.DataFrame(
            {
                "payment_id": [f"P{number}" for number in range(n_orders)],
                "order_id": [
                    None if number % 4 == 0 else orders[number] for number in range(n_orders)
                ],
                "customer_id": pick(ids, n_orders),
                "payment_date": moments(n_orders),
                "status": pick(["success", "failed", "pending"], n_orders),
            }
        ),
        "support_tickets": pd.DataFrame(
            {
                "ticket_id": [f"T{number}" for number in range(n_rest)],
                "customer_id": pick(ids, n_rest),
                "created_at": moments(n_rest),
                "csat_score": gaps(pick([1, 2, 3, 4, 5], n_rest)),
                "resolution_time_hours": np.linspace(1, 4000, n_rest).round(),
            }
        ),
        "nps_survey": pd.DataFrame(
            {
                "survey_id": [f"S{number}" for number in range(n_rest)],
                "customer_id": pick(ids, n_rest),
                "date": moments(n_rest),
                "nps_score": pick(list(range(11)), n_rest),
            }
        ),
        "customer_events": pd.DataFrame(
            {
                "event_id": [f"E{number}" for number in range(n_orders)],
                "customer_id": pick(ids, n_orders),
                "event_type": pick(["view", "SEARCH", "Payment_failed", *TOLD], n_orders),
                "event_time": moments(n_orders),
            }
        ),
        "refunds": pd.DataFrame(
            {
                "refund_id": [f"R{number}" for number in range(n_rest)],
                "order_id": gaps(pick([*orders, "O-unknown"], n_rest), 0.1),
                "customer_id": pick(ids, n_rest),
                "refund_request_date": moments(n_rest),
                "refund_amount": rng.uniform(0, 90, n_rest).round(3),
                "refund_status": pick(["processed", "pending"], n_rest),
                "refund_processed_date": gaps(moments(n_rest)),
            }
        ),
        "churn_labels": pd.DataFrame(
            {
                "customer_id": ids[:30],
                "is_churn": pick([True, False], 30),
                "churn_date": gaps(moments(30)),
            }
        ),
    }
    events, bought = tables["customer_events"], tables["orders"]
    events["order_id"] = gaps(orders, 0.1)
    events["resolved_at"] = gaps(moments(n_orders), 0.7)
    of_the_order = rng.random(n_orders) < 0.7
    events.loc[of_the_order, "customer_id"] = bought["customer_id"][of_the_order]
    events.loc[of_the_order, "event_time"] = bought["order_date"][of_the_order]
    return tables


def told(*events: tuple[str, float, str | None, float | None], of: str = "a") -> pd.DataFrame:
    """Events of a customer: type, days ago, order, and how many days ago it was well again."""
    rows = [
        (f"E{number}", of, kind, days_ago(days), order, None if ended is None else days_ago(ended))
        for number, (kind, days, order, ended) in enumerate(events)
    ]
    names = ["event_id", "customer_id", "event_type", "event_time", "order_id", "resolved_at"]
    return pd.DataFrame(rows, columns=names).astype({"order_id": object, "resolved_at": object})


def open_base(tables: Tables, as_of: datetime = AS_OF) -> CustomerBase:
    return CustomerBase.from_frames(tables, as_of=as_of)
