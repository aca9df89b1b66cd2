"""Tables of how people work on cases: whose each is, until when, and every step of it."""

from sqlalchemy import Column, Double, Index, Integer, String, Table, Text, text

from procx_graph.store.schema.base import Instant, metadata

_SINCE = {"revision": "0006"}

cases = Table(
    "cases",
    metadata,
    Column("review_id", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("reason_group", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("priority", String, nullable=False),
    Column("team", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("language", String),
    Column("assignee", String),
    Column("opened_at", Instant, nullable=False),
    Column("clock_from", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("allowed_hours", Double, nullable=False),
    Column("paused_at", Instant),
    Column("warned", Double, nullable=False),
    Column("reopens", String),
    Column("changed_at", Instant, nullable=False),
    Index("cases_of_customer", "customer_id", "reason_group"),
    Index("cases_by_state", "state", "due_at"),
    info=_SINCE,
)
"""The work on each review, see `domain.case`.

`version` grows with every step and refuses whoever read an older one. The time of the present level
began at `clock_from` and is `allowed_hours` of the team's business hours, which end at `due_at`;
`warned` is the share of it of which somebody was warned. `reopens` is an earlier case about the
same matter.
"""

_OPEN = text("state NOT IN ('resolved', 'closed', 'cancelled')")
Index(
    "cases_one_a_matter",
    cases.c.customer_id,
    cases.c.reason_group,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

case_history = Table(
    "case_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("review_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("step", String, nullable=False),
    Column("detail", Text, nullable=False),
    Index("case_history_of_case", "review_id"),
    info=_SINCE,
)
"""Every step of every case; `detail` is JSON. Append-only."""
