"""The comparison: cut-offs back in time, each forecast from what was known then."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels
from procx_graph.domain.profile import Profile, RiskFormula
from procx_graph.errors import ConfigError, DataError
from procx_graph.scoring.engine import Engine
from procx_graph.scoring.evaluation.figures import Population, measure
from procx_graph.scoring.evaluation.methods import (
    Method,
    Past,
    Task,
    Vector,
    forecast,
    learn_from,
)
from procx_graph.scoring.evaluation.rows import Row
from procx_graph.scoring.evaluation.table import Evaluation
from procx_graph.scoring.lookback import Outlook, look_back
from procx_graph.scoring.profiles import load_profile

TAUGHT = 4
"""Earlier moments that the learning methods learn from at most."""
MOST = 40
"""Most cut-offs of one evaluation."""

Progress = Callable[[str], None]
Category = TypeVar("Category", bound=StrEnum)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What an evaluation was asked for, validated."""

    base: CustomerBase
    profile: Profile
    seed: Profile
    cut_offs: int
    every: int
    labels: Labels
    methods: tuple[Method, ...]
    engine: Engine

    @property
    def horizon(self) -> timedelta:
        return timedelta(days=self.profile.risk.horizon_days)

    @property
    def moments(self) -> list[datetime]:
        """Every moment to look from, the oldest first; the last `cut_offs` are judged."""
        apart = max(1, ceil(self.profile.risk.horizon_days / self.every))
        number = self.cut_offs + apart - 1 + TAUGHT
        latest = self.base.as_of - self.horizon
        return [latest - timedelta(days=self.every * back) for back in reversed(range(number))]


def evaluate(
    base: CustomerBase,
    *,
    profile: str | Path | Profile = "default-v1",
    horizon: int | None = None,
    cut_offs: int = 3,
    every: int = 90,
    methods: Sequence[Method | str] = tuple(Method),
    labels: Labels | str = Labels.ORDERS,
    engine: Engine = "polars",
    progress: Progress | None = None,
) -> Evaluation:
    """Compare methods on what happened after moments in the past.

    The latest cut-off lies one horizon before the base's as_of, the others `every` days apart
    before it. At a cut-off a method sees the rows up to it; the learning ones learn from moments
    whose whole horizon was over by then. A method that cannot be judged says why in its row.

    Args:
        base: The tables; nothing after its as_of is read.
        profile: How to score. A learned model in it is left out: it may have been trained on the
            very days it would be judged on.
        horizon: In days; the profile's when not given.
        cut_offs: How many moments to judge, 1 to 40.
        every: Days from one back to the next.
        methods: Which to compare, members of `Method` or their names.
        labels: What counts as having left: silence in the order log, or dated churn labels.
        engine: Where the features are counted.
        progress: Told what is worked on.

    Raises:
        ConfigError: A setting is wrong, or there is no table to read outcomes from.
        DataError: No cut-off has customers of both outcomes.
    """
    plan = _plan(base, profile, horizon, cut_offs, every, methods, labels, engine)
    tell = progress or (lambda _: None)
    rows: list[Row] = []
    judged: list[datetime] = []
    for task in _tasks(plan, tell):
        judged.append(task.outlook.origin)
        for method in plan.methods:
            tell(f"{method.value} at {task.outlook.origin:%Y-%m-%d}")
            rows += _judge(method, task)
    if not rows:
        raise DataError(_nothing_to_judge(plan))
    return Evaluation(
        base=base.name,
        as_of=base.as_of,
        horizon_days=plan.profile.risk.horizon_days,
        labels=plan.labels,
        profile=plan.profile.name,
        profile_hash=plan.profile.hash,
        cut_offs=tuple(judged),
        rows=tuple(rows),
        notes=tuple(_notes(plan, len(judged), load_profile(profile))),
    )


def _plan(
    base: CustomerBase,
    profile: str | Path | Profile,
    horizon: int | None,
    cut_offs: int,
    every: int,
    methods: Sequence[Method | str],
    labels: Labels | str,
    engine: Engine,
) -> _Plan:
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"an evaluation is of a CustomerBase, not of a {type(base).__name__}")
    given = load_profile(profile)
    days = given.risk.horizon_days if horizon is None else horizon
    for name, number, most in (("horizon", days, 3_650), ("cut_offs", cut_offs, MOST)):
        if not 1 <= number <= most:
            raise ConfigError(f"{name}={number} must be 1 to {most}")
    if not 1 <= every <= 3_650:
        raise ConfigError(f"every={every} must be 1 to 3650 days")
    document = given if given.risk.formula is RiskFormula.HEALTH else load_profile("procx-seed")
    return _Plan(
        base,
        _without_model(given, days, RiskFormula.SILENCE),
        _without_model(document, days, RiskFormula.HEALTH),
        cut_offs,
        every,
        _of(Labels, labels),
        _chosen(methods),
        engine,
    )


def _chosen(methods: Sequence[Method | str]) -> tuple[Method, ...]:
    """Give the methods by name, each once."""
    asked = [methods] if isinstance(methods, str) else list(methods)
    if not asked:
        raise ConfigError(f"no methods given; known are {', '.join(Method)}")
    return tuple(dict.fromkeys(_of(Method, name) for name in asked))


def _of(kind: type[Category], name: str) -> Category:
    try:
        return kind(name)
    except ValueError as error:
        known = ", ".join(kind)
        raise ConfigError(f"no {kind.__name__.lower()} {name!r}; known are {known}") from error


def _without_model(profile: Profile, horizon: int, formula: RiskFormula) -> Profile:
    changes = {"horizon_days": horizon, "formula": formula, "learned": None}
    return profile.model_copy(update={"risk": profile.risk.model_copy(update=changes)})


def _tasks(plan: _Plan, tell: Progress) -> Iterator[Task]:
    """Give the cut-offs, the oldest first; one outlook is held at a time."""
    learned: list[Past] = []
    moments = plan.moments
    for place, moment in enumerate(moments):
        tell(f"scoring as of {moment:%Y-%m-%d}")
        outlook = _look(plan, moment)
        if outlook is None:
            continue
        if place >= len(moments) - plan.cut_offs and _has_both(outlook):
            closed = [past for past in learned if past.origin + plan.horizon <= moment]
            yield Task(
                plan.base.at(moment),
                outlook,
                tuple(closed[-TAUGHT:]),
                plan.profile,
                plan.seed,
                plan.labels,
                plan.engine,
            )
        learned.append(learn_from(outlook))


def _look(plan: _Plan, moment: datetime) -> Outlook | None:
    found = look_back(
        plan.base,
        profile=plan.profile,
        origins=1,
        every=plan.every,
        labels=plan.labels,
        first=moment,
        engine=plan.engine,
    )
    return next(found, None)


def _has_both(outlook: Outlook) -> bool:
    """Whether some left and some stayed."""
    left = outlook.happened[outlook.known]
    return bool(left.any() and not left.all())


def _judge(method: Method, task: Task) -> Iterator[Row]:
    """Give a row for each population that has customers of both outcomes."""
    found, outlook = forecast(method, task), task.outlook
    happened, active = outlook.happened[outlook.known], outlook.active[outlook.known]
    value = _worth(task.features)
    for population, rows in (
        (Population.ACTIVE, active),
        (Population.ALL, np.full(len(active), True)),
    ):
        if happened[rows].all() or not happened[rows].any():
            continue
        figures = None
        if not found.why_not:
            risk = found.among(population)
            figures = measure(
                None if risk is None else risk[rows],
                happened[rows],
                value[rows],
                is_probability=found.is_probability,
            )
        yield Row(method, population, outlook.origin, figures, found.why_not)


def _worth(features: pl.DataFrame) -> Vector:
    """Give the spend of the 180 days before, the lifetime value where there is no order log."""
    spend = features["spend_180_cents"]
    cents = features["ltv_cents"] if spend.null_count() == len(spend) else spend
    return cents.cast(pl.Float64).fill_null(0.0).to_numpy().clip(0) / 100


def _nothing_to_judge(plan: _Plan) -> str:
    days, first = plan.profile.risk.horizon_days, plan.moments[-plan.cut_offs]
    what = "who bought before it" if plan.labels is Labels.ORDERS else "who were there before it"
    return (
        f"{plan.base.name} cannot be evaluated: none of the {plan.cut_offs} cut-offs from "
        f"{first:%Y-%m-%d} to {plan.moments[-1]:%Y-%m-%d} has customers {what}, of whom some "
        f"left and some stayed in the {days} days after; give a longer history, a shorter "
        "horizon or an earlier as_of"
    )


def _notes(plan: _Plan, judged: int, given: Profile) -> Iterator[str]:
    if judged < plan.cut_offs:
        yield f"{judged} of {plan.cut_offs} cut-offs have customers of both outcomes"
    if given.risk.learned is not None:
        yield (
            f"the learned model in {given.name} is left out, because it may have seen these days; "
            "learned is trained anew before each cut-off"
        )
