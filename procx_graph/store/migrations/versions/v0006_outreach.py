"""Consent, holdouts, offers, the outbox, outcomes, and how people work on cases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

APPEND_ONLY = ("consents", "outbox_history", "outcomes", "case_history")


def upgrade() -> None:
    """Make the tables, and have the database itself refuse to change histories."""
    _make_consents()
    _make_suppressions()
    _make_holdouts()
    _make_offers()
    _make_outbox()
    _make_outbox_history()
    _make_outcomes()
    _make_cases()
    _make_case_history()
    for name in ("channel", "purpose", "message_id"):
        op.add_column("contacts", sa.Column(name, sa.String))
    op.create_index("review_cases_of_customer", "review_cases", ["customer_id", "answered_at"])
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _make_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False, unique=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("given", sa.Boolean),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("consents_of_customer", "consents", ["customer_id", "at"])


def _make_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.String),
    )
    op.create_index("suppressions_of_customer", "suppressions", ["customer_id"])


def _make_holdouts() -> None:
    op.create_table(
        "holdouts",
        sa.Column("experiment", sa.String, nullable=False),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("experiment", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("holdouts_of_customer", "holdouts", ["customer_id"])


def _make_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("scan_id", sa.String),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("offer_id", sa.String, nullable=False),
        sa.Column("percent_off", sa.Double, nullable=False),
        sa.Column("worth", sa.Double),
        sa.Column("expires", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reference", sa.String),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("offers_of_customer", "offers", ["customer_id", "made_at"])
    op.create_index("offers_of_scan", "offers", ["scan_id"])


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.String, primary_key=True),
        sa.Column("run_id", sa.String, nullable=False, unique=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("detail", sa.Text),
        sa.Column("approved_by", sa.String),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("holder", sa.String),
        sa.Column("reference", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
    )
    op.create_index("outbox_by_state", "outbox", ["state", "not_before"])
    op.create_index("outbox_of_customer", "outbox", ["customer_id", "created_at"])


def _make_outbox_history() -> None:
    op.create_table(
        "outbox_history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("was", sa.String),
        sa.Column("became", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("detail", sa.Text),
    )
    op.create_index("outbox_history_of_message", "outbox_history", ["message_id"])


def _make_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("outcome_id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("run_id", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_index("outcomes_of_customer", "outcomes", ["customer_id", "at"])
    op.create_index("outcomes_of_run", "outcomes", ["run_id"])


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("review_id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("reason_group", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("priority", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("assignee", sa.String),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("warned", sa.Double, nullable=False),
        sa.Column("reopens", sa.String),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("cases_of_customer", "cases", ["customer_id", "reason_group"])
    op.create_index("cases_by_state", "cases", ["state", "due_at"])


def _make_case_history() -> None:
    op.create_table(
        "case_history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("review_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("case_history_of_case", "case_history", ["review_id"])


def _refuse_changes(table: str) -> None:
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
