"""The tables of the store as the code reads and writes them; `migrations/` makes them."""

from procx_graph.store.schema.base import HEAD, VERSIONS, Instant, metadata
from procx_graph.store.schema.cases import case_history, cases
from procx_graph.store.schema.events import (
    aliases,
    audit,
    events,
    marks,
    merged_accounts,
    parked,
    receipts,
    rescorings,
    story_references,
    story_rows,
    story_things,
)
from procx_graph.store.schema.live import AS_OF, EMAIL, LIVE, PHONE, ROW, live_tables
from procx_graph.store.schema.outreach import (
    consents,
    holdouts,
    offers,
    outbox,
    outbox_history,
    outcomes,
    suppressions,
)
from procx_graph.store.schema.runs import contacts, leases, review_cases, runs, scans
from procx_graph.store.schema.scores import SUB_SCORES, cohorts, scores, scorings

__all__ = [
    "AS_OF",
    "EMAIL",
    "HEAD",
    "LIVE",
    "PHONE",
    "ROW",
    "SUB_SCORES",
    "VERSIONS",
    "Instant",
    "aliases",
    "audit",
    "case_history",
    "cases",
    "cohorts",
    "consents",
    "contacts",
    "events",
    "holdouts",
    "leases",
    "live_tables",
    "marks",
    "merged_accounts",
    "metadata",
    "offers",
    "outbox",
    "outbox_history",
    "outcomes",
    "parked",
    "receipts",
    "rescorings",
    "review_cases",
    "runs",
    "scans",
    "scores",
    "scorings",
    "story_references",
    "story_rows",
    "story_things",
    "suppressions",
]
