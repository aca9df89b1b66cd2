"""From rows and what came of them to a model that can be saved."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from procx_graph.domain.learned import Labels, LearnedFeature, LearnedModel, ModelKind
from procx_graph.scoring.learned.additive import fit_curves
from procx_graph.scoring.learned.boosted import fit_trees
from procx_graph.scoring.learned.inputs import SIGNS, Inputs, standardise
from procx_graph.scoring.learned.logistic import covariance, fit_line

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

LARGEST = 100_000
"""Rows to fit on, drawn with a fixed seed from more."""


@dataclass(frozen=True)
class About:
    """What a model says of where it comes from."""

    labels: Labels
    horizon_days: int
    as_of: datetime
    fingerprint: str
    profile_hash: str
    inputs_hash: str


@dataclass(frozen=True, eq=False)
class Rows:
    """Inputs and outcomes to fit on."""

    given: Inputs
    happened: Flags

    def take(self, chosen: NDArray[np.intp]) -> "Rows":
        """Give some of the rows, by place."""
        given = {name: values[chosen] for name, values in self.given.items()}
        return replace(self, given=given, happened=self.happened[chosen])


def fit_model(kind: ModelKind, rows: Rows, *, signed: bool, about: About) -> LearnedModel:
    """Fit a model of a kind.

    Args:
        kind: What to fit.
        rows: To fit on; of more than 100,000 a seeded sample.
        signed: Hold every input to its sign.
        about: What the model says of where it comes from.

    Raises:
        ConfigError: The kind needs a library that is not installed.
    """
    features, columns, happened = _prepared(rows, signed=signed)
    signs = [feature.sign for feature in features]
    common = {**vars(about), "kind": kind}
    if kind is ModelKind.LOGISTIC:
        filled = _filled(columns)
        line = fit_line(filled, happened, signs)
        sloped = tuple(
            feature.model_copy(update={"beta": slope})
            for feature, slope in zip(features, line.slopes.tolist(), strict=True)
        )
        spread = tuple(tuple(row) for row in covariance(filled, line, signs).tolist())
        return LearnedModel(**common, features=sloped, intercept=line.intercept, covariance=spread)
    intercept, curves = fit_curves(columns, happened, signs)
    trees = fit_trees(columns, happened, signs) if kind is ModelKind.GBM else None
    return LearnedModel(
        **common, features=features, intercept=intercept, curves=curves, boosted=trees
    )


def free_slopes(rows: Rows) -> dict[str, tuple[float, float]]:
    """Give each input's slope when no sign is asked of it, and its standard error, per sd."""
    features, columns, happened = _prepared(rows, signed=False)
    filled, free = _filled(columns), [0] * len(features)
    line = fit_line(filled, happened, free)
    errors = np.sqrt(np.diag(covariance(filled, line, free))[1:])
    pairs = zip(line.slopes.tolist(), errors.tolist(), strict=True)
    return dict(zip((feature.name for feature in features), pairs, strict=True))


def _prepared(
    rows: Rows, *, signed: bool
) -> tuple[tuple[LearnedFeature, ...], list[Vector], Flags]:
    """Draw the rows to fit on and standardise their inputs."""
    size = len(rows.happened)
    if size > LARGEST:
        chosen = np.random.default_rng(0).choice(size, LARGEST, replace=False)
        rows = rows.take(np.sort(chosen))
    features = tuple(
        _measured(name, sign if signed else 0, rows.given[name])
        for name, sign in SIGNS.items()
        if name in rows.given
    )
    columns = [standardise(feature, rows.given[feature.name]) for feature in features]
    return features, columns, rows.happened


def _measured(name: str, sign: int, values: Vector) -> LearnedFeature:
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if len(known) else 0.0
    spread = float(known.std()) if len(known) else 0.0
    return LearnedFeature(name=name, sign=sign, mean=mean, sd=spread if spread > 1e-12 else 1.0)


def _filled(columns: list[Vector]) -> Matrix:
    """Put standardised inputs beside each other, missing ones at the mean."""
    return np.nan_to_num(np.column_stack(columns), nan=0.0)
