"""A real purchase log: the risk must rank who falls silent, and mean what it says."""

from datetime import datetime

import pandas as pd
import pytest

from procx_graph.scoring.measures import auc, calibration_error
from tests.cdnow import CUT_OFFS, LOG, read_orders, scored_before

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LOG.exists(), reason="the CDNOW log is not here"),
]


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return read_orders()


@pytest.mark.parametrize("cut_off", CUT_OFFS, ids=str)
def test_the_risk_ranks_who_falls_silent(orders: pd.DataFrame, cut_off: datetime) -> None:
    scores, silent = scored_before(orders, cut_off)
    risk = scores.risk.probability
    recency = scores.features["days_since_order"].to_numpy()
    active = recency <= 180

    assert auc(risk[active], silent[active]) >= 0.69
    assert auc(risk, silent) >= auc(recency, silent) - 0.005
    assert calibration_error(risk, silent) <= 0.04


def test_the_fit_agrees_with_the_published_benchmark(orders: pd.DataFrame) -> None:
    scores, _ = scored_before(orders, CUT_OFFS[0])

    assert scores.fit is not None
    model = scores.fit.model
    found = [model.r, model.alpha, model.a, model.b]
    assert found == pytest.approx([0.608, 56.32, 0.649, 1.185], rel=0.05)
