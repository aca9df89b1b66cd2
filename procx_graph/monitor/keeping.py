"""Where a monitor keeps what it does: in memory, or in a store that outlives the process."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.pregel.remote import RemoteGraph

from procx_graph.errors import ConfigError
from procx_graph.monitor.journal import Journal, MemoryJournal, NoJournal
from procx_graph.monitor.plan import Plan
from procx_graph.monitor.run_ledger import RunLedger
from procx_graph.monitor.selection import Queue
from procx_graph.monitor.store_journal import StoreJournal
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.monitor.threads import KeptThreads, OwnThreads, Threads
from procx_graph.monitor.waiting import Waiting, WaitingInMemory, WaitingInStore
from procx_graph.store import DurableLedger, Ledger, MemoryLedger, Scans, Store
from procx_graph.store.handled import handled_since
from procx_graph.store.scans import ScanRecord

if TYPE_CHECKING:
    from procx_graph.monitor.run import Graph


class Keeping:
    """What a monitor keeps, and where.

    Attributes:
        ledger: Claims, cases and contacts.
        saver: Checkpoints of the runs under way.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.saver = ledger, InMemorySaver()
        self._runs = RunLedger(ledger) if isinstance(ledger, DurableLedger) else None
        self._memory = WaitingInMemory(ledger, self.saver)

    @property
    def of_runs(self) -> Ledger:
        """The ledger as the graph is to ask it."""
        return self._runs or self.ledger

    def waiting(self, graph: "Graph") -> Waiting:
        """Give where the runs of a graph wait for people."""
        if not isinstance(self.ledger, DurableLedger):
            return self._memory
        remote = isinstance(graph, RemoteGraph)
        return WaitingInStore(
            self.ledger, graph, self.saver, lambda: self._threads(graph), remote=remote
        )

    def journal(
        self, plan: Plan, around: Surroundings, queue: Callable[[], Queue] | None, *, ahead: int
    ) -> Journal:
        """Give where a scan writes.

        Args:
            plan: Of the scan.
            around: The monitor's parts.
            queue: Selects; `None` goes on with a scan of the store.
            ahead: How many runs a store's scan claims at once.
        """
        if self._runs is not None and not plan.options.dry_run:
            return StoreJournal(
                plan, around, ledger=self._runs, threads=self._threads(around.graph), queue=queue,
                ahead=ahead,
            )  # fmt: skip
        assert queue is not None
        if plan.options.dry_run:
            return NoJournal(queue)
        return MemoryJournal(
            queue, ledger=self.ledger, waiting=self._memory,
            experiment=around.policy.holdout.experiment, now=plan.now,
        )  # fmt: skip

    def record(self, scan_id: str) -> ScanRecord:
        """Give a scan that was kept.

        Raises:
            ConfigError: Nothing is kept beyond this process.
            StoreError: There is no such scan.
        """
        if not isinstance(self.ledger, DurableLedger):
            raise ConfigError(f"to resume the scan {scan_id!r}, give the monitor its store")
        return Scans(self.ledger.store).get(scan_id)

    def handled_since(self, since: datetime) -> set[str]:
        """Give whom scans did something for since a moment; nobody where scans are not kept."""
        if not isinstance(self.ledger, DurableLedger):
            return set()
        return handled_since(self.ledger.store, since)

    def _threads(self, graph: "Graph") -> Threads:
        checkpointer = getattr(graph, "checkpointer", None)
        if isinstance(self.ledger, DurableLedger) and isinstance(checkpointer, InMemorySaver):
            return KeptThreads(self.ledger.store, self.saver, checkpointer.serde)
        return OwnThreads()


def ledger_of(store: Ledger | Store | None) -> Ledger:
    """Give the ledger of a store; one in memory where there is none."""
    if isinstance(store, Store):
        return DurableLedger(store)
    return store or MemoryLedger()
