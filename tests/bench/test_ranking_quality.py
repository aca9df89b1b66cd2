"""How well the scores rank: on a real purchase log, and in a world whose answer is known."""

from collections.abc import Iterator
from datetime import datetime
from statistics import fmean

import numpy as np
import pandas as pd
import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels
from procx_graph.scoring.engine import score
from procx_graph.scoring.evaluation.figures import Figures, Population, measure
from procx_graph.scoring.evaluation.methods import Forecast, Method, Task, forecast, learn_from
from procx_graph.scoring.lookback import Outlook, look_back
from procx_graph.scoring.measures import auc
from procx_graph.scoring.profiles import load_profile
from procx_graph.tables.sample import generate
from tests.bench import bgnbd
from tests.cdnow import CUT_OFFS, LOG, base_before, read_orders, who_is_silent_after

pytestmark = [pytest.mark.bench, pytest.mark.slow]

BG = "bg/nbd"
OURS = (Method.RECENCY, Method.SPEND, Method.RFM, Method.SEED, Method.MBG, Method.LEARNED)
HORIZON = 90
Found = dict[tuple[str, Population], list[Figures]]


@pytest.mark.skipif(not LOG.exists(), reason="the CDNOW log is not here")
def test_the_churn_risk_on_cdnow() -> None:
    orders = read_orders()
    found: Found = {}
    for cut_off in CUT_OFFS:
        task = task_at(orders, cut_off)
        for name, said in [*((m.value, forecast(m, task)) for m in OURS), (BG, bg_nbd(task))]:
            for population, figures in judge(said, task):
                found.setdefault((name, population), []).append(figures)

    print(f"\n{as_table(found)}")  # noqa: T201 - a measurement is for reading
    for population in Population:
        mbg = mean(found, "mbg", population, "auc")
        assert mbg > mean(found, "procx-seed", population, "auc")
        assert mbg >= mean(found, "recency", population, "auc") - 0.005
    active = Population.ACTIVE
    assert mean(found, "mbg", active, "auc") > mean(found, "recency", active, "auc")
    assert mean(found, "mbg", active, "auc") >= 0.69
    assert mean(found, "mbg", Population.ALL, "ece") <= 0.04
    assert mean(found, "mbg", Population.ALL, "captured10") >= 0.53


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


def task_at(orders: pd.DataFrame, cut_off: datetime) -> Task:
    """A cut-off of the benchmark: rows before it are known, silence counts from it on."""
    base, profile = base_before(orders, cut_off), load_profile()
    scores = score(base, profile=profile)
    silent = who_is_silent_after(orders, cut_off, scores)
    active = (scores.features["days_since_order"] <= 180).to_numpy()
    earlier = [learn_from(past) for past in look_back(base, profile=profile, labels=Labels.ORDERS)]
    return Task(
        base=base,
        outlook=Outlook(cut_off, scores, np.full(len(scores), True), active, silent),
        past=tuple(reversed(earlier)),
        profile=profile,
        seed=load_profile("procx-seed"),
        labels=Labels.ORDERS,
        engine="polars",
    )


def bg_nbd(task: Task) -> Forecast:
    """P(silent) by the model whose customers never leave before their second purchase."""
    features = task.features
    first = features["days_since_first_order"].to_numpy().astype(float)
    last = features["days_since_order"].to_numpy().astype(float)
    history = features["order_days"].to_numpy() - 1.0, first - last, np.maximum(first, 1.0)
    return Forecast(bgnbd.silent(bgnbd.fit(*history), *history, HORIZON))


def judge(said: Forecast, task: Task) -> Iterator[tuple[Population, Figures]]:
    assert not said.why_not, said.why_not
    spend = task.features["spend_180_cents"].to_numpy() / 100
    happened, everybody = task.outlook.happened, np.full(len(spend), True)
    for population, rows in zip(Population, (task.outlook.active, everybody), strict=True):
        risk = None if said.risk is None else said.risk[rows]
        figures = measure(risk, happened[rows], spend[rows], is_probability=said.is_probability)
        yield population, figures


def mean(found: Found, name: str, population: Population, figure: str) -> float:
    numbers = [getattr(figures, figure) for figures in found[name, population]]
    return float("nan") if None in numbers else fmean(numbers)


def as_table(found: Found) -> str:
    """The means over the cut-offs, for each population; a gap is "cannot be told"."""
    figures = ("auc", "pr_auc", "lift10", "brier", "ece", "captured10")
    names = list(dict.fromkeys(name for name, _ in found))
    moments = " and ".join(f"{cut_off:%Y-%m-%d}" for cut_off in CUT_OFFS)
    parts = [f"CDNOW, silent {HORIZON} days, means of {moments}"]
    for population in Population:
        rows = [[mean(found, name, population, figure) for figure in figures] for name in names]
        table = pd.DataFrame(rows, index=names, columns=[*figures])
        parts.append(f"{population} customers\n{table.to_string(float_format='%.3f', na_rep='')}")
    return "\n\n".join(parts)
