"""The tables of the store as the code reads and writes them; `migrations/` makes them."""

from procx_graph.store.schema.base import HEAD, VERSIONS, Instant, metadata
from procx_graph.store.schema.live import AS_OF, EMAIL, LIVE, PHONE, ROW, live_tables
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
    "cohorts",
    "live_tables",
    "metadata",
    "scores",
    "scorings",
]
