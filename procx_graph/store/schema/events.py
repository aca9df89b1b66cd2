"""Tables of what the outside world told: deliveries, events, and whose they are."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from procx_graph.store.schema.base import Instant, metadata

_SINCE = {"revision": "0004"}

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String, nullable=False),
    Column("account", String, nullable=False),
    Column("key", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("mapped", Boolean, nullable=False),
    Column("remark", Text),
    Column("digest", String, nullable=False),
    Column("body", LargeBinary),
    Column("repeats", Integer, nullable=False),
    UniqueConstraint("provider", "account", "key", name="receipts_once"),
    UniqueConstraint("provider", "account", "topic", "digest", name="receipts_of_one_body"),
    info=_SINCE,
)
"""Every verified delivery, once. `digest` is the SHA-256 of its body, `body` is kept on request."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("receipt_id", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("account", String, nullable=False),
    Column("story", String, nullable=False),
    Column("customer_id", String),
    Column("standing", String, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("description", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Index("events_of_story", "story"),
    Index("events_of_customer", "customer_id", "occurred_at"),
    Index("events_of_receipt", "receipt_id"),
    Index("events_of_type", "type", "occurred_at"),
    info=_SINCE,
)
"""Everything that happened, in our words. Whose it is may be found out later, nothing else changes.

`standing` is a `Standing`; `facts` are the JSON of `domain.occurrence.Facts`.
"""

story_things = Table(
    "story_things",
    metadata,
    Column("thing", String, primary_key=True),
    Column("story", String, nullable=False),
    Index("things_of_story", "story"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""What stories are about. Two that turn out to share a thing become one, under the first name."""

story_references = Table(
    "story_references",
    metadata,
    Column("story", String, nullable=False),
    Column("reference", String, nullable=False),
    PrimaryKeyConstraint("story", "reference"),
    Index("references_by_value", "reference"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""How a story names its customer; addresses as their digests."""

story_rows = Table(
    "story_rows",
    metadata,
    Column("story", String, nullable=False),
    Column("table_name", String, nullable=False),
    Column("row", String, nullable=False),
    PrimaryKeyConstraint("story", "table_name", "row"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Rows of the customer tables that a story made."""

parked = Table(
    "parked",
    metadata,
    Column("story", String, primary_key=True),
    Column("standing", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Stories whose customer nobody knows, or for which there are two."""

aliases = Table(
    "aliases",
    metadata,
    Column("reference", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("learned_at", Instant, nullable=False),
    Column("source", String, nullable=False),
    Index("aliases_of_customer", "customer_id"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Providers' ids of customers, and whose they are; `source` is an event id or a person."""

merged_accounts = Table(
    "merged_accounts",
    metadata,
    Column("gone", String, primary_key=True),
    Column("kept", String, nullable=False),
    Index("accounts_merged_into", "kept"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Providers' customers that became one: the id that is no more, and the one it became."""

marks = Table(
    "marks",
    metadata,
    Column("customer_id", String, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("changes", Integer, nullable=False),
    Index("marks_since", "since"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Customers whose tables changed since they were scored; `changes` grows with each."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_of_subject", "subject"),
    info=_SINCE,
)
"""Who decided what, when and why. Append-only."""

rescorings = Table(
    "rescorings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("profile_hash", String, nullable=False),
    Column("cohort_version", String, nullable=False),
    Column("state", String, nullable=False),
    Column("health", Double, nullable=False),
    Column("churn_risk", Double),
    Column("risk_level", String),
    Column("revenue_at_risk", Double),
    Column("share", Double),
    Column("queued", Boolean, nullable=False),
    Index("rescorings_of_customer", "customer_id", "id"),
    info=_SINCE,
)
"""Scores of single customers after something happened to them. Append-only.

`share` is the share of active customers up to the place that they would have, `queued` whether
that is in the queue after hysteresis.
"""
