"""How good a ranking is and how true a probability, measured on what then happened.

All take numpy vectors of one length: `risk` (any number that rises with the risk; a probability
where it says so) and `happened`. Tied risks share what they earn, so that no measure depends on
the order of rows. NaN is "cannot be told": nobody, or only one outcome.

Source: facts on scoring, sections 3.2 and 4.6.
"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(risk: Vector, happened: Flags) -> float:
    """Give the share of pairs in which the one to whom it happened had the higher risk.

    In [0, 1], .5 is chance; ties count half. NaN if it happened to nobody or to everybody.
    """
    distinct, place = np.unique(risk, return_inverse=True)
    return _area(place, len(distinct), happened, np.ones(len(risk)))


def auc_interval(
    risk: Vector, happened: Flags, *, draws: int = 300, seed: int = 0
) -> tuple[float, float]:
    """Give the 95 % bootstrap interval of the AUC: rows drawn with replacement.

    Draws in which only one outcome occurs are left out; NaN where no other is.

    Args:
        risk: Ranks the customers.
        happened: To whom it happened.
        draws: How often to draw.
        seed: Of the draws; the same seed gives the same interval.
    """
    rng, size = np.random.default_rng(seed), len(risk)
    distinct, place = np.unique(risk, return_inverse=True)
    areas = np.full(draws, np.nan)
    for draw in range(draws if size else 0):
        weight = np.bincount(rng.integers(0, size, size), minlength=size).astype(float)
        areas[draw] = _area(place, len(distinct), happened, weight)
    known = areas[~np.isnan(areas)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def pr_auc(risk: Vector, happened: Flags) -> float:
    """Give the average precision: the mean precision over those to whom it happened.

    In [0, 1]; the base rate is chance. NaN if it happened to nobody.
    """
    if not happened.any():
        return float("nan")
    _, hits, sizes = _groups(-risk, happened.astype(float))
    precision = hits.cumsum() / sizes.cumsum()
    return float(precision @ hits / hits.sum())


def lift(risk: Vector, happened: Flags, *, share: float = 0.1) -> float:
    """Give how much more often it happened in the top share than in all; 1 is chance."""
    if not happened.any():
        return float("nan")
    top = _top(risk, share)
    return float((top @ happened) / top.sum() / happened.mean())


def brier(risk: Vector, happened: Flags) -> float:
    """Give the mean squared distance between probability and outcome; 0 is best, NaN for nobody."""
    return float(np.mean((risk - happened) ** 2)) if len(risk) else float("nan")


def calibration_error(risk: Vector, happened: Flags, *, groups: int = 10) -> float:
    """Give the mean distance between probability and frequency over groups of equal size (ECE).

    Weighted by the size of the groups; NaN for nobody.
    """
    distances = [
        abs(float(predicted) - float(found)) * size
        for predicted, found, size in calibration(risk, happened, groups=groups)
    ]
    return sum(distances) / len(risk) if len(risk) else float("nan")


def calibration(
    risk: Vector, happened: Flags, *, groups: int = 10
) -> list[tuple[float, float, int]]:
    """Give mean probability, frequency and size of groups of equal size, by rising probability."""
    order = np.argsort(risk, kind="stable")
    sorted_risk, shared = risk[order], _share_ties(risk, happened.astype(float))[order]
    places = np.array_split(np.arange(len(risk)), groups)
    return [
        (float(sorted_risk[place].mean()), float(shared[place].mean()), len(place))
        for place in places
        if len(place)
    ]


def captured(ranking: Vector, value: Vector, happened: Flags, *, share: float = 0.1) -> float:
    """Give the share of the value that was lost which the head of a ranking holds.

    Args:
        ranking: The highest come first.
        value: Worth of each customer, not negative.
        happened: To whom it happened; only their value counts.
        share: Size of the head, as a share of all.

    Returns:
        In [0, 1]; NaN if no value was lost.
    """
    lost = value * happened
    total = float(lost.sum())
    return float(_top(ranking, share) @ lost) / total if total > 0 else float("nan")


def _area(place: NDArray[np.intp], distinct: int, happened: Flags, weight: Vector) -> float:
    """Give the AUC of weighted rows whose risks are the `distinct` ones, by place."""
    yes = np.bincount(place, weight * happened, minlength=distinct)
    no = np.bincount(place, weight * ~happened, minlength=distinct)
    pairs = yes.sum() * no.sum()
    return float(yes @ (no.cumsum() - no / 2) / pairs) if pairs > 0 else float("nan")


def _groups(key: Vector, hits: Vector) -> tuple[NDArray[np.intp], Vector, Vector]:
    """Give each row's group of equal keys, and the hits and the size of each group."""
    _, place, sizes = np.unique(key, return_inverse=True, return_counts=True)
    sums = np.bincount(place, hits, minlength=len(sizes)).astype(float)
    return place.astype(np.intp), sums, sizes.astype(float)


def _share_ties(risk: Vector, values: Vector) -> Vector:
    """Give everybody the mean value of those with the same risk."""
    place, sums, sizes = _groups(risk, values)
    shared: Vector = (sums / sizes)[place]
    return shared


def _top(ranking: Vector, share: float) -> Vector:
    """Give everybody's part in the head of a ranking; those tied at its end share the rest."""
    wanted = max(1.0, np.floor(share * len(ranking) + 0.5))
    place, _, sizes = _groups(-ranking, np.zeros(len(ranking)))
    before = sizes.cumsum() - sizes
    part: Vector = np.clip((wanted - before) / sizes, 0.0, 1.0)[place]
    return part
