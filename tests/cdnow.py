"""CDNOW's purchase log: what was known at a cut-off, and who then fell silent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import Scores, score

LOG = Path(__file__).resolve().parents[2] / "shared/data/cdnow/CDNOW_master.txt"
CUT_OFFS = (datetime(1998, 1, 1, tzinfo=UTC), datetime(1998, 4, 1, tzinfo=UTC))


def read_orders() -> pd.DataFrame:
    """Give the log as a table of orders."""
    names = ["customer_id", "order_date", "items_count", "total_amount"]
    log = pd.read_csv(LOG, sep=r"\s+", names=names, skiprows=1, dtype=str)
    log["total_amount"] = log["total_amount"].astype(float)
    log["order_date"] = pd.to_datetime(log["order_date"], format="%Y%m%d")
    return log


def scored_before(orders: pd.DataFrame, cut_off: datetime) -> tuple[Scores, np.ndarray]:
    """Scores from the rows before a cut-off, and who then bought nothing for 90 days."""
    scores = score(base_before(orders, cut_off))
    return scores, who_is_silent_after(orders, cut_off, scores)


def base_before(orders: pd.DataFrame, cut_off: datetime) -> CustomerBase:
    """The customers who bought before a cut-off, and their orders before it."""
    known = orders[orders["order_date"] < pd.Timestamp(cut_off).tz_localize(None)]
    customers = pd.DataFrame({"customer_id": known["customer_id"].unique()})
    return CustomerBase.from_frames({"customers": customers, "orders": known}, as_of=cut_off)


def who_is_silent_after(orders: pd.DataFrame, cut_off: datetime, scores: Scores) -> np.ndarray:
    """Who of the scored bought nothing in the 90 days from the cut-off on."""
    moment = pd.Timestamp(cut_off).tz_localize(None)
    ahead = orders[orders["order_date"].between(moment, moment + timedelta(days=89))]
    buyers = ahead["customer_id"].unique().tolist()
    return ~scores.features["customer_id"].is_in(buyers).to_numpy()
