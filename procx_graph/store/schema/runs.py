"""Tables of scans: what was started, whom it did, which cases wait, who was contacted."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from procx_graph.store.schema.base import Instant, metadata

_SINCE = {"revision": "0005"}

scans = Table(
    "scans",
    metadata,
    Column("scan_id", String, primary_key=True),
    Column("lane", String, nullable=False),
    Column("options", Text, nullable=False),
    Column("event", Text),
    Column("now", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("profile_name", String, nullable=False),
    Column("profile_hash", String, nullable=False),
    Column("policy_name", String, nullable=False),
    Column("policy_hash", String, nullable=False),
    Column("base_name", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("scored", Integer, nullable=False),
    Column("queue", LargeBinary, nullable=False),
    Column("others", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("holder", String, nullable=False),
    Index("scans_by_start", "started_at"),
    info=_SINCE,
)
"""One row per scan: all that another process needs to go on where it stopped.

`options`, `event` and `others` are JSON, `queue` is the list of customer ids as deflated JSON.
`state` is running, stopped or finished; a scan that is running and whose lease nobody holds was
left by a process that died.
"""

runs = Table(
    "runs",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("scan_id", String),
    Column("customer_id", String),
    Column("state", String, nullable=False),
    Column("status", String),
    Column("holder", String, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("result", Text),
    Column("held", Text),
    Index("runs_of_scan", "scan_id", "state"),
    info=_SINCE,
)
"""One row per customer of a scan. A claim by itself, of no scan, has neither scan nor customer.

`state` is claimed, done, failed, or refused (by the gate, before its run). `status` is that of
`result`, the customer's result as JSON. `held` is what an answer to a draft that waits will need.
"""

review_cases = Table(
    "review_cases",
    metadata,
    Column("review_id", String, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("case", Text, nullable=False),
    Column("answer", Text),
    Column("answered_at", Instant),
    Index("review_cases_of_customer", "customer_id", "answered_at"),
    info=_SINCE,
)
"""Cases and their answers, both as JSON."""

Index(
    "review_cases_open",
    review_cases.c.customer_id,
    sqlite_where=review_cases.c.answered_at.is_(None),
    postgresql_where=review_cases.c.answered_at.is_(None),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("channel", String),
    Column("purpose", String),
    Column("message_id", String),
    Index("contacts_of_customer", "customer_id", "at"),
    info=_SINCE,
)
"""Every message that went out. Append-only; of the oldest only the moment is known."""

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("expires_at", Instant, nullable=False),
    info=_SINCE,
)
"""What only one process may do at a time, and until when one says that it does."""
