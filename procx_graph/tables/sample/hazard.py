"""Who the customers secretly are, when they leave, and the exact probability that they do.

Source: facts on scoring, section 5. Time is in days since the first quarter.
"""

from dataclasses import dataclass, fields
from math import log

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from procx_graph.errors import ConfigError
from procx_graph.tables.sample.knobs import QUARTER, Flags, Floats, Ints, Knobs, Stream

REFERENCE = 10_000
ROUNDS = 40
STEEPEST = 12.0
ORDINARY_RATE = 2.2


@dataclass(frozen=True, eq=False)
class Latents:
    """What drives each customer and no table shows.

    Attributes:
        rate: Orders a quarter.
        amount: Mean order amount, base currency.
        stress: Financial stress, standard normal.
        mood: Satisfaction, one column per completed quarter.
        start: First quarter of the customer.
        signup: Day of the sign-up, a midnight.
    """

    rate: Floats
    amount: Floats
    stress: Floats
    mood: Floats
    start: Ints
    signup: Floats

    def raw_hazard(self) -> Floats:
        """Return the unscaled inclination to leave after each completed quarter."""
        steady = 0.40 * self.stress - 0.35 * np.log(self.rate)
        return steady[:, None] - 0.75 * self.mood


@dataclass(frozen=True)
class Law:
    """How the hazard becomes a probability: expit(a + b z), z being the standardised hazard.

    Attributes:
        a: Intercept.
        b: Slope, 0 in a world without signal.
        mean: Mean of the raw hazard in the reference population.
        sd: Its standard deviation.
        alive_share: Share of the reference population that is alive at the end.
    """

    a: float
    b: float
    mean: float
    sd: float
    alive_share: float

    def probability(self, raw: Floats) -> Floats:
        """Return the probability to leave in the quarter after."""
        return np.asarray(expit(self.a + self.b * (raw - self.mean) / self.sd), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Population:
    """Customers with their fate.

    Attributes:
        latents: What drives them.
        left: Day they left, a midnight; infinity for those alive at the end.
        p_leave: Probability to leave in the quarter after the end.
        leaves_next: Whether they do; false for those already gone.
    """

    latents: Latents
    left: Floats
    p_leave: Floats
    leaves_next: Flags

    def __len__(self) -> int:
        return len(self.left)

    @property
    def alive(self) -> Flags:
        """Who has not left by the end."""
        return np.isinf(self.left)

    def take(self, rows: Ints) -> "Population":
        """Return the customers at these positions, in this order."""
        parts = {field.name: getattr(self.latents, field.name)[rows] for field in fields(Latents)}
        return Population(
            Latents(**parts), self.left[rows], self.p_leave[rows], self.leaves_next[rows]
        )


def expected_auc(p: Floats) -> float:
    """Return the expected ROC-AUC of probabilities that are exact, as a ratio of expectations.

    Ties count one half. NaN for fewer than two customers.
    """
    if len(p) < 2:
        return float("nan")
    ranked = np.sort(p)
    below = np.concatenate([[0.0], np.cumsum(1 - ranked)])
    first = np.searchsorted(ranked, ranked, side="left")
    last = np.searchsorted(ranked, ranked, side="right")
    among_ties = below[last] - below[first] - (1 - ranked)
    pairs = ranked.sum() * (1 - ranked).sum() - (ranked * (1 - ranked)).sum()
    return float((ranked * (below[first] + 0.5 * among_ties)).sum() / pairs)


def solve(knobs: Knobs) -> Law:
    """Find the law under which the survivors have the wanted base rate and expected AUC.

    Raises:
        ConfigError: No law reaches the wanted AUC at this base rate.
    """
    rng = knobs.rng(Stream.LAW)
    latents = draw_latents(REFERENCE, knobs, rng)
    raw = latents.raw_hazard()
    uniforms = rng.random((REFERENCE, knobs.quarters - 1))
    mean, sd = float(raw.mean()), float(raw.std())
    last = (raw[:, -1] - mean) / sd
    law = Law(log(knobs.base_rate / (1 - knobs.base_rate)), 0.0, mean, sd, 1.0)
    alive = np.zeros(REFERENCE, dtype=np.bool_)
    for _ in range(ROUNDS):
        before, alive = alive, _quarter_left(latents, law.probability(raw), uniforms) < 0
        if np.array_equal(before, alive):
            break
        a, b = _fit(last[alive], knobs)
        law = Law(a, b, mean, sd, float(alive.mean()))
    return law


def draw_population(customers: int, law: Law, knobs: Knobs, rng: np.random.Generator) -> Population:
    """Draw customers under a law, in no order, with the wanted share of departed ones."""
    if knobs.left_share is None:
        return _simulate(customers, law, knobs, rng)
    gone = round(customers * knobs.left_share)
    size = int((customers - gone) / law.alive_share * 1.1) + 50
    universe = _simulate(size, law, knobs, rng)
    while universe.alive.sum() < customers - gone:
        universe = _simulate(2 * len(universe), law, knobs, rng)
    departed = np.flatnonzero(~universe.alive)[:gone]
    staying = np.flatnonzero(universe.alive)[: customers - len(departed)]
    return universe.take(rng.permutation(np.concatenate([staying, departed])))


def draw_latents(customers: int, knobs: Knobs, rng: np.random.Generator) -> Latents:
    """Draw what drives the customers, before anything happens to them."""
    rate = rng.gamma(1.3, knobs.pace / 1.3, customers) + 0.05
    amount = np.exp(rng.normal(4.0, 0.55, customers))
    stress = rng.normal(0.0, 1.0, customers)
    trait = rng.normal(0.0, 0.7, customers)
    mood = np.empty((customers, knobs.quarters))
    mood[:, 0] = trait + 0.75 * rng.normal(size=customers)
    for k in range(1, knobs.quarters):
        kept = 0.75 * (mood[:, k - 1] - trait)
        mood[:, k] = trait + kept + 0.45 * rng.normal(size=customers)

    start = rng.integers(0, knobs.quarters - 1, customers)
    start[rng.random(customers) < 0.35] = 0
    joining = rng.random(customers) < knobs.joining_share
    start[joining] = knobs.quarters - 1
    within = 0.9 * rng.random(customers)
    within[joining] = 2 / 3 + within[joining] / 3
    signup = knobs.midnight(QUARTER * (start + within))
    return Latents(rate, amount, stress, mood, start, signup)


def _simulate(customers: int, law: Law, knobs: Knobs, rng: np.random.Generator) -> Population:
    latents = draw_latents(customers, knobs, rng)
    p = law.probability(latents.raw_hazard())
    quarter = _quarter_left(latents, p, rng.random((customers, knobs.quarters - 1)))
    moment = knobs.midnight(QUARTER * (quarter + rng.random(customers)))
    left = np.where(quarter < 0, np.inf, np.maximum(moment, latents.signup + 1))
    leaves_next = (quarter < 0) & (rng.random(customers) < p[:, -1])
    return Population(latents, left, p[:, -1], leaves_next)


def _quarter_left(latents: Latents, p: Floats, uniforms: Floats) -> Ints:
    """Return the quarter in which each customer left, -1 for those who stayed."""
    quarters = np.arange(uniforms.shape[1])
    leaves = (uniforms < p[:, :-1]) & (quarters >= latents.start[:, None])
    return np.where(leaves.any(axis=1), leaves.argmax(axis=1) + 1, -1)


def _fit(z: Floats, knobs: Knobs) -> tuple[float, float]:
    def intercept(b: float) -> float:
        return float(brentq(lambda a: float(expit(a + b * z).mean()) - knobs.base_rate, -90, 90))

    def excess(b: float) -> float:
        return expected_auc(np.asarray(expit(intercept(b) + b * z))) - target

    target = 0.5 + knobs.signal * (knobs.target_auc - 0.5)
    if target == 0.5:
        return intercept(0.0), 0.0
    if excess(STEEPEST) < 0:
        raise ConfigError(
            f"sample: no world has target_auc={knobs.target_auc} at base_rate={knobs.base_rate}; "
            "ask for less"
        )
    slope = float(brentq(excess, 0.0, STEEPEST))
    return intercept(slope), slope
