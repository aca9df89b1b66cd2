"""The methods that are compared; each sees what was known at a cut-off, and nothing later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels
from procx_graph.domain.profile import Profile
from procx_graph.scoring.engine import Engine, score
from procx_graph.scoring.evaluation.figures import Population
from procx_graph.scoring.evaluation.rfm import fit_rfm, rfm
from procx_graph.scoring.learned.predict import predict
from procx_graph.scoring.learned.training import train
from procx_graph.scoring.lookback import Outlook

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEW = 50
"""Outcomes of either kind that a regression is fitted on at least."""
NOTHING_EARLIER = "needs outcomes that were known before the cut-off"
NO_ORDERS = "needs an order log"
NOT_EVERYBODY = "needs a purchase of everybody who is judged"


class Method(StrEnum):
    """Ways to tell who will leave, from the plainest to the best."""

    CONSTANT = "constant"
    """Everybody's risk is the share of earlier cut-offs."""
    RECENCY = "recency"
    """Days since the last purchase: a ranking, not a probability."""
    SPEND = "spend"
    """The trailing-180-day spend alone: a queue that asks for no risk."""
    RFM = "rfm-logistic"
    """Logistic regression on recency, frequency and money, fitted on earlier cut-offs."""
    SEED = "procx-seed"
    """The modes document's formula: what health lacks, times its multipliers."""
    MBG = "mbg"
    """P(no purchase within the horizon) by MBG/NBD, fitted to the order log up to the cut-off."""
    LEARNED = "learned"
    """The learned model, trained and accepted on earlier cut-offs only."""


@dataclass(frozen=True, eq=False)
class Past:
    """What an earlier moment teaches the methods that learn; of those the outcome is defined for.

    Attributes:
        origin: The moment.
        active: Who was active.
        happened: What came of it.
        inputs: Rows of `rfm`; None without an order log.
    """

    origin: datetime
    active: Flags
    happened: Flags
    inputs: Vector | None


@dataclass(frozen=True, eq=False)
class Task:
    """One cut-off to forecast at.

    Attributes:
        base: The tables as seen at the cut-off.
        outlook: What the scores said then, by the silence formula without a learned model.
        past: Earlier moments whose outcomes were known by then.
        profile: Of the scores.
        seed: The profile whose formula is the document's.
        labels: What counts as having left.
        engine: Where features are counted.
    """

    base: CustomerBase
    outlook: Outlook
    past: tuple[Past, ...]
    profile: Profile
    seed: Profile
    labels: Labels
    engine: Engine

    @property
    def features(self) -> pl.DataFrame:
        """Features of those the outcome is defined for."""
        return self.outlook.scores.features.filter(self.outlook.known)


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a method says of those the outcome is defined for.

    Attributes:
        risk: Rises with the risk; None for a method that has none.
        is_probability: Whether the risk is one.
        for_active: Instead of `risk` where the active are judged by themselves.
        why_not: Why there is no forecast; empty where there is one.
    """

    risk: Vector | None = None
    is_probability: bool = True
    for_active: Vector | None = None
    why_not: str = ""

    def among(self, population: Population) -> Vector | None:
        """Give the risk of everybody, as it holds where a population is judged by itself."""
        by_itself = population is Population.ACTIVE and self.for_active is not None
        return self.for_active if by_itself else self.risk


def learn_from(outlook: Outlook) -> Past:
    """Keep of an outlook what later cut-offs may learn from."""
    known, features = outlook.known, outlook.scores.features.filter(outlook.known)
    bought = (features["order_days"].fill_null(0) > 0).all()
    inputs = rfm(features) if bought and len(features) else None
    return Past(outlook.origin, outlook.active[known], outlook.happened[known], inputs)


def forecast(method: Method, task: Task) -> Forecast:
    """Ask a method about the customers of a cut-off."""
    return _METHODS[method](task)


def _constant(task: Task) -> Forecast:
    if not task.past:
        return Forecast(why_not=NOTHING_EARLIER)
    happened = np.concatenate([past.happened for past in task.past])
    among = happened[np.concatenate([past.active for past in task.past])]
    everybody = np.full(len(task.features), happened.mean())
    active = np.full(len(everybody), among.mean()) if len(among) else everybody
    return Forecast(everybody, for_active=active)


def _recency(task: Task) -> Forecast:
    features = task.features
    last = features["days_since_order"]
    if last.null_count() == len(last):
        last = features["days_since_active"]
    if last.null_count() == len(last):
        return Forecast(why_not="needs dated behaviour")
    longest = last.fill_null(strategy="max")
    return Forecast(longest.cast(pl.Float64).to_numpy(), is_probability=False)


def _spend(_: Task) -> Forecast:
    return Forecast(is_probability=False)


def _rfm(task: Task) -> Forecast:
    bought = task.features["order_days"].fill_null(0) > 0
    if not bought.all():
        return Forecast(why_not=NOT_EVERYBODY if bought.any() else NO_ORDERS)
    known = [(past.inputs, past.happened) for past in task.past if past.inputs is not None]
    if not known:
        return Forecast(why_not=NOTHING_EARLIER)
    happened = np.concatenate([outcome for _, outcome in known])
    fewer = min(happened.sum(), (~happened).sum())
    if fewer < FEW:
        return Forecast(why_not=f"{fewer} earlier outcomes of one kind, {FEW} are needed")
    model = fit_rfm(np.concatenate([inputs for inputs, _ in known]), happened)
    return Forecast(model.risk(rfm(task.features)))


def _seed(task: Task) -> Forecast:
    scores = score(task.base, profile=task.seed, engine=task.engine)
    return Forecast(scores.risk.probability[task.outlook.known])


def _mbg(task: Task) -> Forecast:
    scores = task.outlook.scores
    if scores.fit is None:
        return Forecast(why_not=NO_ORDERS)
    return Forecast(scores.risk.probability[task.outlook.known])


def _learned(task: Task) -> Forecast:
    training = train(task.base, profile=task.profile, labels=task.labels, engine=task.engine)
    if training.model is None:
        reasons = [check.text for check in training.card.checks if not check.passed]
        return Forecast(why_not=f"refused: {'; '.join(reasons)}")
    known = np.flatnonzero(task.outlook.known)
    sub_scores = task.outlook.scores.health.sub_scores[known]
    return Forecast(predict(training.model, task.features, sub_scores).probability)


_METHODS: dict[Method, Callable[[Task], Forecast]] = {
    Method.CONSTANT: _constant,
    Method.RECENCY: _recency,
    Method.SPEND: _spend,
    Method.RFM: _rfm,
    Method.SEED: _seed,
    Method.MBG: _mbg,
    Method.LEARNED: _learned,
}
