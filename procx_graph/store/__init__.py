"""What we did and promised."""

from procx_graph.store.ledger import Ledger, ReviewLedger
from procx_graph.store.memory import MemoryLedger

__all__ = ["Ledger", "MemoryLedger", "ReviewLedger"]
