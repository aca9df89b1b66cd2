"""What we did and promised, and what we knew when."""

from procx_graph.store.cohorts import Cohorts
from procx_graph.store.consents import record_consent
from procx_graph.store.database import Store
from procx_graph.store.durable import DurableLedger
from procx_graph.store.history import ScoreHistory
from procx_graph.store.lease import Lease, Leases
from procx_graph.store.ledger import Ledger, ReviewLedger
from procx_graph.store.memory import MemoryLedger
from procx_graph.store.scans import Scans
from procx_graph.store.suppressions import lift, suppress

__all__ = [
    "Cohorts",
    "DurableLedger",
    "Lease",
    "Leases",
    "Ledger",
    "MemoryLedger",
    "ReviewLedger",
    "Scans",
    "ScoreHistory",
    "Store",
    "lift",
    "record_consent",
    "suppress",
]
