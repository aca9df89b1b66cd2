"""How well the scores rank: on a real purchase log, and in a world whose answer is known."""

import numpy as np
import pytest

from procx_graph.base import CustomerBase
from procx_graph.scoring.engine import score
from procx_graph.tables.sample import generate
from tests.cdnow import CUT_OFFS, LOG, auc, calibration_error, read_orders, scored_before

pytestmark = pytest.mark.bench


@pytest.mark.skipif(not LOG.exists(), reason="the CDNOW log is not here")
def test_the_churn_risk_on_cdnow() -> None:
    orders, found = read_orders(), []
    for cut_off in CUT_OFFS:
        scores, silent = scored_before(orders, cut_off)
        risk, recency = scores.risk.probability, scores.features["days_since_order"].to_numpy()
        active = recency <= 180
        found.append(
            (
                auc(risk[active], silent[active]),
                auc(risk, silent),
                auc(recency[active], silent[active]),
                auc(recency, silent),
                calibration_error(risk, silent),
            )
        )
    ours_active, ours, recency_active, recency_all, error = np.mean(found, axis=0)

    print(  # noqa: T201 - a measurement is for reading
        f"\nCDNOW, 90 days, mean of two cut-offs: AUC active {ours_active:.3f} "
        f"(recency {recency_active:.3f}), all {ours:.3f} (recency {recency_all:.3f}), "
        f"ECE {error:.3f}"
    )
    assert ours_active >= 0.69
    assert ours >= recency_all - 0.005


def test_health_and_risk_against_a_known_oracle() -> None:
    world = generate(4_000, seed=1, base_rate=0.08, left_share=None, joining_share=0, pace=2.2)
    scores = score(CustomerBase.from_frames(world.tables, as_of=world.as_of))
    oracle = world.oracle.set_index("customer_id")
    known = oracle.loc[[name for name in scores.frame["customer_id"] if name in oracle.index]]
    rows = scores.frame["customer_id"].is_in(known.index.to_list()).to_numpy()
    left = known["left_next_quarter"].to_numpy().astype(bool)

    best = auc(known["p_leave"].to_numpy(), left)
    health = auc(-scores.health.score[rows], left)
    risk = auc(scores.risk.probability[rows], left)
    print(  # noqa: T201 - a measurement is for reading
        f"\nmade-up world, {len(left):,} alive, {left.sum()} leave: AUC of the oracle {best:.3f}, "
        f"of health {health:.3f}, of churn risk {risk:.3f}"
    )
    assert 0.6 <= health <= best + 0.06
