"""Scans and their runs, cases that wait for a person, contacts, and leases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and have the database itself refuse to change a contact."""
    _make_scans()
    _make_runs()
    _make_review_cases()
    _make_contacts()
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )


def _make_scans() -> None:
    op.create_table(
        "scans",
        sa.Column("scan_id", sa.String, primary_key=True),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_name", sa.String, nullable=False),
        sa.Column("profile_hash", sa.String, nullable=False),
        sa.Column("policy_name", sa.String, nullable=False),
        sa.Column("policy_hash", sa.String, nullable=False),
        sa.Column("base_name", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("scored", sa.Integer, nullable=False),
        sa.Column("queue", sa.LargeBinary, nullable=False),
        sa.Column("others", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("holder", sa.String, nullable=False),
    )
    op.create_index("scans_by_start", "scans", ["started_at"])


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("scan_id", sa.String),
        sa.Column("customer_id", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("status", sa.String),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("result", sa.Text),
        sa.Column("held", sa.Text),
    )
    op.create_index("runs_of_scan", "runs", ["scan_id", "state"])


def _make_review_cases() -> None:
    op.create_table(
        "review_cases",
        sa.Column("review_id", sa.String, primary_key=True),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
    )
    waiting = sa.text("answered_at IS NULL")
    op.create_index(
        "review_cases_open",
        "review_cases",
        ["customer_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _make_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("contacts_of_customer", "contacts", ["customer_id", "at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER contacts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contacts "
            "FOR EACH STATEMENT EXECUTE FUNCTION procx_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER contacts_no_{change.lower()} BEFORE {change} ON contacts "
            "BEGIN SELECT RAISE(ABORT, 'contacts is append-only'); END"
        )
