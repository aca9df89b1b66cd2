"""Some customers of a base, ready to buy, complain and answer surveys."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procx_graph.tables.sample.catalogue import Catalogue
from procx_graph.tables.sample.hazard import Latents, Population
from procx_graph.tables.sample.knobs import Ints, Knobs, Stream

IDS = {
    "customers": ("C", 100_000),
    "orders": ("O", 300_000),
    "payments": ("PM", 400_000),
    "support_tickets": ("T", 700_000),
    "customer_events": ("E", 1_000_000),
    "nps_survey": ("NPS", 1_300_000),
}


def ids(table: str, given: int, size: int) -> list[str]:
    """Return the next ids of a table, so many having been given away before."""
    prefix, first = IDS[table]
    return [f"{prefix}{first + given + i}" for i in range(size)]


@dataclass(frozen=True, eq=False)
class Crowd:
    """One part of a base: who the customers are, where they shop, and which ids are taken.

    Attributes:
        knobs: The settings of the world.
        goods: Products and agents, the same for every part.
        population: The customers' latents and fate.
        people: The same customers as people, one row each.
        part: Number of the part.
        given: Rows in the parts before, by table.
    """

    knobs: Knobs
    goods: Catalogue
    population: Population
    people: pd.DataFrame
    part: int
    given: Mapping[str, int]

    @property
    def latents(self) -> Latents:
        """What drives the customers."""
        return self.population.latents

    def rng(self, stream: Stream) -> np.random.Generator:
        """Return the random numbers of one concern in this part."""
        return self.knobs.rng(stream, self.part)

    def ids(self, table: str, size: int) -> list[str]:
        """Return the ids of the rows of a table in this part."""
        return ids(table, self.given[table], size)

    def owners(self, who: Ints) -> pd.DataFrame:
        """Return the people at these positions, one row for each."""
        return self.people.iloc[who].reset_index(drop=True)
