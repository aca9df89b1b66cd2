"""Events: what the outside world told, whose it is, and what it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("audit", "rescorings")


def upgrade() -> None:
    """Make the tables, and have the database itself keep the histories."""
    _make_receipts()
    _make_events()
    _make_story_things()
    _make_story_references()
    _make_story_rows()
    _make_parked()
    _make_aliases()
    _make_merged_accounts()
    _make_marks()
    _make_audit()
    _make_rescorings()
    for table in APPEND_ONLY:
        _guard(table)


def _make_receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mapped", sa.Boolean, nullable=False),
        sa.Column("remark", sa.Text),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.UniqueConstraint("provider", "account", "key", name="receipts_once"),
        sa.UniqueConstraint("provider", "account", "topic", "digest", name="receipts_of_one_body"),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.String, nullable=False, unique=True),
        sa.Column("receipt_id", sa.Integer, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("story", sa.String, nullable=False),
        sa.Column("customer_id", sa.String),
        sa.Column("standing", sa.String, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("events_of_story", "events", ["story"])
    op.create_index("events_of_customer", "events", ["customer_id", "occurred_at"])
    op.create_index("events_of_receipt", "events", ["receipt_id"])
    op.create_index("events_of_type", "events", ["type", "occurred_at"])


def _make_story_things() -> None:
    op.create_table(
        "story_things",
        sa.Column("thing", sa.String, primary_key=True),
        sa.Column("story", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("things_of_story", "story_things", ["story"])


def _make_story_references() -> None:
    op.create_table(
        "story_references",
        sa.Column("story", sa.String, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("story", "reference"),
        sqlite_with_rowid=False,
    )
    op.create_index("references_by_value", "story_references", ["reference"])


def _make_story_rows() -> None:
    op.create_table(
        "story_rows",
        sa.Column("story", sa.String, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("row", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("story", "table_name", "row"),
        sqlite_with_rowid=False,
    )


def _make_parked() -> None:
    op.create_table(
        "parked",
        sa.Column("story", sa.String, primary_key=True),
        sa.Column("standing", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )


def _make_aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("reference", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("aliases_of_customer", "aliases", ["customer_id"])


def _make_merged_accounts() -> None:
    op.create_table(
        "merged_accounts",
        sa.Column("gone", sa.String, primary_key=True),
        sa.Column("kept", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("accounts_merged_into", "merged_accounts", ["kept"])


def _make_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("marks_since", "marks", ["since"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("audit_of_subject", "audit", ["subject"])


def _make_rescorings() -> None:
    op.create_table(
        "rescorings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_hash", sa.String, nullable=False),
        sa.Column("cohort_version", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("health", sa.Double, nullable=False),
        sa.Column("churn_risk", sa.Double),
        sa.Column("risk_level", sa.String),
        sa.Column("revenue_at_risk", sa.Double),
        sa.Column("share", sa.Double),
        sa.Column("queued", sa.Boolean, nullable=False),
    )
    op.create_index("rescorings_of_customer", "rescorings", ["customer_id", "id"])


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION procx_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
