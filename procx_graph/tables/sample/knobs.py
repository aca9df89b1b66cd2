"""What a synthetic world is asked to be, and its seeded streams of random numbers."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procx_graph.errors import ConfigError

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Stamps: TypeAlias = NDArray[np.datetime64]
Words: TypeAlias = NDArray[np.object_]

ScoreMode = Literal["noise", "informative", "leaky"]

AS_OF = datetime(2025, 10, 9, tzinfo=UTC)
QUARTER = 90
DAY = 86_400


class Stream(IntEnum):
    """One stream of random numbers per concern, so that a new ticket text moves no order."""

    LAW = 1
    LATENTS = 2
    PEOPLE = 3
    CATALOGUE = 4
    ORDERS = 5
    PAYMENTS = 6
    VISITS = 7
    TICKETS = 8
    SURVEYS = 9
    LABELS = 10


@dataclass(frozen=True)
class Knobs:
    """The settings of a world; every one of them is in `World.meta`.

    Attributes:
        seed: Seed of everything random.
        as_of: Moment the tables were cut, aware, kept in UTC, between 1980 and 2200.
        quarters: Quarters of 90 days before `as_of`, at least 2.
        base_rate: Mean probability in (0, 1) that a living customer leaves in the next quarter.
        target_auc: Expected ROC-AUC in [.5, 1) of the exact probabilities, at signal 1.
        signal: Share in [0, 1] of the lift over .5 that is left; 0 makes every probability equal.
        obs: How many and how precise the observations are, above 0; 2 is ordinary.
        pace: Mean orders a quarter, above 0; facts on scoring measured 2.2.
        score: What `predicted_churn_score` holds: noise, the probability with noise, or a leak.
        left_share: Share of the listed customers who have left, the others being archived at
            random; None lists everybody who ever signed up.
        joining_share: Share of those who ever signed up who did so in the last 30 days.
    """

    seed: int = 7
    as_of: datetime = AS_OF
    quarters: int = 11
    base_rate: float = 0.10
    target_auc: float = 0.85
    signal: float = 1.0
    obs: float = 2.0
    pace: float = 1.4
    score: ScoreMode = "noise"
    left_share: float | None = 0.065
    joining_share: float = 0.02

    def __post_init__(self) -> None:
        """Refuse settings that describe no world."""
        wrong = {
            "seed": self.seed < 0,
            "as_of": self.as_of.tzinfo is None or not 1980 <= self.as_of.year <= 2200,
            "quarters": not 2 <= self.quarters <= 40,
            "base_rate": not 0 < self.base_rate < 1,
            "target_auc": not 0.5 <= self.target_auc < 1,
            "signal": not 0 <= self.signal <= 1,
            "obs": not 0 < self.obs <= 20,
            "pace": not 0 < self.pace <= 100,
            "score": self.score not in ("noise", "informative", "leaky"),
            "left_share": self.left_share is not None and not 0 <= self.left_share < 1,
            "joining_share": not 0 <= self.joining_share <= 1,
        }
        for name in (name for name, is_wrong in wrong.items() if is_wrong):
            value = getattr(self, name)
            raise ConfigError(f"sample: {name}={value!r} is out of range; see Knobs for its range")
        object.__setattr__(self, "as_of", self.as_of.astimezone(UTC))

    @property
    def horizon(self) -> int:
        """Days from the first quarter to `as_of`."""
        return QUARTER * self.quarters

    def rng(self, stream: Stream, part: int = 0) -> np.random.Generator:
        """Return the random numbers of one concern in one part of the base."""
        return np.random.default_rng([self.seed, part, stream])

    def stamps(self, days: Floats) -> Stamps:
        """Turn days since the start into naive UTC times, to the second below."""
        seconds = np.floor((days - self.horizon) * DAY).astype(np.int64)
        return (self._now() + seconds.astype("timedelta64[s]")).astype("datetime64[us]")

    def dates(self, days: Floats) -> Stamps:
        """Turn days since the start into midnights."""
        return self.stamps(days).astype("datetime64[D]").astype("datetime64[us]")

    def days(self, stamps: Stamps) -> Floats:
        """Turn naive UTC times into days since the start."""
        return (stamps - self._now()) / np.timedelta64(DAY, "s") + self.horizon

    def midnight(self, days: Floats) -> Floats:
        """Round days since the start down to the midnight before."""
        return self.days(self.dates(days))

    def summary(self) -> dict[str, float | int | str]:
        """Return the settings as plain values, the unset ones left out."""
        values = asdict(self) | {"as_of": self.as_of.isoformat()}
        return {name: value for name, value in values.items() if value is not None}

    def _now(self) -> np.datetime64:
        start = datetime(1970, 1, 1, tzinfo=UTC)
        return np.datetime64((self.as_of - start) // timedelta(seconds=1), "s")
