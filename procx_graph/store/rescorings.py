"""Scores of single customers after something happened to them, beside those of whole scans."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.model import Noun
from procx_graph.domain.risk import RiskLevel
from procx_graph.store.schema import rescorings, scores, scorings


class Rescoring(Noun):
    """What one customer scored at one moment."""

    customer_id: str
    at: datetime
    """When it was worked out."""
    as_of: datetime
    profile_hash: str
    cohort_version: str
    state: CustomerState
    health: float
    churn_risk: float | None
    risk_level: RiskLevel | None
    revenue_at_risk: float | None
    share: float | None
    """Share of the active customers up to their place; `None` for whoever is not active."""
    queued: bool
    """Whether that is in the queue, after hysteresis."""


class Before(Noun):
    """What a customer scored last."""

    as_of: datetime
    health: float
    churn_risk: float | None
    share: float | None
    queued: bool | None
    """`None` where that was not worked out: in the scoring of a whole base."""


def add(connection: Connection, found: Sequence[Rescoring]) -> None:
    """Add rescorings."""
    if found:
        connection.execute(insert(rescorings), [one.model_dump() for one in found])


def latest(connection: Connection, ids: Iterable[str], profile_hash: str) -> dict[str, Before]:
    """Give what customers scored last with a profile, in a scan or after an event.

    Whoever was never scored is left out.
    """
    wanted = sorted(set(ids))
    found = _in_scans(connection, wanted, profile_hash)
    for customer_id, one in _alone(connection, wanted, profile_hash).items():
        scan = found.get(customer_id)
        if scan is None or one.as_of >= scan.as_of:
            found[customer_id] = one
    return found


def of(connection: Connection, customer_id: str) -> list[Rescoring]:
    """Give all rescorings of a customer, oldest first."""
    query = (
        select(*(rescorings.c[name] for name in Rescoring.model_fields))
        .where(rescorings.c.customer_id == customer_id)
        .order_by(rescorings.c.id)
    )
    return [Rescoring.model_validate(row._asdict()) for row in connection.execute(query)]


def _alone(connection: Connection, ids: Sequence[str], profile_hash: str) -> dict[str, Before]:
    newest = (
        select(func.max(rescorings.c.id))
        .where(rescorings.c.customer_id.in_(ids), rescorings.c.profile_hash == profile_hash)
        .group_by(rescorings.c.customer_id)
    )
    names = ("customer_id", *Before.model_fields)
    query = select(*(rescorings.c[name] for name in names)).where(rescorings.c.id.in_(newest))
    return {row.customer_id: _before(row._asdict()) for row in connection.execute(query)}


def _in_scans(connection: Connection, ids: Sequence[str], profile_hash: str) -> dict[str, Before]:
    newest = (
        select(scorings.c.id, scorings.c.as_of, scorings.c.active)
        .where(scorings.c.profile_hash == profile_hash)
        .order_by(scorings.c.as_of.desc(), scorings.c.id.desc())
        .limit(1)
    )
    scan = connection.execute(newest).one_or_none()
    if scan is None:
        return {}
    query = select(scores).where(scores.c.scoring_id == scan.id, scores.c.customer_id.in_(ids))
    return {
        row.customer_id: Before(
            as_of=scan.as_of,
            health=row.health,
            churn_risk=row.churn_risk,
            share=None if row.rank is None else row.rank / max(scan.active, 1),
            queued=None,
        )
        for row in connection.execute(query)
    }


def _before(row: dict[str, object]) -> Before:
    return Before.model_validate({name: row[name] for name in Before.model_fields})
