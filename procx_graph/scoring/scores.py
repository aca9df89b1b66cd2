"""The scores of a base at one moment, and the reasons behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Driver, Factor
from procx_graph.domain.profile import Profile
from procx_graph.domain.risk import Score
from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.drivers import Ledger, keep_strongest, write_ledger
from procx_graph.scoring.health import Health
from procx_graph.scoring.ranking import DECIMALS
from procx_graph.scoring.risk import Risk
from procx_graph.scoring.silence import Fit


@dataclass(frozen=True, eq=False)
class Scores:
    """The result of scoring a base; all frames and arrays are sorted by customer_id.

    Attributes:
        frame: One row per customer, published numbers, `top_share` and `lifetime_value`.
        features: Raw features per customer: counts, cents, days, and what the purchase model
            expects.
        profile: What made them.
        as_of: The moment they hold for.
        fit: The purchase model; None without an order log.
        health: Unrounded, with every factor.
        risk: Unrounded, with every term.
    """

    frame: pl.DataFrame
    features: pl.DataFrame
    profile: Profile
    as_of: datetime
    fit: Fit | None
    health: Health
    risk: Risk

    def __len__(self) -> int:
        return len(self.frame)

    def state_of(self, customer_id: str) -> CustomerState:
        """Give where one customer stands.

        Raises:
            UnknownCustomer: Nobody has this id.
        """
        if customer_id not in self._places:
            raise UnknownCustomer(customer_id)
        return self._states[self._places[customer_id]]

    def score(self, customer_id: str) -> Score:
        """Give one customer's score with its drivers.

        Raises:
            UnknownCustomer: Nobody has this id.
        """
        return self.scores([customer_id])[customer_id]

    def scores(self, ids: Iterable[str] | None = None) -> dict[str, Score]:
        """Give the scores of some customers, or of all, with their drivers.

        Raises:
            UnknownCustomer: Nobody has one of these ids.
        """
        rows = self._rows(ids)
        names = [
            name
            for name in self.frame.columns
            if not name.startswith("points_") and name != "as_of"
        ]
        found = self.frame.select(names)[rows].iter_rows(named=True)
        return {
            row["customer_id"]: Score(
                **row,
                as_of=self.as_of,
                sub_scores=self._sub_scores(int(place)),
                profile=self.profile_hash,
                drivers=tuple(drivers),
            )
            for place, row, drivers in zip(rows, found, self._drivers(rows), strict=True)
        }

    def drivers(self, ids: Iterable[str] | None = None) -> dict[str, list[Driver]]:
        """Give the strongest reasons of some customers, or of all.

        For health and for risk each the three that hurt most and the one that helps most, in
        this order; no customer without a reason is left out.

        Raises:
            UnknownCustomer: Nobody has one of these ids.
        """
        rows = self._rows(ids)
        names = self.frame["customer_id"][rows].to_list()
        return dict(zip(names, self._drivers(rows), strict=True))

    def ledger(self, customer_id: str) -> Ledger:
        """Give everything that adds up to one customer's health and risk.

        Raises:
            UnknownCustomer: Nobody has this id.
        """
        (row,) = self._rows([customer_id])
        return write_ledger(self.features, self.health, self.risk, self.profile, int(row))

    def to_frame(self, *, drivers: bool = True) -> pd.DataFrame:
        """Give the score table as pandas, sorted by customer_id.

        Args:
            drivers: Add the column `drivers`, a list of JSON-able dicts per customer.
        """
        frame = self.frame.drop("top_share", "lifetime_value").to_pandas()
        frame["rank"] = self.frame["rank"].to_pandas().astype("Int64")
        if drivers:
            rows = np.arange(len(self))
            kept = keep_strongest(self.features, self.health, self.risk, self.profile, rows)
            frame["drivers"] = pd.Series(kept.per_customer(rows), dtype=object)
        return frame

    def _drivers(self, rows: NDArray[np.int64]) -> list[list[Driver]]:
        kept = keep_strongest(self.features, self.health, self.risk, self.profile, rows)
        return [[Driver.model_validate(r) for r in reasons] for reasons in kept.per_customer(rows)]

    def _sub_scores(self, row: int) -> dict[Factor, float | None]:
        pairs = zip(Factor, self.health.sub_scores[row], self.health.known[row], strict=True)
        return {
            factor: round(float(value), DECIMALS) if known else None
            for factor, value, known in pairs
        }

    def _rows(self, ids: Iterable[str] | None) -> NDArray[np.int64]:
        if ids is None:
            return np.arange(len(self))
        places = self._places
        wanted = list(dict.fromkeys(ids))
        for name in wanted:
            if name not in places:
                raise UnknownCustomer(name)
        return np.array([places[name] for name in wanted], dtype=np.int64)

    @cached_property
    def profile_hash(self) -> str:
        """The profile's hash, computed once."""
        return self.profile.hash

    @cached_property
    def _states(self) -> list[CustomerState]:
        return [CustomerState(state) for state in self.frame["state"]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.frame["customer_id"].to_list())}
