"""Tables of what goes out to customers: whether it may, what it is, and what became of it."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from procx_graph.store.schema.base import Instant, metadata

_SINCE = {"revision": "0006"}

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False, unique=True),
    Column("customer_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("given", Boolean),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("consents_of_customer", "customer_id", "at"),
    info=_SINCE,
)
"""What customers said about being written to. Append-only; of one channel the newest word counts.

`channel` and `purpose` may be "any". `given` is null where consent became unknown again. `source`
says who told it and tells it from every other word: an event id, or a person and a moment.
"""

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("source", String, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", String),
    Index("suppressions_of_customer", "customer_id"),
    info=_SINCE,
)
"""Whom nobody writes to, whatever they agreed to; `channel` may be "any", `until` may be open."""

holdouts = Table(
    "holdouts",
    metadata,
    Column("experiment", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("assigned_at", Instant, nullable=False),
    PrimaryKeyConstraint("experiment", "customer_id"),
    Index("holdouts_of_customer", "customer_id"),
    sqlite_with_rowid=False,
    info=_SINCE,
)
"""Into which arm of an experiment an eligible customer fell: held out, or treated."""

offers = Table(
    "offers",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("scan_id", String),
    Column("customer_id", String, nullable=False),
    Column("offer_id", String, nullable=False),
    Column("percent_off", Double, nullable=False),
    Column("worth", Double),
    Column("expires", Instant),
    Column("status", String, nullable=False),
    Column("reference", String),
    Column("made_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("offers_of_customer", "customer_id", "made_at"),
    Index("offers_of_scan", "scan_id"),
    info=_SINCE,
)
"""What was offered: one offer a run at most.

`status` is proposed, pending, applied, refused, accepted or lapsed. `worth` is what it may cost, in
the base's currency. `reference` is the executor's own id of it.
"""

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("run_id", String, nullable=False, unique=True),
    Column("customer_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("detail", Text),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("not_before", Instant),
    Column("attempts", Integer, nullable=False),
    Column("holder", String),
    Column("reference", String),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("outbox_by_state", "state", "not_before"),
    Index("outbox_of_customer", "customer_id", "created_at"),
    info=_SINCE,
)
"""Messages on their way: one a run at most.

`message` is the JSON of `domain.message.Message`, with `{first_name}`; `basis` that of what it was
checked against. `state` is drafted, approved, sending, sent, failed, suppressed or unclear;
`reason` is the code of the gate, of a check, or of the channel. `reference` is the channel's id.
"""

outbox_history = Table(
    "outbox_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("was", String),
    Column("became", String, nullable=False),
    Column("reason", String),
    Column("detail", Text),
    Index("outbox_history_of_message", "message_id"),
    info=_SINCE,
)
"""Every step of every message. Append-only."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_id", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("run_id", String),
    Column("kind", String, nullable=False),
    Column("value", Double),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source", String, nullable=False),
    Column("note", Text),
    Index("outcomes_of_customer", "customer_id", "at"),
    Index("outcomes_of_run", "run_id"),
    info=_SINCE,
)
"""What became of what we did. Append-only; the same id twice is the same word."""
