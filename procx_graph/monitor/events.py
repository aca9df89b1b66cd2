"""What a scan tells while it works."""

from dataclasses import dataclass
from typing import Any

from procx_graph.report import CustomerResult, ScanReport


@dataclass(frozen=True)
class ScanStarted:
    """Everybody is scored and the queue stands."""

    scan_id: str
    scored: int
    eligible: int
    limit: int
    done: int = 0
    """Customers that an earlier sitting of a resumed scan has run; the limit counts them."""


@dataclass(frozen=True)
class CustomerStarted:
    """A customer's run begins."""

    customer_id: str
    run_id: str


@dataclass(frozen=True)
class AgentFinished:
    """One agent of a run gave its result."""

    customer_id: str
    agent: str
    update: dict[str, Any]
    """The agent's part of the state, JSON-native."""


@dataclass(frozen=True)
class CustomerFinished:
    """A customer is done: drafted, escalated, skipped or failed."""

    result: CustomerResult


@dataclass(frozen=True)
class ScanFinished:
    """The scan is over."""

    report: ScanReport


ScanEvent = ScanStarted | CustomerStarted | AgentFinished | CustomerFinished | ScanFinished
