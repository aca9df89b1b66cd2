"""What a scan writes into the store, so that any process can go on where it stopped."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection

from procx_graph.domain.case import Step
from procx_graph.domain.dealings import OfferMade
from procx_graph.domain.review import ReviewCase, ReviewKind
from procx_graph.errors import StoreError
from procx_graph.monitor.heartbeat import Heartbeat, held_by
from procx_graph.monitor.journal import Sitting
from procx_graph.monitor.outbound import drafted
from procx_graph.monitor.plan import Plan
from procx_graph.monitor.run import Outcome, thread_of
from procx_graph.monitor.run_ledger import RunLedger
from procx_graph.monitor.selection import Queue
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.monitor.threads import Threads
from procx_graph.monitor.waiting import HELD, run_of
from procx_graph.report import CustomerResult, Status
from procx_graph.store import Leases, Scans, audit, cases, holdouts, offers, outbox
from procx_graph.store.holder import new_holder
from procx_graph.store.scans import Also, Run, RunState, ScanRecord, ScanState


class StoreJournal:
    """Everything in the store, so that any process can go on where this one stopped.

    A lease bars others while this process works. Runs are claimed a handful at a time; what the
    gate refused goes along with them. The thread of a run that waits is kept first, then its
    result and its case in one transaction: a run without a result is done again from the start.

    Transactions run in threads, because a writer may have to wait for another one; the loop, and
    with it the other runs, goes on.

    Args:
        plan: Of the scan.
        around: The monitor's parts.
        ledger: The store's.
        threads: Where the threads of runs that wait are kept.
        queue: Selects; `None` goes on with a scan that was started before.
        ahead: How many runs are claimed at once.
    """

    def __init__(
        self,
        plan: Plan,
        around: Surroundings,
        *,
        ledger: RunLedger,
        threads: Threads,
        queue: Callable[[], Queue] | None,
        ahead: int,
    ) -> None:
        self.plan, self.around, self.threads, self.ahead = plan, around, threads, ahead
        self.ledger, self.clock = ledger, ledger.clock
        self._scans, self._queue, self._holder = Scans(ledger.store), queue, new_holder()
        self._heartbeat = Heartbeat(
            Leases(ledger.store), lease_of(plan.scan_id), self._holder, clock=self.clock
        )

    async def begin(self) -> Sitting:
        """Start the scan, or go on with it.

        Raises:
            StoreError: Another process works on it, it is there already, or the store fails.
        """
        other = await self._heartbeat.start()
        if other is not None:
            raise StoreError(
                f"the scan {self.plan.scan_id!r} is being worked on by {held_by(other)}"
            )
        try:
            return await (self._resume() if self._queue is None else self._start(self._queue()))
        except BaseException:
            # whatever ends it, a cancellation too: nobody else is to wait for our lease
            await self.threads.close()
            await self._heartbeat.stop()
            raise

    async def take(
        self, run_ids: Sequence[str], refused: Sequence[CustomerResult], arms: Mapping[str, bool]
    ) -> set[str]:
        """Keep those whom the gate refused; claim runs, and give those that were free.

        Raises:
            StoreError: Another process took the scan over, or the store fails.
        """
        start = len(self.plan.scan_id) + 1
        wanted = [
            Run(run_id=run_id, customer_id=run_id[start:], state=RunState.CLAIMED)
            for run_id in run_ids
        ]
        wanted += [
            run_of(result).model_copy(update={"state": RunState.REFUSED}) for result in refused
        ]
        if not wanted and not arms:
            return set()
        return await asyncio.to_thread(self._take, wanted, arms)

    async def finish(
        self,
        outcome: Outcome,
        result: CustomerResult,
        case: ReviewCase | None,
        offer: OfferMade | None,
    ) -> CustomerResult:
        """Keep the thread if it waits; then the result with its case, message and offer.

        Raises:
            StoreError: Another process took the scan over, or the store fails.
        """
        held = None
        if case is not None and case.kind is ReviewKind.ESCALATION:
            await self.threads.keep(outcome.thread_id)
        if case is not None:
            told = {"score": outcome.score.model_dump(mode="json")} | outcome.values
            held = json.dumps({key: told[key] for key in HELD if key in told})
        merged = None if case is None else goes_along(result)
        outbound = drafted(outcome, result, at=self.plan.now)
        also: list[Also] = [partial(self._decided, result=result)]
        if offer is not None:
            also.append(partial(offers.keep, made=offer))
        if outbound is not None:
            also.append(partial(outbox.add, outbound=outbound))
        opened = await self._finish(
            run_of(result, held=held), case, also, None if merged is None else run_of(merged)
        )
        if opened or merged is None:
            return result
        await self.threads.drop(outcome.thread_id)
        return merged

    async def fail(self, result: CustomerResult) -> None:
        """Keep the result of a run that broke; a resumed scan leaves it at that.

        Raises:
            StoreError: Another process took the scan over, or the store fails.
        """
        await self._finish(run_of(result), None)

    def give_up(self, run_id: str) -> None:
        """Do nothing: `end` gives back all that was claimed and not finished."""

    async def end(self, *, finished: bool) -> None:
        """Note that the scan is over, or that it stops here, and let others have it.

        Raises:
            StoreError: The store fails and the scan is finished; a scan that stops is not made
                worse by that: whoever resumes it finds the lease expired.
        """
        state = ScanState.FINISHED if finished else ScanState.STOPPED
        try:
            with suppress(*(() if finished else (StoreError,))):
                await asyncio.to_thread(
                    self._scans.end,
                    self.plan.scan_id, state, holder=self._holder, at=self.clock.now(),
                )  # fmt: skip
                await self._heartbeat.stop()
        finally:
            await self.threads.close()

    def _decided(self, connection: Connection, *, result: CustomerResult) -> None:
        """Write down what was decided without a person."""
        detail = {
            "customer_id": result.customer_id,
            "why": result.reason,
            "policy": self.plan.policy.hash,
        }
        audit.note(
            connection, at=self.clock.now(), actor=cases.SYSTEM, action=result.status.value,
            subject=result.run_id, detail=detail,
        )  # fmt: skip

    def _tell_open_cases(self, connection: Connection, *, refused: Sequence[Run]) -> None:
        """Tell those who have a customer in hand that something new happened to them."""
        event = None if self.plan.event is None else self.plan.event.get("kind")
        for run in refused if event else ():
            for case in cases.open_cases(connection, run.customer_id):
                cases.note(
                    connection, case, Step.MERGED, actor=cases.SYSTEM, at=self.clock.now(),
                    run_id=run.run_id, event=str(event),
                )  # fmt: skip

    async def _start(self, queue: Queue) -> Sitting:
        record = await asyncio.to_thread(self._record, queue)
        await asyncio.to_thread(self._scans.add, record)
        return Sitting(queue)

    async def _resume(self) -> Sitting:
        scan_id = self.plan.scan_id
        record = await asyncio.to_thread(self._scans.get, scan_id)
        if record.state is ScanState.FINISHED:
            await self._heartbeat.stop()
            return sitting_of(record, await asyncio.to_thread(self._scans.runs, scan_id))
        await asyncio.to_thread(self._scans.take_over, scan_id, self._holder)
        known = await asyncio.to_thread(self._scans.runs, scan_id)
        for run in known:
            if run.state is RunState.CLAIMED:
                await self.threads.drop(thread_of(run.run_id, remote=self.around.remote))
        await asyncio.to_thread(self._scans.forget_unfinished, scan_id, self._holder)
        return sitting_of(record, known)

    def _take(self, wanted: Sequence[Run], arms: Mapping[str, bool]) -> set[str]:
        plan, now = self.plan, self.clock.now()
        experiment = self.around.policy.holdout.experiment
        refused = [run for run in wanted if run.state is RunState.REFUSED]
        also: list[Also] = [partial(self._tell_open_cases, refused=refused)]
        if arms:
            also.append(partial(holdouts.assign, experiment=experiment, arms=arms, at=plan.now))
        ours = self._scans.take(plan.scan_id, wanted, holder=self._holder, at=now, also=also)
        self.ledger.look_up([run.customer_id for run in wanted if run.run_id in ours])
        return ours

    async def _finish(
        self,
        run: Run,
        case: ReviewCase | None,
        also: Sequence[Also] = (),
        merged: Run | None = None,
    ) -> bool:
        opened = await asyncio.to_thread(
            self._scans.finish,
            self.plan.scan_id, run, holder=self._holder, at=self.clock.now(), case=case, also=also,
            merged=merged,
        )  # fmt: skip
        self.ledger.forget(run.customer_id)
        return opened

    def _record(self, queue: Queue) -> ScanRecord:
        plan, around = self.plan, self.around
        return ScanRecord(
            scan_id=plan.scan_id,
            lane=plan.options.lane.value,
            options=plan.options.model_dump_json(),
            event=None if plan.event is None else json.dumps(plan.event),
            now=plan.now,
            as_of=plan.as_of,
            profile_name=plan.profile.name,
            profile_hash=plan.profile.hash,
            policy_name=plan.policy.name,
            policy_hash=plan.policy.hash,
            base_name=around.base.name,
            fingerprint=around.base.fingerprint,
            scored=plan.scored,
            queue=tuple(queue.customer_ids),
            others=queue.others,
            started_at=self.clock.now(),
            holder=self._holder,
        )


def goes_along(result: CustomerResult) -> CustomerResult:
    """Give the result of a run whose matter a person has in hand already."""
    told = {"reason": "open_case", "detail": "a person already has a case about this"}
    return result.model_copy(
        update={"status": Status.SKIPPED, **told, "review": None, "message": None}
    )


def lease_of(scan_id: str) -> str:
    """Give the name of the lease under which a scan is worked on."""
    return f"scan:{scan_id}"


def sitting_of(record: ScanRecord, known: Sequence[Run]) -> Sitting:
    """Give where a scan stands."""
    results = {
        run.customer_id: CustomerResult.model_validate_json(run.result)
        for run in known
        if run.result is not None
    }
    return Sitting(
        Queue(record.queue, record.others),
        results,
        processed=sum(run.state in {RunState.DONE, RunState.FAILED} for run in known),
        finished=record.state is ScanState.FINISHED,
    )
