"""Scores as rows of the store: what a scoring must have, and reading them back as frames."""

from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, literal, select

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.risk import RiskLevel
from procx_graph.errors import StoreError
from procx_graph.store import bulk, standing
from procx_graph.store.schema import SUB_SCORES, scores, scorings
from procx_graph.store.scorings import Scoring

MOMENT = pl.Datetime("us", "UTC")
"""Type of a moment in the frames."""
_TYPES: dict[str, type[pl.DataType]] = {
    "customer_id": pl.String,
    "state": pl.String,
    "health": pl.Float64,
    "coverage": pl.Float64,
    "churn_risk": pl.Float64,
    "risk_level": pl.String,
    "level_above": pl.String,
    "value_at_stake": pl.Float64,
    "revenue_at_risk": pl.Float64,
    "rank": pl.Int64,
    **dict.fromkeys(SUB_SCORES, pl.Float64),
}
COLUMNS = tuple(_TYPES)
"""Columns of the scores that are recorded."""

COMPARED = ("customer_id", "health", "coverage", "churn_risk")
"""Those that two scorings are compared by."""

_ABOUT: dict[str, type[pl.DataType] | pl.DataType] = {
    "id": pl.Int64,
    "as_of": MOMENT,
    "profile_hash": pl.String,
    "profile_name": pl.String,
    "method": pl.String,
    "active": pl.Int64,
    "cohort_version": pl.String,
}
"""Columns of a scoring that go before the scores."""

_LEVELS = ("risk_level", "level_above")
_BAD = {
    "a number is infinite": pl.any_horizontal(pl.selectors.float().is_infinite()),
    "a state is unknown": ~pl.col("state").is_in(list(CustomerState)),
    "a level is unknown": pl.any_horizontal(~pl.col(*_LEVELS).is_in(list(RiskLevel))),
    "a risk_level goes without its level_above": pl.col(_LEVELS[0]).is_null()
    != pl.col(_LEVELS[1]).is_null(),
}
"""What no score is, and which rows are so."""


def checked(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the columns that are recorded, NaN as null, sorted by customer_id.

    Raises:
        StoreError: A column is missing or of another type, a customer comes twice, or a value is
            none that a score has; it could not be taken back.
    """
    if not isinstance(frame, pl.DataFrame):
        raise StoreError(f"scores are recorded from a polars frame, not a {type(frame).__name__}")
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise StoreError(f"scores without {', '.join(missing)} cannot be recorded")
    try:
        kept = frame.select(pl.col(name).cast(kind) for name, kind in _TYPES.items())
    except pl.exceptions.PolarsError as error:
        raise StoreError(f"these scores cannot be recorded: {error}") from error
    if kept["customer_id"].n_unique() < len(kept):
        raise StoreError("a scoring has every customer once, and this one has somebody twice")
    numbers = kept.with_columns(pl.selectors.float().fill_nan(None))
    for why, bad in _BAD.items():
        if numbers.select(bad.any()).item():
            raise StoreError(f"these scores cannot be recorded: {why}")
    return numbers.sort("customer_id")


def scores_of(
    connection: Connection, scoring: Scoring, columns: Sequence[str] = COLUMNS
) -> pl.DataFrame:
    """Give the scores of one scoring, or some columns of them, with its own columns before."""
    query = select(*(scores.c[name] for name in columns))
    types = {name: _TYPES[name] for name in columns}
    found = bulk.fetch(connection, query.where(scores.c.scoring_id == scoring.id), types)
    about = [
        pl.lit(getattr(scoring, name)).cast(kind).alias("scoring_id" if name == "id" else name)
        for name, kind in _ABOUT.items()
    ]
    return found.select(*about, *columns).sort("customer_id")


def moments_of(connection: Connection, customer_id: str) -> pl.DataFrame:
    """Give every score of one customer with the columns of its scoring, oldest first."""
    about = [scorings.c[name] for name in _ABOUT]
    query = (
        select(*about, *(scores.c[name] for name in COLUMNS))
        .join(scorings, scorings.c.id == scores.c.scoring_id)
        .where(scores.c.customer_id == customer_id)
        .order_by(scorings.c.as_of, scorings.c.id)
    )
    return bulk.fetch(connection, query, _ABOUT | _TYPES).rename({"id": "scoring_id"})


def ranked(
    connection: Connection, past: Sequence[Scoring], capacity: float
) -> Iterator[pl.DataFrame]:
    """Give who could be in the queue of each scoring, the latest scoring first."""
    types = {"customer_id": pl.String, "rank": pl.Int64, "active": pl.Int64}
    for scoring in reversed(past):
        size = capacity if isinstance(capacity, int) else capacity * scoring.active
        furthest = size + standing.HYSTERESIS * scoring.active + 1
        query = select(scores.c.customer_id, scores.c.rank, literal(scoring.active)).where(
            scores.c.scoring_id == scoring.id, scores.c.rank <= furthest
        )
        yield bulk.fetch(connection, query, types)


def levels(connection: Connection, past: Sequence[Scoring]) -> Iterator[pl.DataFrame]:
    """Give everybody's level in each scoring, the latest scoring first."""
    names = ("customer_id", "risk_level", "level_above")
    for scoring in reversed(past):
        query = select(*(scores.c[name] for name in names)).where(
            scores.c.scoring_id == scoring.id, scores.c.risk_level.is_not(None)
        )
        yield bulk.fetch(connection, query, {name: _TYPES[name] for name in names})
