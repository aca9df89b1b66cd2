"""Beside the model: a prediction that came with the data, and labels without dates.

Neither becomes part of it.

Source: facts on scoring, sections 4.6.4 and 4.7.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels, ModelKind
from procx_graph.domain.profile import Profile
from procx_graph.scoring.engine import Engine, score
from procx_graph.scoring.learned.card import External, Status, told
from procx_graph.scoring.learned.fitting import About, Rows, fit_model
from procx_graph.scoring.learned.inputs import inputs, standardised
from procx_graph.scoring.learned.lessons import Lesson
from procx_graph.scoring.learned.predict import log_odds
from procx_graph.scoring.measures import auc, auc_interval, brier
from procx_graph.scoring.risk.odds import expit

Vector = NDArray[np.float64]

TOO_GOOD = 0.95
"""AUC above which a prediction must have seen the outcome."""
AHEAD = 0.15
"""AUC above the model's own that is as suspicious."""
CHANCE = 0.5
"""AUC that its 95 % interval must lie above for that; noise is ahead of a model that is worse."""
FOLDS = 5
FEWEST = 10
"""Undated labels of either outcome below which nothing is told of them."""

UNDATED = (
    "it carries no date, so nobody can say whether it was known before the outcome; "
    "it is never a feature"
)


def judge_external(base: CustomerBase, lesson: Lesson, own_auc: float | None) -> External | None:
    """Measure `predicted_churn_score` at an origin; None where there is none.

    Args:
        base: The tables.
        lesson: The origin.
        own_auc: Of the model there, None if there is none.
    """
    if not base.has(Labels.CHURN.value):
        return None
    rows = base.table(Labels.CHURN.value).select("customer_id", "predicted_churn_score").collect()
    given = pl.DataFrame({"customer_id": lesson.customer_ids}).join(
        rows, on="customer_id", how="left", maintain_order="left"
    )["predicted_churn_score"]
    there = given.is_not_null().to_numpy()
    if not there.any():
        return None
    risk, happened = given.drop_nulls().to_numpy(), lesson.happened[there]
    area, (low, high) = auc(risk, happened), auc_interval(risk, happened)
    ahead = own_auc is not None and area > own_auc + AHEAD and low > CHANCE
    leaks = area > TOO_GOOD or ahead
    warning = "it ranks better than what can be known allows, which smells of a leak; "
    return External(
        customers=len(risk),
        auc=told(area),
        auc_low=told(low),
        auc_high=told(high),
        leaks=leaks,
        text=f"{warning if leaks else ''}{UNDATED}",
    )


def judge_status(
    base: CustomerBase, *, profile: Profile, about: About, engine: Engine
) -> Status | None:
    """Tell today's churned from the others, out of fold; None with too few undated labels.

    Args:
        base: The tables; labels without dates say nothing about any other moment.
        profile: How to score, without a model.
        about: Where the folds' models come from.
        engine: Where the features are counted.
    """
    if not (base.is_current and base.has(Labels.CHURN.value)):
        return None
    labels = base.table(Labels.CHURN.value).select("customer_id", "is_churn", "churn_date")
    undated = labels.filter(pl.col("churn_date").is_null(), pl.col("is_churn").is_not_null())
    known = undated.select("customer_id", "is_churn").collect()
    if not FEWEST <= known["is_churn"].sum() <= len(known) - FEWEST:
        return None
    scores = score(base, profile=profile, engine=engine)
    joined = scores.features.select("customer_id").join(
        known, on="customer_id", how="left", maintain_order="left"
    )["is_churn"]
    chosen = np.flatnonzero(joined.is_not_null().to_numpy())
    rows = Rows(
        inputs(scores.features[chosen], scores.health.sub_scores[chosen]),
        joined[chosen].to_numpy().astype(bool),
    )
    risk, share = _out_of_fold(rows, about), float(rows.happened.mean())
    return Status(
        customers=len(risk),
        positives=int(rows.happened.sum()),
        auc=told(auc(risk, rows.happened)),
        brier=told(brier(risk, rows.happened)),
        constant_brier=share * (1 - share),
    )


def _out_of_fold(rows: Rows, about: About) -> Vector:
    """Give everybody the risk of a model that has not seen them."""
    size = len(rows.happened)
    fold = np.empty(size, dtype=np.intp)
    for outcome in (False, True):
        places = np.flatnonzero(rows.happened == outcome)
        mixed = np.random.default_rng(0).permutation(places)
        fold[mixed] = np.arange(len(mixed)) % FOLDS
    risk = np.empty(size)
    for number in range(FOLDS):
        held, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        model = fit_model(ModelKind.LOGISTIC, rows.take(rest), signed=True, about=about)
        columns = standardised(model, rows.take(held).given)
        risk[held] = expit(log_odds(model, columns)[1])
    return risk
