"""The retention graph: context, pattern, decision, empathy, escalation."""

from procx_graph.graphs.retention.graph import build_retention_graph
from procx_graph.graphs.retention.state import RunOptions

__all__ = ["RunOptions", "build_retention_graph"]
