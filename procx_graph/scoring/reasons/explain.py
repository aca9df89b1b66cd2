"""One customer's scores taken apart, for a person to read."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from procx_graph.base import CustomerBase
from procx_graph.domain.health import Driver, Measure
from procx_graph.domain.profile import Profile
from procx_graph.domain.risk import Score
from procx_graph.scoring.engine import score
from procx_graph.scoring.reasons import waterfall
from procx_graph.scoring.reasons.drivers import Ledger
from procx_graph.scoring.scores import Scores


@dataclass(frozen=True)
class Explanation:
    """A score, and everything that adds up to it.

    Attributes:
        score: As published, rounded.
        ledger: Every contribution, unrounded, and the baselines they start from.
        profile: Name of the profile.
    """

    score: Score
    ledger: Ledger
    profile: str

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-able values."""
        return {
            "customer_id": self.score.customer_id,
            "profile": {"name": self.profile, "hash": self.score.profile},
            "score": self.score.model_dump(mode="json", exclude={"drivers"}),
            "health": {
                "score": self.ledger.health_score,
                "baseline": self.ledger.health_baseline,
                "contributions": [driver.model_dump(mode="json") for driver in self.ledger.health],
            },
            "risk": {
                "score": self.ledger.churn_risk,
                "baseline": self.ledger.risk_baseline,
                "contributions": [driver.model_dump(mode="json") for driver in self.ledger.risk],
            },
        }

    def __str__(self) -> str:
        sections = [self._title(), f"Health: {self._health()}", *_lines(self.ledger.health)]
        return "\n".join([*sections, f"Churn risk: {self._risk()}", *_lines(self.ledger.risk)])

    def _repr_html_(self) -> str:
        return (
            f"<h4>{escape(self._title())}</h4>"
            f"<p>Health: {escape(self._health())}</p>"
            f"{self._health_drawn()}{_table(self.ledger.health)}"
            f"<p>Churn risk: {escape(self._risk())}</p>"
            f"{self._risk_drawn()}{_table(self.ledger.risk)}"
        )

    def _health_drawn(self) -> str:
        told = self.ledger
        return waterfall.draw(
            Measure.HEALTH, told.health, baseline=told.health_baseline, score=told.health_score
        )

    def _risk_drawn(self) -> str:
        told = self.ledger
        if told.churn_risk is None:
            return ""
        return waterfall.draw(
            Measure.RISK, told.risk, baseline=told.risk_baseline, score=told.churn_risk
        )

    def _title(self) -> str:
        moment = f"{self.score.as_of:%Y-%m-%d %H:%M}"
        return f"{self.score.customer_id}, {self.score.state}, on {moment} UTC ({self.profile})"

    def _health(self) -> str:
        return (
            f"{self.ledger.health_score:.1f} of 100, typical for the same data "
            f"{self.ledger.health_baseline:.1f}; {self.score.coverage:.0%} of the weight known, "
            f"confidence {self.score.confidence}"
        )

    def _risk(self) -> str:
        if self.ledger.churn_risk is None:
            return "none, the customer has left"
        return (
            f"{self.ledger.churn_risk:.1%}{self._interval()} within {self.score.horizon_days} days "
            f"({self.score.risk_method}), baseline {self.ledger.risk_baseline:.1%}; "
            f"level {self.score.risk_level}, {self._at_stake()}"
        )

    def _interval(self) -> str:
        low, high = self.score.churn_risk_low, self.score.churn_risk_high
        return "" if low is None or high is None else f" (80 % interval {low:.1%} to {high:.1%})"

    def _at_stake(self) -> str:
        money = (
            f"{self.score.revenue_at_risk or 0:,.2f} of {self.score.value_at_stake:,.2f} at risk"
        )
        return money if self.score.rank is None else f"{money}, rank {self.score.rank}"


def explain_customer(
    base: CustomerBase,
    customer_id: str,
    *,
    profile: str | Path | Profile = "default-v1",
    scores: Scores | None = None,
) -> Explanation:
    """Take one customer's health and churn risk apart.

    Args:
        base: The tables, seen from its as_of.
        customer_id: Whose scores.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        scores: Scores of this base when they are at hand; the profile is then theirs.

    Raises:
        UnknownCustomer: Nobody has this id.
        ConfigError: The profile is unknown or wrong.
    """
    known = score(base, profile=profile) if scores is None else scores
    return Explanation(known.score(customer_id), known.ledger(customer_id), known.profile.name)


def _lines(contributions: tuple[Driver, ...]) -> list[str]:
    width = max((len(driver.factor) for driver in contributions), default=0)
    return [
        f"  {driver.contribution:+7.2f}  {driver.factor:<{width}}  {driver.text}"
        for driver in contributions
    ]


def _table(contributions: tuple[Driver, ...]) -> str:
    """Give the ledger as a table, the strongest first as in the drawing above it."""
    rows = "".join(
        f'<tr><td style="text-align:right">{driver.contribution:+.2f} {driver.unit}</td>'
        f"<td>{escape(driver.factor.replace('_', ' '))}</td>"
        f'<td style="text-align:left">{escape(driver.text)}</td></tr>'
        for driver in sorted(contributions, key=lambda driver: -abs(driver.contribution))
    )
    return f"<table>{rows}</table>"
