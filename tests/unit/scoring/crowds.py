"""Buyers drawn from the purchase model itself, so that its parameters are known."""

import numpy as np

from procx_graph.domain.profile import PurchaseModel
from procx_graph.scoring.silence.mbg import Histories

USUAL = PurchaseModel(r=0.84, alpha=58, a=0.35, b=1.6)
"""A shop like those of the benchmark."""
BUSY = PurchaseModel(r=1.0, alpha=6, a=0.1, b=2.5)
"""A shop whose customers come twice a week."""


def draw_buyers(
    customers: int, model: PurchaseModel = USUAL, *, longest: int = 1000, seed: int = 0
) -> Histories:
    """Draw histories in whole days, first purchases spread over the `longest` days before as_of."""
    rng = np.random.default_rng(seed)
    pace = rng.gamma(model.r, 1 / model.alpha, customers)
    leaves = rng.beta(model.a, model.b, customers).clip(1e-9)
    age = rng.integers(1, longest + 1, customers).astype(float)
    would_buy, stays_for = rng.poisson(pace * age), rng.geometric(leaves) - 1
    x = np.minimum(would_buy, stays_for)
    place_in_life = rng.beta(x.clip(1), would_buy - x + 1)
    t = np.where(x > 0, np.maximum(np.round(age * place_in_life), 1), 0)
    return Histories(x=np.minimum(x, t).astype(float), t=t, T=age)
