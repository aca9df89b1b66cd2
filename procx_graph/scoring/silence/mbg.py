"""MBG/NBD in closed form: what a purchase model expects of each buyer.

While customers stay, they buy at a rate drawn from Gamma(r, alpha); after every purchase, the
first included, they leave with a probability drawn from Beta(a, b).

Every function is element-wise: a buyer's number is the same to the bit alone and among a million.

Source: Batislam, Denizel, Filiztekin 2007; facts on scoring, section 4.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procx_graph.domain.profile import PurchaseModel

Vector = NDArray[np.float64]

STEEPEST = 600.0
"""Largest logarithm of a ratio that is told from a larger one; its exponential is finite."""
BLOCK = 8192
"""Buyers worked on at a time, so that what is between input and result stays in the cache."""


@dataclass(frozen=True, eq=False)
class Histories:
    """What the model reads of each buyer; three vectors of one length, time in one unit.

    The vectors are kept contiguous: on processors with AVX-512, numpy's exp and log give other
    last bits for a reversed view than for its copy, and the same ones at every place otherwise.
    """

    x: Vector
    """Repeat purchase days."""
    t: Vector
    """Time from the first to the last purchase; 0 without a repeat."""
    T: Vector
    """Time from the first purchase to as_of."""

    def __post_init__(self) -> None:
        for name in ("x", "t", "T"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), np.float64))

    def __len__(self) -> int:
        return len(self.x)

    def part(self, start: int, end: int) -> "Histories":
        """Give some consecutive buyers, without a copy."""
        return Histories(self.x[start:end], self.t[start:end], self.T[start:end])


@dataclass(frozen=True, eq=False)
class Prospects:
    """What the model expects of each buyer; four vectors in the order of the histories."""

    alive: Vector
    """P(still a customer), in [0, 1]."""
    silent: Vector
    """P(no purchase within the horizon after as_of), in [0, 1]."""
    silent_fresh: Vector
    """The same had they just bought; never above `silent`."""
    ln_rate: Vector
    """Logarithm of the expected purchase days per unit of time while still a customer."""


def prospects(model: PurchaseModel, histories: Histories, horizon: float) -> Prospects:
    """Give everything the model expects of each buyer, logarithms shared.

    Args:
        model: Parameters in the time unit of the histories.
        histories: Of the buyers.
        horizon: Time after as_of, in the same unit.
    """
    table = np.empty((4, len(histories)))
    for start in range(0, len(histories), BLOCK):
        end = min(start + BLOCK, len(histories))
        block = histories.part(start, end)
        stays, buys = alive(model, block), _buys_if_alive(model, block, horizon)
        table[0, start:end] = stays
        table[1, start:end] = 1 - stays * buys
        table[2, start:end] = 1 - buys * (1 / (1 + model.a / (model.b + block.x)))
        table[3, start:end] = np.log(rate(model, block))
    return Prospects(*table)


def alive(model: PurchaseModel, histories: Histories) -> Vector:
    """Give P(still a customer), in [0, 1]."""
    x = histories.x
    ratio = (model.alpha + histories.T) / (model.alpha + histories.t)
    grown = np.exp(np.minimum((model.r + x) * np.log(ratio), STEEPEST))
    result: Vector = 1 / (1 + model.a / (model.b + x) * grown)
    return result


def silent(model: PurchaseModel, histories: Histories, horizon: float) -> Vector:
    """Give P(no purchase within the horizon after as_of), in [0, 1]."""
    return 1 - alive(model, histories) * _buys_if_alive(model, histories, horizon)


def rate(model: PurchaseModel, histories: Histories) -> Vector:
    """Give the expected purchase days per unit of time while still a customer."""
    return (model.r + histories.x) / (model.alpha + histories.T)


def _buys_if_alive(model: PurchaseModel, histories: Histories, horizon: float) -> Vector:
    """Give P(a purchase within the horizon) of those who are still customers."""
    age = model.alpha + histories.T
    result: Vector = -np.expm1((model.r + histories.x) * np.log(age / (age + horizon)))
    return result
