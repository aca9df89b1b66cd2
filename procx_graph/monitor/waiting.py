"""Runs that wait for a person: in memory, or in the store where they outlive the process."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from langgraph.checkpoint.memory import InMemorySaver

from procx_graph.domain.dealings import OfferMade
from procx_graph.domain.outbound import OutboundMessage
from procx_graph.domain.review import Review, ReviewCase, ReviewKind
from procx_graph.domain.risk import Score
from procx_graph.errors import ReviewError
from procx_graph.graphs.retention.state import RunOptions, read, read_optional
from procx_graph.monitor.heartbeat import Heartbeat, held_by
from procx_graph.monitor.run import Graph, Outcome, thread_of
from procx_graph.monitor.threads import Threads
from procx_graph.report import CustomerResult, Status
from procx_graph.store import DurableLedger, Leases, Ledger, Scans, offers, outbox
from procx_graph.store.holder import new_holder
from procx_graph.store.scans import Also, Run, RunState

HELD = ("score", "options", "situation", "decision")
"""What an answer to a draft needs of its run's state, and a no to anything."""


@dataclass(frozen=True)
class Held:
    """A run that waits, and its result so far."""

    outcome: Outcome
    result: CustomerResult
    lost: bool = False
    """Whether what its graph needs to go on is gone: then only a no can be carried through."""


class Waiting(Protocol):
    """Where the runs are that wait."""

    def borrow(self, case: ReviewCase) -> AbstractAsyncContextManager[Held]:
        """Take a run to answer its case; it waits again afterwards if the case is still open.

        Raises:
            ReviewError: It does not wait here, or somebody is answering it.
        """
        ...

    async def close(
        self,
        case: ReviewCase,
        review: Review,
        held: Held,
        result: CustomerResult,
        *,
        at: datetime,
        outbound: OutboundMessage | None = None,
        offer: OfferMade | None = None,
    ) -> None:
        """Write down an answer with its result and message, and forget the run.

        Raises:
            ReviewError: The case was answered before.
        """
        ...


class WaitingInMemory:
    """Runs of this process."""

    def __init__(self, ledger: Ledger, saver: InMemorySaver) -> None:
        self.ledger, self.saver = ledger, saver
        self._held: dict[str, Held] = {}

    def hold(self, case: ReviewCase, held: Held) -> None:
        """Let a run wait."""
        self._held[case.review_id] = held

    @asynccontextmanager
    async def borrow(self, case: ReviewCase) -> AsyncIterator[Held]:
        """Take a run to answer its case; it waits again afterwards if the case is still open.

        Raises:
            ReviewError: It does not wait here.
        """
        held = self._held.pop(case.review_id, None)
        if held is None:
            raise ReviewError(f"review {case.review_id!r} does not wait in this monitor")
        try:
            yield held
        finally:
            if self.ledger.case(case.review_id).open:
                self._held[case.review_id] = held

    async def close(
        self,
        case: ReviewCase,
        review: Review,
        held: Held,
        result: CustomerResult,
        *,
        at: datetime,
        outbound: OutboundMessage | None = None,
        offer: OfferMade | None = None,
    ) -> None:
        """Write the answer down where the graph did not: on a server it has its own ledger.

        Raises:
            ReviewError: The case was answered before.
        """
        del result, outbound
        if self.ledger.case(case.review_id).open:
            self.ledger.settle(case, review, at=at)
        if offer is not None:
            self.ledger.record_offer(offer)
        await self.saver.adelete_thread(held.outcome.thread_id)


class WaitingInStore:
    """Runs of any process that shares the store.

    Args:
        ledger: The store's.
        graph: Where an escalation goes on.
        saver: The graph's memory.
        threads: Gives what brings a thread into it.
        remote: Whether the graph runs on a server.
    """

    def __init__(
        self,
        ledger: DurableLedger,
        graph: Graph,
        saver: InMemorySaver,
        threads: Callable[[], Threads],
        *,
        remote: bool,
    ) -> None:
        self.ledger, self.graph, self.saver, self.remote = ledger, graph, saver, remote
        self._threads = threads
        self._scans, self._leases = Scans(ledger.store), Leases(ledger.store)

    @asynccontextmanager
    async def borrow(self, case: ReviewCase) -> AsyncIterator[Held]:
        """Read a run from the store, while nobody else does the same.

        Raises:
            ReviewError: It does not wait here, or somebody is answering it.
        """
        name = f"review:{case.review_id}"
        answering = Heartbeat(self._leases, name, new_holder(), clock=self.ledger.clock)
        other = await answering.start()
        if other is not None:
            raise ReviewError(f"review {case.review_id!r} is being answered by {held_by(other)}")
        try:
            yield await self._read(case)
        finally:
            self.saver.delete_thread(thread_of(case.run_id, remote=self.remote))
            await answering.stop()

    async def close(
        self,
        case: ReviewCase,
        review: Review,
        held: Held,
        result: CustomerResult,
        *,
        at: datetime,
        outbound: OutboundMessage | None = None,
        offer: OfferMade | None = None,
    ) -> None:
        """Write answer, result, message and offer in one transaction, then forget the thread.

        Raises:
            ReviewError: The case was answered before.
        """
        also: list[Also] = []
        if offer is not None:
            also.append(partial(offers.keep, made=offer))
        if outbound is not None:
            also.append(partial(outbox.add, outbound=outbound))
        known = await asyncio.to_thread(self.ledger.case, case.review_id)
        await asyncio.to_thread(
            self._scans.close, case, review, run_of(result), at=at, settled=known.answer == review,
            also=also,
        )  # fmt: skip
        if case.kind is ReviewKind.ESCALATION:
            threads = self._threads()
            try:
                await threads.drop(held.outcome.thread_id)
            finally:
                await threads.close()

    async def _read(self, case: ReviewCase) -> Held:
        known = await asyncio.to_thread(self.ledger.case, case.review_id)
        if not known.open:
            raise ReviewError(f"review {case.review_id!r} is already answered")
        run = await asyncio.to_thread(self._scans.run, case.run_id)
        if run is None or run.result is None:
            raise ReviewError(f"review {case.review_id!r} does not wait in this monitor")
        result = CustomerResult.model_validate_json(run.result)
        if case.kind is ReviewKind.MESSAGE:
            return Held(self._outcome(case, json.loads(run.held or "{}")), result)
        state = await self._state(case)
        if state is None and run.held is None:
            raise ReviewError(
                f"review {case.review_id!r} cannot be answered: the checkpoint of its run is gone"
            )
        values = json.loads(run.held or "{}") if state is None else state
        return Held(self._outcome(case, values), result, lost=state is None)

    async def _state(self, case: ReviewCase) -> dict[str, Any] | None:
        """Give the state that a run waits in, and put its thread where the graph finds it.

        Returns:
            `None` where the thread is gone.
        """
        thread_id = thread_of(case.run_id, remote=self.remote)
        threads = self._threads()
        try:
            await threads.fetch(thread_id)
        finally:
            await threads.close()
        snapshot = await self.graph.aget_state({"configurable": {"thread_id": thread_id}})
        return dict(snapshot.values) if snapshot.next else None

    def _outcome(self, case: ReviewCase, values: dict[str, Any]) -> Outcome:
        options = read_optional(values, "options", RunOptions) or RunOptions()
        return Outcome(
            case.run_id,
            case.customer_id,
            read(values, "score", Score),
            values=values,
            lane=options.lane,
            remote=self.remote,
        )


def run_of(result: CustomerResult, *, held: str | None = None) -> Run:
    """Give a finished run with its result, as the store keeps it."""
    state = RunState.FAILED if result.status is Status.FAILED else RunState.DONE
    return Run(
        run_id=result.run_id,
        customer_id=result.customer_id,
        state=state,
        status=result.status.value,
        result=result.model_dump_json(),
        held=held,
    )
