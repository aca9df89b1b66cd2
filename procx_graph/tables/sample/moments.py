"""When things happen to a customer: Poisson counts a quarter, at uniform times."""

from dataclasses import dataclass

import numpy as np

from procx_graph.tables.sample.hazard import Population
from procx_graph.tables.sample.knobs import QUARTER, Floats, Ints


@dataclass(frozen=True, eq=False)
class Moments:
    """Happenings, sorted by customer and then by time.

    Attributes:
        who: Position of the customer in the population.
        day: Days since the start.
        mood: Satisfaction of the customer in that quarter.
    """

    who: Ints
    day: Floats
    mood: Floats

    def __len__(self) -> int:
        return len(self.who)

    def latest_before(self, who: Ints, day: Floats) -> Ints:
        """Return, for other moments, the position of the customer's latest one; -1 for none."""
        if len(self) == 0:
            return np.full(len(who), -1, dtype=np.int64)
        span = 10_000.0
        found = np.searchsorted(self.who * span + self.day, who * span + day) - 1
        return np.where(self.who[found] == who, found, -1)


def emit(population: Population, rate: Floats, rng: np.random.Generator) -> Moments:
    """Draw what happens while a customer is one: after the sign-up and before leaving.

    Args:
        population: The customers.
        rate: Expected number a quarter, one row per customer and one column per quarter.
        rng: Where the randomness comes from.
    """
    quarters = np.arange(rate.shape[1])
    latents = population.latents
    last_day = np.minimum(population.left, QUARTER * rate.shape[1])
    there = (quarters >= latents.start[:, None]) & (QUARTER * quarters < last_day[:, None])
    counts = rng.poisson(np.where(there, rate, 0.0))
    who, quarter = (
        np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1)
    )
    day = QUARTER * (quarter + rng.random(len(who)))
    kept = (day > latents.signup[who]) & (day < last_day[who])
    who, quarter, day = who[kept], quarter[kept], day[kept]
    order = np.lexsort((day, who))
    return Moments(who[order], day[order], latents.mood[who, quarter][order])
