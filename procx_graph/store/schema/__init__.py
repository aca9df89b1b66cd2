"""The tables of the store as the code reads and writes them; `migrations/` makes them."""

from procx_graph.store.schema.base import HEAD, VERSIONS, Instant, metadata
from procx_graph.store.schema.scores import SUB_SCORES, cohorts, scores, scorings

__all__ = [
    "HEAD",
    "SUB_SCORES",
    "VERSIONS",
    "Instant",
    "cohorts",
    "metadata",
    "scores",
    "scorings",
]
