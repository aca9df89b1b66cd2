"""CDNOW's purchase log, and what a ranking and a probability are worth on it."""

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
    moment = pd.Timestamp(cut_off).tz_localize(None)
    known = orders[orders["order_date"] < moment]
    ahead = orders[orders["order_date"].between(moment, moment + timedelta(days=89))]
    customers = pd.DataFrame({"customer_id": known["customer_id"].unique()})
    base = CustomerBase.from_frames({"customers": customers, "orders": known}, as_of=cut_off)
    scores = score(base)
    silent = ~scores.frame["customer_id"].is_in(ahead["customer_id"].unique().tolist()).to_numpy()
    return scores, silent


def auc(risk: np.ndarray, happened: np.ndarray) -> float:
    """Share of pairs in which the one to whom it happened had the higher risk."""
    ranks = pd.Series(risk).rank().to_numpy()
    positive = happened.sum()
    negative = len(happened) - positive
    return float((ranks[happened].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(risk: np.ndarray, happened: np.ndarray) -> float:
    """Mean distance between risk and frequency over ten groups of equal size."""
    groups = np.array_split(np.argsort(risk, kind="stable"), 10)
    return float(np.mean([abs(risk[group].mean() - happened[group].mean()) for group in groups]))
