"""Score history: scorings and their scores, which can be added and never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

FACTORS = (
    "segment",
    "ltv_percentile",
    "loyalty_tier",
    "relative_value",
    "recency",
    "order_frequency",
    "spending_trend",
    "support_history",
    "nps",
    "tenure",
)
TABLES = ("scorings", "scores")


def upgrade() -> None:
    """Make the tables, and have the database itself refuse to change them."""
    _make_scorings()
    _make_scores()
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(
            "CREATE FUNCTION procx_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in TABLES:
        if postgres:
            _guard_postgres(table)
        else:
            _guard_sqlite(table)


def _make_scorings() -> None:
    op.create_table(
        "scorings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_hash", sa.String, nullable=False),
        sa.Column("profile_name", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("customers", sa.Integer, nullable=False),
        sa.Column("active", sa.Integer, nullable=False),
        sa.Column("cohort_version", sa.String),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("as_of", "profile_hash", "fingerprint", "method", name="scorings_once"),
    )


def _make_scores() -> None:
    op.create_table(
        "scores",
        sa.Column("scoring_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("health", sa.Double, nullable=False),
        sa.Column("coverage", sa.Double, nullable=False),
        sa.Column("churn_risk", sa.Double),
        sa.Column("risk_level", sa.String),
        sa.Column("level_above", sa.String),
        sa.Column("value_at_stake", sa.Double, nullable=False),
        sa.Column("revenue_at_risk", sa.Double),
        sa.Column("rank", sa.Integer),
        *(sa.Column(f"sub_{factor}", sa.Double) for factor in FACTORS),
        sqlite_with_rowid=False,
    )
    op.create_index("scores_of_customer", "scores", ["customer_id"])


def _guard_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_postgres(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION procx_append_only()"
    )
