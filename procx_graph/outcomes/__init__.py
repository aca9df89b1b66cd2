"""What became of what we did: outcomes, retention, and what treatment is worth."""

from procx_graph.outcomes.record import record_outcome
from procx_graph.outcomes.retention import observe_retention

__all__ = ["observe_retention", "record_outcome"]
