"""When a prediction that came with the data smells of a leak."""

import numpy as np
import pandas as pd
import pytest

from procx_graph.domain.learned import Labels
from procx_graph.scoring.learned.card import External
from procx_graph.scoring.learned.external import judge_external
from procx_graph.scoring.learned.lessons import lessons
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import crowd, open_base, shop


def judged(*, knowing: float, own_auc: float | None, seed: int = 0) -> External:
    """Judge noise plus so much knowledge of who then fell silent."""
    tables = shop(crowd(120))
    [lesson] = lessons(open_base(tables), profile=load_profile(), labels=Labels.ORDERS, origins=1)
    given = np.random.default_rng(seed).random(len(lesson.happened)) + knowing * lesson.happened
    tables["churn_labels"] = pd.DataFrame(
        {
            "customer_id": lesson.customer_ids.to_list(),
            "is_churn": False,
            "predicted_churn_score": given / (1 + knowing),
        }
    )
    found = judge_external(open_base(tables), lesson, own_auc)
    assert found is not None
    return found


def test_noise_is_no_leak_however_bad_the_model_is() -> None:
    noise = judged(knowing=0, own_auc=0.2)

    assert noise.auc is not None
    assert noise.auc > 0.2 + 0.15
    assert not noise.leaks


@pytest.mark.parametrize(
    ("knowing", "own_auc", "leaks"),
    [(0.5, 0.6, True), (0.5, 0.8, False), (0.5, None, False), (5, None, True)],
)
def test_far_ahead_of_the_model_or_nearly_perfect_is_a_leak(
    knowing: float, own_auc: float | None, *, leaks: bool
) -> None:
    assert judged(knowing=knowing, own_auc=own_auc).leaks is leaks
