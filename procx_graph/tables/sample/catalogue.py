"""Products, support teams and agents of the invented shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from procx_graph.tables.sample.knobs import Floats, Ints, Knobs, Stream, Words
from procx_graph.tables.sample.resources import draw, word_list

FIRST_PRODUCT = 200_000
AGENTS = 30
ROLES = ("Agent", "Senior Agent", "Team Lead", "Manager")
WARRANTY = {"Electronics": 24, "Home & Kitchen": 12, "Sports": 6, "Toys": 6, "Beauty": 3}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is sold, and who answers when it goes wrong.

    Attributes:
        products: Table `products`, sorted by price within a category.
        teams: Table `escalation_matrix`.
        agents: Table `agent_profiles`.
    """

    products: pd.DataFrame
    teams: pd.DataFrame
    agents: pd.DataFrame

    @cached_property
    def categories(self) -> Words:
        """The product categories, in their order."""
        return self.products["category"].unique().astype(object)

    def near_price(self, category: Words, price: Floats) -> Ints:
        """Return the position of the product of that category that costs about so much."""
        found = np.zeros(len(price), dtype=np.int64)
        for name in self.categories:
            wanted = np.flatnonzero(category == name)
            rows = np.flatnonzero(self.products["category"] == name)
            prices = self.products["price"].to_numpy()[rows]
            near = np.searchsorted(prices, price[wanted]).clip(max=len(rows) - 1)
            found[wanted] = rows[near]
        return found


def catalogue(knobs: Knobs) -> Catalogue:
    """Draw prices, stocks and agents."""
    rng = knobs.rng(Stream.CATALOGUE)
    words = word_list("catalogue")
    teams = pd.DataFrame(words["teams"])
    return Catalogue(_products(words, rng), teams, _agents(list(teams["team"]), rng))


def _products(words: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (f"{brand} {item}", category, subcategory, price)
        for category, groups in words["items"].items()
        for subcategory, items in groups.items()
        for item, price in items.items()
        for brand in words["brands"]
    ]
    products = pd.DataFrame(rows, columns=["name", "category", "subcategory", "price"])
    size = len(products)
    products["price"] = np.ceil(products["price"] * np.exp(rng.normal(0, 0.3, size))) - 0.01
    products = products.sort_values(["category", "price", "name"], ignore_index=True)
    products.insert(0, "product_id", [f"P{FIRST_PRODUCT + i}" for i in range(size)])
    products.insert(1, "sku", [f"SKU-{FIRST_PRODUCT + 3 * i}" for i in range(size)])
    products["warranty_months"] = products["category"].map(WARRANTY).fillna(0).astype(np.int64)
    products["stock_qty"] = rng.integers(0, 400, size)
    return products


def _agents(teams: list[str], rng: np.random.Generator) -> pd.DataFrame:
    names = word_list("people")["names"]
    spoken = ("hi", "ta", "te", "bn", "en")
    role = draw((50, 30, 13, 7), AGENTS, rng)
    rows = []
    for i in range(AGENTS):
        own = spoken[(i // len(teams)) % len(spoken)]
        first, last = (rng.choice([name[0] for name in names[own][kind]]) for kind in names[own])
        second = spoken[int(rng.integers(0, 4))]
        languages = dict.fromkeys(("en", own, second))
        rows.append(
            {
                "agent_id": f"agent_{i + 1:03d}",
                "name": f"{first} {last}",
                "role": ROLES[role[i]],
                "team": teams[i % len(teams)],
                "languages": ",".join(languages),
            }
        )
    agents = pd.DataFrame(rows)
    agents.insert(4, "avg_resolution_time_hours", rng.uniform(8, 40, AGENTS).round(2))
    agents.insert(5, "manual_actions_count", rng.integers(200, 1500, AGENTS))
    agents.insert(6, "auto_actions_count", rng.integers(50, 800, AGENTS))
    return agents
