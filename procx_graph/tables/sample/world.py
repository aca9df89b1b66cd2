"""A synthetic customer base whose churn is known: the tables, and the exact oracle behind them."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from procx_graph.tables.sample.catalogue import catalogue
from procx_graph.tables.sample.hazard import expected_auc, solve
from procx_graph.tables.sample.knobs import AS_OF, Knobs, ScoreMode
from procx_graph.tables.sample.part import make_part


@dataclass(frozen=True, eq=False)
class World:
    """A synthetic base with its truth.

    Attributes:
        tables: Sheet name to frame, in the order of the workbook; times are naive UTC.
        as_of: Moment the tables were cut, aware UTC; no row happened later.
        oracle: `customer_id`, `p_leave` and `left_next_quarter` of those alive at `as_of`:
            the exact probability to leave in the 90 days after, and who did.
        oracle_auc: Expected ROC-AUC of `p_leave`, the bound that no honest model beats
            except by chance; NaN for fewer than two living customers.
        meta: The settings and the law found for them.
    """

    tables: dict[str, pd.DataFrame]
    as_of: datetime
    oracle: pd.DataFrame
    oracle_auc: float
    meta: dict[str, float | int | str]


def generate(
    customers: int = 1000,
    *,
    seed: int = 7,
    as_of: datetime = AS_OF,
    quarters: int = 11,
    base_rate: float = 0.10,
    target_auc: float = 0.85,
    signal: float = 1,
    obs: float = 2,
    pace: float = 1.4,
    score: ScoreMode = "noise",
    left_share: float | None = 0.065,
    joining_share: float = 0.02,
) -> World:
    """Make a customer base whose next quarter is known; the same seed gives the same base.

    Args:
        customers: How many customers are listed, at least 1.
        seed: Seed of everything random.
        as_of: Moment the tables are cut, aware.
        quarters: Quarters of 90 days before it, at least 2.
        base_rate: Mean probability that a living customer leaves in the next quarter.
        target_auc: Expected ROC-AUC in [.5, 1) of the exact probabilities, at signal 1.
        signal: Share in [0, 1] of the lift over .5 that is left; 0 makes labels pure chance.
        obs: How many and how precise the observations are; 2 is ordinary.
        pace: Mean orders a quarter.
        score: What `predicted_churn_score` holds: `noise`; `informative`, the probability with
            noise; or `leaky`, which knows the future and is there to be caught.
        left_share: Share of the listed customers who have left; None lists everybody who ever
            signed up, about half of whom are gone.
        joining_share: Share of those who ever signed up who did so in the last 30 days.

    Raises:
        ConfigError: A setting is out of its range, or no world is like that.
    """
    knobs = Knobs(
        seed=seed,
        as_of=as_of,
        quarters=quarters,
        base_rate=base_rate,
        target_auc=target_auc,
        signal=signal,
        obs=obs,
        pace=pace,
        score=score,
        left_share=left_share,
        joining_share=joining_share,
    )
    law, goods = solve(knobs), catalogue(knobs)
    part = make_part(customers, law, goods, knobs)
    alive = part.population.alive
    p = part.population.p_leave[alive]
    oracle = pd.DataFrame(
        {
            "customer_id": part.tables["customers"].loc[alive, "customer_id"].to_numpy(),
            "p_leave": p,
            "left_next_quarter": part.population.leaves_next[alive],
        }
    )
    found: dict[str, float | int | str] = {"customers": customers, "a": law.a, "b": law.b}
    return World(part.tables, knobs.as_of, oracle, expected_auc(p), knobs.summary() | found)
