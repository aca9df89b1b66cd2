"""Payments: each attempt to charge an order, and whether it went through."""

import numpy as np
import pandas as pd
from scipy.special import expit

from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.deliveries import Plan
from procx_graph.tables.sample.knobs import Stream, Words
from procx_graph.tables.sample.moments import Moments
from procx_graph.tables.sample.resources import draw

RETRIED_SHARE = 0.45
REASONS = ("insufficient_funds", "card_expired", "network_error", "fraud_suspected")


def charge(
    crowd: Crowd, moments: Moments, orders: pd.DataFrame, plan: Plan
) -> tuple[pd.DataFrame, Words]:
    """Charge each order when it is placed, or cash when it comes, and some a second time.

    Returns:
        The table `payments` in the order of time, and how each order stands: success, failed, or
        pending when nothing was charged by `as_of`.
    """
    rng, knobs = crowd.rng(Stream.PAYMENTS), crowd.knobs
    size, cash = len(orders), (orders["payment_method"] == "cod").to_numpy()
    stress = crowd.latents.stress[moments.who]
    declined = (rng.random(size) < expit(-2.6 + 0.7 * knobs.obs * stress)) & ~cash
    at_once = moments.day + rng.uniform(0.0005, 0.01, size)
    charged = np.where(cash, plan.arrives + rng.uniform(0.3, 0.9, size), at_once)
    retried = charged + rng.uniform(0.1, 2.0, size)
    tried = (charged < knobs.horizon) & ~(cash & plan.called_off)
    again = declined & (rng.random(size) < RETRIED_SHARE) & (retried < knobs.horizon)

    rows = np.concatenate([np.flatnonzero(tried), np.flatnonzero(again)])
    second = np.arange(len(rows)) >= tried.sum()
    day = np.where(second, retried[rows], charged[rows])
    in_time = np.argsort(day, kind="stable")
    rows, day = rows[in_time], day[in_time]
    failing = ~second[in_time] & declined[rows]
    charged_orders = orders.iloc[rows].reset_index(drop=True)
    reason = pd.Series(_reasons(orders, rng)[rows])
    payments = pd.DataFrame(
        {
            "payment_id": crowd.ids("payments", len(rows)),
            "order_id": charged_orders["order_id"],
            "customer_id": charged_orders["customer_id"],
            "payment_date": knobs.stamps(day),
            "amount": charged_orders["total_amount"],
            "payment_method": charged_orders["payment_method"],
            "status": np.where(failing, "failed", "success"),
            "failure_reason": reason.where(failing),
        }
    )
    paid = tried & (~declined | again)
    status = np.select([paid, tried & declined], ["success", "failed"], "pending")
    return payments, status.astype(object)


def _reasons(orders: pd.DataFrame, rng: np.random.Generator) -> Words:
    """Draw why each payment would fail; only cards expire."""
    reason = np.array(REASONS, dtype=object)[draw((45, 25, 20, 10), len(orders), rng)]
    no_card = (orders["payment_method"] != "card").to_numpy()
    return np.where(no_card & (reason == "card_expired"), "network_error", reason)
