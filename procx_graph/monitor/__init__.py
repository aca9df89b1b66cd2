"""The monitor: score everybody, select, act on those at risk, report."""

from procx_graph.monitor.events import (
    AgentFinished,
    CustomerFinished,
    CustomerStarted,
    ScanEvent,
    ScanFinished,
    ScanStarted,
)
from procx_graph.monitor.monitor import Monitor
from procx_graph.monitor.reviews import Reviews

__all__ = [
    "AgentFinished",
    "CustomerFinished",
    "CustomerStarted",
    "Monitor",
    "Reviews",
    "ScanEvent",
    "ScanFinished",
    "ScanStarted",
]
