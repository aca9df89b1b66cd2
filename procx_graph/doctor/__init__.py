"""Examining an installation: what is there, what is set, and whether what was asked for works."""

from procx_graph.doctor.asked import Asked, readable_settings
from procx_graph.doctor.examine import Check, examine
from procx_graph.doctor.finding import Finding, State, Subject

__all__ = [
    "Asked",
    "Check",
    "Finding",
    "State",
    "Subject",
    "examine",
    "readable_settings",
]
