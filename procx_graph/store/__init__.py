"""What we did and promised, and what we knew when."""

from procx_graph.store.cohorts import Cohorts
from procx_graph.store.database import Store
from procx_graph.store.history import ScoreHistory
from procx_graph.store.ledger import Ledger, ReviewLedger
from procx_graph.store.memory import MemoryLedger

__all__ = ["Cohorts", "Ledger", "MemoryLedger", "ReviewLedger", "ScoreHistory", "Store"]
