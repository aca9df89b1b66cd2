"""What a scan writes down as it goes: nothing, or into memory; into the store: `store_journal`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from procx_graph.domain.dealings import OfferMade
from procx_graph.domain.review import ReviewCase
from procx_graph.monitor.run import Outcome
from procx_graph.monitor.selection import Queue
from procx_graph.monitor.waiting import Held, WaitingInMemory
from procx_graph.report import CustomerResult
from procx_graph.store import Ledger


@dataclass(frozen=True)
class Sitting:
    """Where a scan begins: whom to look at, and what an earlier sitting did."""

    queue: Queue
    results: dict[str, CustomerResult] = field(default_factory=dict)
    """By customer."""
    processed: int = 0
    """Results that came from a run, and not from the gate alone."""
    finished: bool = False
    """Nothing is left to do."""


class Journal(Protocol):
    """Where a scan writes. Its methods are called on the monitor's loop."""

    @property
    def ahead(self) -> int:
        """How many runs are claimed at once."""
        ...

    async def begin(self) -> Sitting:
        """Start the scan, or go on with it.

        Raises:
            StoreError: Somebody else works on it, it is there already, or the store fails.
        """
        ...

    async def take(
        self, run_ids: Sequence[str], refused: Sequence[CustomerResult], arms: Mapping[str, bool]
    ) -> set[str]:
        """Keep those whom the gate refused; claim runs, and give those that were free.

        Args:
            run_ids: To claim.
            refused: Whom the gate refused.
            arms: Whether customers who were eligible are held out, to be kept too.
        """
        ...

    async def finish(
        self,
        outcome: Outcome,
        result: CustomerResult,
        case: ReviewCase | None,
        offer: OfferMade | None,
    ) -> CustomerResult:
        """Keep a result with its case, message and offer, and give what was kept.

        Where a case about the same matter is open already, that is that it goes along with it.
        """
        ...

    async def fail(self, result: CustomerResult) -> None:
        """Keep the result of a run that broke."""
        ...

    def give_up(self, run_id: str) -> None:
        """Let a run that was not finished be taken again."""
        ...

    async def end(self, *, finished: bool) -> None:
        """Note that the scan is over, or that it stops here."""
        ...


class NoJournal:
    """Of a dry run, which leaves no trace."""

    ahead = 1

    def __init__(self, queue: Callable[[], Queue]) -> None:
        self._queue = queue

    async def begin(self) -> Sitting:
        """Select."""
        return Sitting(self._queue())

    async def take(
        self, run_ids: Sequence[str], refused: Sequence[CustomerResult], arms: Mapping[str, bool]
    ) -> set[str]:
        """Give all of them."""
        del refused, arms
        return set(run_ids)

    async def finish(
        self,
        outcome: Outcome,
        result: CustomerResult,
        case: ReviewCase | None,
        offer: OfferMade | None,
    ) -> CustomerResult:
        """Keep nothing."""
        del outcome, case, offer
        return result

    async def fail(self, result: CustomerResult) -> None:
        """Do nothing."""

    def give_up(self, run_id: str) -> None:
        """Do nothing."""

    async def end(self, *, finished: bool) -> None:
        """Do nothing."""


class MemoryJournal:
    """Claims and cases in a ledger; the runs that wait in this process."""

    ahead = 1

    def __init__(
        self,
        queue: Callable[[], Queue],
        *,
        ledger: Ledger,
        waiting: WaitingInMemory,
        experiment: str,
        now: datetime,
    ) -> None:
        self.ledger, self.waiting = ledger, waiting
        self.experiment, self.now = experiment, now
        self._queue = queue

    async def begin(self) -> Sitting:
        """Select."""
        return Sitting(self._queue())

    async def take(
        self, run_ids: Sequence[str], refused: Sequence[CustomerResult], arms: Mapping[str, bool]
    ) -> set[str]:
        """Claim runs, and give those that were free."""
        del refused
        if arms:
            self.ledger.assign(self.experiment, arms, at=self.now)
        return {run_id for run_id in run_ids if self.ledger.claim(run_id)}

    async def finish(
        self,
        outcome: Outcome,
        result: CustomerResult,
        case: ReviewCase | None,
        offer: OfferMade | None,
    ) -> CustomerResult:
        """Open the case that waits, and keep what was offered."""
        if offer is not None:
            self.ledger.record_offer(offer)
        if case is not None:
            self.ledger.open(case)
            self.waiting.hold(case, Held(outcome, result))
        return result

    async def fail(self, result: CustomerResult) -> None:
        """Let the run be taken again."""
        self.ledger.release(result.run_id)

    def give_up(self, run_id: str) -> None:
        """Let the run be taken again."""
        self.ledger.release(run_id)

    async def end(self, *, finished: bool) -> None:
        """Do nothing."""
