"""The scores of a base at one moment, and the reasons behind them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Driver
from procx_graph.domain.profile import Profile
from procx_graph.domain.risk import Score
from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.appraise import Setting
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.health.weighing import Health, Matrix, medians
from procx_graph.scoring.published import as_scores
from procx_graph.scoring.ranking import Standing
from procx_graph.scoring.reasons.drivers import Evidence, Ledger, keep_strongest, write_ledger
from procx_graph.scoring.risk.assess import Risk
from procx_graph.scoring.risk.norms import Norms
from procx_graph.scoring.silence.fit import Fit


@dataclass(frozen=True, eq=False)
class Provenance:
    """Where scores come from.

    Attributes:
        as_of: The moment the data was seen from.
        is_current: Whether nothing in the data is later.
        fingerprint: Gives the short hash of the data; it reads all of it, so only when asked for.
    """

    as_of: datetime
    is_current: bool
    fingerprint: Callable[[], str]
    source: str = "frames"
    """What the data is called."""


@dataclass(frozen=True, eq=False)
class Scores:
    """The result of scoring a base; all frames and arrays are sorted by customer_id.

    Attributes:
        frame: One row per customer, published numbers, `top_share`, `lifetime_value` and, where
            the risk is learned, the ends of its 80 % interval.
        features: Raw features per customer: counts, cents, days, and what the purchase model
            expects.
        setting: Profile, peers and purchase model.
        norms: Averages of the risk.
        provenance: Where they come from.
        health: Unrounded, with every factor.
        risk: Unrounded, with every term.
    """

    frame: pl.DataFrame
    features: pl.DataFrame
    setting: Setting
    norms: Norms
    provenance: Provenance
    health: Health
    risk: Risk

    @property
    def profile(self) -> Profile:
        """What made them."""
        return self.setting.profile

    @property
    def as_of(self) -> datetime:
        """The moment they hold for."""
        return self.setting.as_of

    @property
    def fit(self) -> Fit | None:
        """The purchase model; None without an order log."""
        return self.setting.fit

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of the data."""
        return self.provenance.fingerprint()

    @cached_property
    def cohort(self) -> Cohort:
        """The statistics with which one customer alone gets these same scores."""
        return Cohort(
            setting=self.setting,
            norms=self.norms,
            medians=self._medians,
            standing=Standing.of(self.frame),
            is_current=self.provenance.is_current,
            fingerprint=self.fingerprint,
            source=self.provenance.source,
        )

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
        scores = as_scores(
            self.frame[rows], self.health.part(rows), self.profile_hash, self._drivers(rows)
        )
        return {one.customer_id: one for one in scores}

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
        return write_ledger(self._evidence, int(row))

    def to_frame(self, *, drivers: bool = True) -> pd.DataFrame:
        """Give the score table as pandas, sorted by customer_id.

        Args:
            drivers: Add the column `drivers`, a list of JSON-able dicts per customer.
        """
        frame = self.frame.drop("top_share", "lifetime_value", *self._unused_ends).to_pandas()
        frame["rank"] = self.frame["rank"].to_pandas().astype("Int64")
        if drivers:
            rows = np.arange(len(self))
            kept = keep_strongest(self._evidence, rows)
            frame["drivers"] = pd.Series(kept.per_customer(rows), dtype=object)
        return frame

    def _drivers(self, rows: NDArray[np.int64]) -> list[list[Driver]]:
        kept = keep_strongest(self._evidence, rows)
        return [[Driver.model_validate(r) for r in reasons] for reasons in kept.per_customer(rows)]

    def _rows(self, ids: Iterable[str] | None) -> NDArray[np.int64]:
        if ids is None:
            return np.arange(len(self))
        places = self._places
        wanted = list(dict.fromkeys(ids))
        for name in wanted:
            if name not in places:
                raise UnknownCustomer(name)
        return np.array([places[name] for name in wanted], dtype=np.int64)

    @property
    def _evidence(self) -> Evidence:
        return Evidence(self.features, self.health, self.risk, self.profile, self._medians)

    @property
    def _unused_ends(self) -> tuple[str, ...]:
        return ("churn_risk_low", "churn_risk_high") if self.risk.low is None else ()

    @cached_property
    def _medians(self) -> Matrix:
        return medians([self.health.frame])

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
