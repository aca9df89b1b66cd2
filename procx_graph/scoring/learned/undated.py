"""Inputs that values without a date would move, so that what the past teaches of them misleads.

A lifetime value, a segment or a last activity without a history is known at present and at no past
moment. An input that it moves has one meaning in training and another in use.

Source: facts on scoring, section 4.1.
"""

import numpy as np
from numpy.typing import NDArray

from procx_graph.base import CustomerBase
from procx_graph.domain.profile import Profile
from procx_graph.scoring.engine import Engine, Scores, score, score_frames
from procx_graph.scoring.learned.inputs import SIGNS, Inputs, inputs

Vector = NDArray[np.float64]

LARGEST = 0.1
"""Mean move, in standard deviations, up to which an input still means the same."""


def moved_inputs(base: CustomerBase, *, profile: Profile, engine: Engine) -> tuple[str, ...]:
    """Name the inputs that are others today than dated rows alone would make them.

    None in a base that is not current: it shows no value without a date.

    Args:
        base: The tables.
        profile: How to score, without a model.
        engine: Where the features are counted.
    """
    if not base.is_current:
        return ()
    today = score(base, profile=profile, engine=engine)
    dated = score_frames(
        {name: base.table(name) for name in base.tables},
        as_of=base.as_of,
        profile=profile,
        is_current=False,
        model=None if today.fit is None else today.fit.model,
    )
    now, then = _inputs(today), _inputs(dated)
    return tuple(name for name in SIGNS if mean_move(now[name], then[name]) > LARGEST)


def mean_move(now: Vector, then: Vector) -> float:
    """Give how far an input moves on average, in standard deviations of what dated rows tell.

    A missing value counts as their mean, as it does in the model. 0 where they tell everybody
    the same or nothing: then nothing is learned of the input.
    """
    known = then[~np.isnan(then)]
    spread = float(known.std()) if len(known) else 0.0
    if spread < 1e-12:
        return 0.0
    middle = float(known.mean())
    filled = (np.where(np.isnan(values), middle, values) for values in (now, then))
    return float(np.abs(np.subtract(*filled)).mean()) / spread


def _inputs(scores: Scores) -> Inputs:
    return inputs(scores.features, scores.health.sub_scores)
