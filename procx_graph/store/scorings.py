"""Scorings: who was scored when, with what, on which data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from procx_graph.domain.model import Noun
from procx_graph.errors import StoreError
from procx_graph.store.schema import scorings


class Scoring(Noun):
    """One scoring of a base, as the store keeps it."""

    id: int
    """Grows with every scoring that is recorded, whatever moment it shows."""
    as_of: datetime
    """The moment the scores hold for, aware UTC."""
    profile_hash: str
    profile_name: str
    fingerprint: str
    """Hash of the data that was scored."""
    method: str
    """What made the churn risk, a `RiskMethod`."""
    horizon_days: int
    customers: int
    active: int
    """Customers with a rank."""
    cohort_version: str | None
    """Statistics of the base that single customers are re-scored with; `None` when not kept."""
    recorded_at: datetime
    """When it was recorded, by the clock of whoever did, aware UTC."""


def find(connection: Connection, **known: Any) -> list[Scoring]:
    """Give the scorings with these values, oldest moment first, then in the order recorded."""
    query = select(scorings).order_by(scorings.c.as_of, scorings.c.id)
    return [_scoring(row) for row in connection.execute(query.filter_by(**known))]


def add(connection: Connection, **values: Any) -> int | None:
    """Add a scoring and give its id; None when the same one is there.

    A second writer of the same scoring waits here for the first one.

    Raises:
        StoreError: A value is not what a scoring has; it could be neither read nor taken back.
    """
    _require(values)
    same = ("as_of", "profile_hash", "fingerprint", "method")
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or_not

        unless = insert_or_not(scorings).on_conflict_do_nothing(index_elements=same)
        return _id(connection, unless.values(values).returning(scorings.c.id))
    if find(connection, **{name: values[name] for name in same}):
        return None
    return _id(connection, insert(scorings).values(values).returning(scorings.c.id))


def line(found: Sequence[Scoring]) -> list[Scoring]:
    """Give one scoring per moment and profile: what was recorded last has the last word."""
    kept: dict[tuple[datetime, str], Scoring] = {}
    for scoring in sorted(found, key=lambda scoring: scoring.id):
        kept[scoring.as_of, scoring.profile_hash] = scoring
    return sorted(kept.values(), key=lambda scoring: (scoring.as_of, scoring.id))


def until(found: Sequence[Scoring], moment: datetime | None, name: str) -> Scoring:
    """Give the latest scoring at or before a moment, or of all when that is None.

    Raises:
        StoreError: There is none.
    """
    past = [scoring for scoring in found if moment is None or scoring.as_of <= moment]
    if not past:
        when = f" at or before {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
        raise StoreError(
            f"the store {name} has no such scoring{when}: record one with "
            "`procx score --store PLACE`"
        )
    return past[-1]


def _require(values: dict[str, Any]) -> None:
    try:
        Scoring.model_validate(values | {"id": 0}, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StoreError(f"a scoring cannot be recorded: {place}: {first['msg']}") from error


def _id(connection: Connection, statement: ReturningInsert[Any]) -> int | None:
    made: int | None = connection.scalar(statement)
    return made


def _scoring(row: Row[Any]) -> Scoring:
    return Scoring.model_validate(row._asdict())
