"""The ledger in memory: claims, cases and contacts."""

import pytest

from procx_graph.store import Ledger, MemoryLedger
from tests.unit.store.ledger_contract import LedgerContract


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()
