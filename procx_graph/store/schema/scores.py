"""Tables of the score history: scorings, scores, and the statistics behind them."""

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from procx_graph.domain.health import Factor
from procx_graph.store.schema.base import Instant, metadata

scorings = Table(
    "scorings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("as_of", Instant, nullable=False),
    Column("profile_hash", String, nullable=False),
    Column("profile_name", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("method", String, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("cohort_version", String),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("as_of", "profile_hash", "fingerprint", "method", name="scorings_once"),
)
"""Who was scored when, with what, on which data. Append-only."""

SUB_SCORES = tuple(f"sub_{factor.value}" for factor in Factor)
"""Columns of the ten sub-scores, in the order of `Factor`."""

# No foreign key to scorings: PostgreSQL would check it a million times, and both are only ever
# written together, in one transaction.
scores = Table(
    "scores",
    metadata,
    Column("scoring_id", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("health", Double, nullable=False),
    Column("coverage", Double, nullable=False),
    Column("churn_risk", Double),
    Column("risk_level", String),
    Column("level_above", String),
    Column("value_at_stake", Double, nullable=False),
    Column("revenue_at_risk", Double),
    Column("rank", Integer),
    *(Column(name, Double) for name in SUB_SCORES),
    Index("scores_of_customer", "customer_id"),
    sqlite_with_rowid=False,
)
"""One row per customer and scoring, published numbers. Append-only.

`level_above` is the level that the risk would have if it were higher by the hysteresis.
"""

cohorts = Table(
    "cohorts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String, nullable=False, unique=True),
    Column("as_of", Instant, nullable=False),
    Column("profile_hash", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("cohorts_of_profile", "profile_hash", "as_of"),
    info={"revision": "0002"},
)
"""Statistics of a base that the score of one customer depends on."""
