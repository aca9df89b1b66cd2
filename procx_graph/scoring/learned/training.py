"""Training: learn from older origins, judge on the latest, admit or refuse, refit on all.

Source: facts on scoring, sections 4.6.3 and 4.6.5.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels, LearnedModel, ModelKind
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import Engine
from procx_graph.scoring.learned.card import (
    Check,
    Figures,
    ModelCard,
    OriginCount,
    Slope,
    Status,
    figures,
)
from procx_graph.scoring.learned.external import judge_external, judge_status
from procx_graph.scoring.learned.fitting import About, free_slopes
from procx_graph.scoring.learned.gates import both_outcomes, enough_to_learn, good_enough
from procx_graph.scoring.learned.inputs import SIGNS, inputs_hash
from procx_graph.scoring.learned.lessons import Lesson, choose_labels, lessons, pooled
from procx_graph.scoring.learned.trial import Recipe, Trial, try_out
from procx_graph.scoring.learned.undated import moved_inputs
from procx_graph.scoring.lookback import MOST, read_labels, require_whole
from procx_graph.scoring.profiles import load_profile

Vector = NDArray[np.float64]

SUFFIX = "+learned"
"""What the name of a profile with a model ends in."""

Progress = Callable[[Lesson], None]


@dataclass(frozen=True, eq=False)
class Training:
    """What came of a training.

    Attributes:
        card: All there is to know about it.
        base_profile: The profile it was trained with, without a model.
        model: Refitted on all origins; None where it was refused.
    """

    card: ModelCard
    base_profile: Profile
    model: LearnedModel | None

    @property
    def profile(self) -> Profile:
        """The profile to score with: with the model, or as it was where that was refused."""
        if self.model is None:
            return self.base_profile
        risk = self.base_profile.risk.model_copy(update={"learned": self.model})
        name = f"{self.base_profile.name}{SUFFIX}"
        return self.base_profile.model_copy(update={"risk": risk, "name": name})


def train(
    base: CustomerBase,
    *,
    profile: str | Path | Profile = "default-v1",
    labels: Labels | str | None = None,
    kind: ModelKind | str = ModelKind.LOGISTIC,
    origins: int = 4,
    signed: bool = True,
    engine: Engine = "polars",
    progress: Progress | None = None,
) -> Training:
    """Learn a churn risk from a base's own past, and admit it only where it is better.

    Args:
        base: The tables; nothing after its as_of is read.
        profile: How to score, and the horizon; a model in it is left aside.
        labels: What counts as having left; dated churn labels where there are enough, else the
            order log, when not given.
        kind: `logistic`, `additive` or `gbm`.
        origins: Past moments to learn from at most, a horizon apart; the latest judges.
        signed: Hold every input to the direction that health gives it.
        engine: Where the features are counted.
        progress: Called with every origin when it is read.

    Raises:
        ConfigError: A name is unknown, there is nothing to learn from, or the kind needs a
            library that is not installed.
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"a risk is learned from a CustomerBase, not a {type(base).__name__}")
    require_whole("origins", origins, most=MOST)
    chosen = _without_model(load_profile(profile))
    horizon = chosen.risk.horizon_days
    wanted = _labels(labels) or choose_labels(base, horizon_days=horizon, origins=origins)
    about = About(wanted, horizon, base.as_of, base.fingerprint, chosen.hash, inputs_hash(chosen))
    recipe = Recipe(_kind(kind), signed, about)
    taught = []
    without = moved_inputs(base, profile=chosen, engine=engine)
    for lesson in lessons(
        base, profile=chosen, labels=wanted, origins=origins, engine=engine, without=without
    ):
        taught.append(lesson)
        if progress is not None:
            progress(lesson)
    trial = try_out(recipe, taught)
    model = None
    if trial is not None:
        model = recipe.fit(taught).model_copy(update={"calibration": trial.points})
    status = judge_status(base, profile=chosen, about=about, engine=engine)
    card = _write_card(base, chosen, recipe, taught, trial, model, status)
    card = card.model_copy(update={"left_out": without})
    return Training(card, chosen, model if card.accepted else None)


def _write_card(
    base: CustomerBase,
    profile: Profile,
    recipe: Recipe,
    taught: Sequence[Lesson],
    trial: Trial | None,
    model: LearnedModel | None,
    status: Status | None,
) -> ModelCard:
    counts = tuple(_count(lesson) for lesson in taught)
    customers, positives = (
        sum(getattr(count, name) for count in counts) for name in ("customers", "positives")
    )
    everyone = _figures(taught[0], trial.risk) if trial else {}
    checks = _check(recipe.about.labels, taught, positives, everyone)
    own = everyone["learned"].auc if trial else None
    return ModelCard(
        accepted=trial is not None and all(check.passed for check in checks),
        checks=tuple(checks),
        kind=recipe.kind,
        signed=recipe.signed,
        labels=recipe.about.labels,
        horizon_days=profile.risk.horizon_days,
        source=base.name,
        as_of=base.as_of,
        fingerprint=base.fingerprint,
        profile=profile.name,
        profile_hash=recipe.about.profile_hash,
        origins=counts,
        customers=customers,
        positives=positives,
        base_rate=positives / customers if customers else None,
        everyone=everyone,
        active=_figures(taught[0], trial.risk, taught[0].active) if trial else {},
        slopes=_slopes(model, taught) if model else (),
        calibration=trial.remark if trial else "",
        external=judge_external(base, taught[0], own) if taught else None,
        status=status,
    )


def _check(
    labels: Labels, taught: Sequence[Lesson], positives: int, found: dict[str, Figures]
) -> list[Check]:
    checks = enough_to_learn(len(taught), positives, labels)
    if found:
        return checks + good_enough(found["learned"], found["constant"], found["mbg"], labels)
    if len(taught) > 1:
        parts = {"after the latest origin": taught[0].rows, "before it": pooled(taught[1:])}
        checks += [
            both_outcomes(int(rows.happened.sum()), len(rows.happened), labels, where)
            for where, rows in parts.items()
        ]
    return checks


def _figures(
    lesson: Lesson, risk: Vector, among: NDArray[np.bool_] | None = None
) -> dict[str, Figures]:
    """Give the figures of every method at an origin, among some of the rows or all."""
    rows = np.ones(len(risk), dtype=bool) if among is None else among
    happened = lesson.happened[rows]
    constant = np.full(len(happened), happened.mean() if len(happened) else np.nan)
    return {
        "learned": figures(risk[rows], happened),
        "mbg": figures(lesson.mbg[rows], happened),
        "recency": figures(lesson.recency[rows], happened, probability=False),
        "constant": figures(constant, happened),
    }


def _slopes(model: LearnedModel, taught: Sequence[Lesson]) -> tuple[Slope, ...]:
    """Give the slopes of all origins, beside those that no sign holds."""
    free = free_slopes(pooled(taught))
    return tuple(
        Slope(
            name=feature.name,
            sign=SIGNS[feature.name],
            beta=feature.beta if model.kind is ModelKind.LOGISTIC else None,
            free=free[feature.name][0],
            free_error=free[feature.name][1],
        )
        for feature in model.features
    )


def _count(lesson: Lesson) -> OriginCount:
    happened = lesson.happened
    return OriginCount(
        origin=lesson.origin,
        customers=len(happened),
        positives=int(happened.sum()),
        base_rate=float(happened.mean()),
    )


def _without_model(profile: Profile) -> Profile:
    """Give a profile as it was before a model was put into it."""
    if profile.risk.learned is None:
        return profile
    risk = profile.risk.model_copy(update={"learned": None})
    return profile.model_copy(update={"risk": risk, "name": profile.name.removesuffix(SUFFIX)})


def _labels(name: Labels | str | None) -> Labels | None:
    return None if name is None else read_labels(name)


def _kind(name: ModelKind | str) -> ModelKind:
    known = [member.value for member in ModelKind]
    if name not in known:
        raise ConfigError(f"no kind of model {name!r}; known are {', '.join(known)}")
    return ModelKind(name)
