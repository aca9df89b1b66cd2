"""Reasons behind scores: contributions that add up exactly, the strongest of them, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Driver, DriverUnit, Factor, Measure
from procx_graph.domain.profile import Profile
from procx_graph.scoring.health.weighing import Health
from procx_graph.scoring.ranking import DECIMALS
from procx_graph.scoring.reasons.wording import SURE, of_factor, of_term
from procx_graph.scoring.risk.assess import Risk

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]
Claims = NDArray[np.bool_]

HARMFUL, HELPFUL = 3, 1
"""How many reasons of each kind are kept per measure."""
NOTABLE = {Measure.HEALTH: 0.05, Measure.RISK: 0.1}
"""Smallest contribution that is a reason: points of health, log-odds of risk."""
PRAISED = 0.75
"""Least sub-score of a factor that helps; a bad one may be above the base's median all the same."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What reasons are taken from: some customers, and what their health is compared with."""

    features: pl.DataFrame
    health: Health
    risk: Risk
    profile: Profile
    medians: Matrix
    """Median sub-score of each factor over the base."""

    @property
    def words(self) -> pl.DataFrame:
        """The features that texts are made of."""
        return self.features.with_columns(self.health.frame["health"])


@dataclass(frozen=True, eq=False)
class Account:
    """The contributions to one measure: a row per customer asked for, a column per name."""

    measure: Measure
    unit: DriverUnit
    names: tuple[str, ...]
    contributions: Matrix
    wording: Callable[[str, Profile], pl.Expr]
    bad: dict[str, Claims]
    """By name, who may be told it as bad news; everybody where it is not here."""
    good: dict[str, Claims]
    """By name, who may be told it as good news; everybody where it is not here."""

    @property
    def harm(self) -> Matrix:
        """What may be told as bad news, positive where it is: less health, more risk."""
        return self._told(self.bad, -1 if self.measure is Measure.HEALTH else 1)

    @property
    def merit(self) -> Matrix:
        """What may be told as good news, positive where it is: more health, less risk."""
        return self._told(self.good, 1 if self.measure is Measure.HEALTH else -1)

    def _told(self, claims: dict[str, Claims], sign: int) -> Matrix:
        columns = zip(self.names, self.contributions.T, strict=True)
        told = [np.where(claims.get(name, True), sign * column, 0.0) for name, column in columns]
        return np.column_stack(told)


@dataclass(frozen=True)
class Ledger:
    """Everything that adds up to one customer's scores.

    Attributes:
        health: Contributions in points; they add up to `health_score - health_baseline`.
        risk: Contributions in log-odds; they add up to those of the risk minus those of the
            baseline. Empty for churned customers.
        health_score: Unrounded.
        health_baseline: Health of a customer with a median sub-score in each known factor.
        churn_risk: Unrounded; None for churned customers.
        risk_baseline: Mean churn risk of the active base, or the rule's base rate.
    """

    health: tuple[Driver, ...]
    risk: tuple[Driver, ...]
    health_score: float
    health_baseline: float
    churn_risk: float | None
    risk_baseline: float


@dataclass(frozen=True, eq=False)
class Kept:
    """The strongest reasons of many customers: a long frame sorted by row and place."""

    frame: pl.DataFrame

    def per_customer(self, rows: Rows) -> list[list[dict[str, Any]]]:
        """Give the reasons of each row as dicts, in the order of the rows."""
        names = ("of", "factor", "contribution", "unit", "text")
        grouped = self.frame.group_by("row", maintain_order=True).agg(
            pl.struct(names).alias("drivers")
        )
        wanted = pl.DataFrame({"row": rows}, schema={"row": pl.Int64})
        joined = wanted.join(grouped, on="row", how="left", maintain_order="left")
        return [reasons or [] for reasons in joined["drivers"].to_list()]


def keep_strongest(evidence: Evidence, rows: Rows) -> Kept:
    """Keep the three reasons that hurt most and the one that helps most, per measure.

    Args:
        evidence: Of many customers.
        rows: Positions of those asked for.
    """
    words, accounts = evidence.words, _accounts(evidence, rows)
    parts = [
        part for account in accounts for part in _parts(account, rows, words, evidence.profile)
    ]
    return Kept(pl.concat(parts).sort("row", "measure", "place"))


def write_ledger(evidence: Evidence, row: int) -> Ledger:
    """Write down every contribution of one customer, unrounded."""
    rows, health, risk = np.array([row]), evidence.health, evidence.risk
    words = evidence.words[rows]
    of_health, of_risk = (
        tuple(
            Driver(
                of=account.measure,
                factor=name,
                contribution=float(value),
                unit=account.unit,
                text=words.select(account.wording(name, evidence.profile)).item(),
            )
            for name, value in zip(account.names, account.contributions[0], strict=True)
            if value != 0
        )
        for account in _accounts(evidence, rows)
    )
    churned = evidence.features["state"][row] == CustomerState.CHURNED.value
    above_typical = sum(driver.contribution for driver in of_health)
    return Ledger(
        health=of_health,
        risk=of_risk,
        health_score=float(health.score[row]),
        health_baseline=float(health.score[row]) - above_typical,
        churn_risk=None if churned else float(risk.probability[row]),
        risk_baseline=risk.baseline,
    )


def _accounts(evidence: Evidence, rows: Rows) -> tuple[Account, Account]:
    features, health, risk = evidence.features, evidence.health, evidence.risk
    churned = (features["state"][rows] == CustomerState.CHURNED.value).to_numpy()
    terms = np.column_stack([term[rows] for term in risk.terms.values()])
    factors = tuple(factor.value for factor in Factor)
    own = health.part(rows)
    praised = dict(zip(factors, own.sub_scores.T >= PRAISED, strict=True))
    doubtful = features["p_alive"][rows].fill_null(0.0).to_numpy() < SURE
    return (
        Account(
            Measure.HEALTH,
            DriverUnit.POINTS,
            factors,
            own.contributions(evidence.profile, evidence.medians),
            of_factor,
            bad={},
            good=praised,
        ),
        Account(
            Measure.RISK,
            DriverUnit.LOG_ODDS,
            tuple(risk.terms),
            np.where(churned[:, None], 0.0, terms),
            of_term,
            bad={"silence": doubtful},
            good=praised | {"support": praised[Factor.SUPPORT_HISTORY.value]},
        ),
    )


def _parts(
    account: Account, rows: Rows, words: pl.DataFrame, profile: Profile
) -> Iterator[pl.DataFrame]:
    """Give each name's contributions where they are among the strongest."""
    places = _places(account.harm, account.merit, NOTABLE[account.measure])
    for column, name in enumerate(account.names):
        kept = places[:, column] >= 0
        yield words[rows[kept]].select(
            pl.Series("row", rows[kept], dtype=pl.Int64),
            pl.lit(list(Measure).index(account.measure)).alias("measure"),
            pl.Series("place", places[kept, column]),
            pl.lit(account.measure.value).alias("of"),
            pl.lit(name).alias("factor"),
            pl.Series("contribution", account.contributions[kept, column].round(DECIMALS)),
            pl.lit(account.unit.value).alias("unit"),
            account.wording(name, profile).alias("text"),
        )


def _places(harm: Matrix, merit: Matrix, notable: float) -> NDArray[np.int64]:
    """Give each contribution its place among the reasons kept, -1 where it is not kept."""
    hurts, helps = _order(harm), _order(merit)
    return np.where(
        (hurts < HARMFUL) & (harm > notable),
        hurts,
        np.where((helps < HELPFUL) & (merit > notable), HARMFUL + helps, -1),
    )


def _order(values: Matrix) -> NDArray[np.int64]:
    """Give each value its place in its row, the largest first."""
    largest_first = np.argsort(-values, axis=1, kind="stable")
    return np.argsort(largest_first, axis=1, kind="stable")
