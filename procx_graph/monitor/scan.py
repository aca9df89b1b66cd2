"""One scan: from the queue through the gate to the graph, customer by customer."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from procx_graph.domain.message import Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.risk import Score
from procx_graph.errors import ProcxError
from procx_graph.graphs.retention.appraisal import appraise, has_escalated_ticket
from procx_graph.graphs.retention.state import RunOptions
from procx_graph.monitor.desk import ReviewDesk
from procx_graph.monitor.events import (
    AgentFinished,
    CustomerFinished,
    CustomerStarted,
    ScanEvent,
    ScanFinished,
    ScanStarted,
)
from procx_graph.monitor.run import Outcome, advance, result_from_score, result_of
from procx_graph.monitor.selection import Queue
from procx_graph.monitor.surroundings import ScanOptions, Surroundings
from procx_graph.outreach.gate import leaves_a_way
from procx_graph.report import Counts, CustomerResult, Document, ScanReport, Status, count

log = logging.getLogger(__name__)

_CHUNK = 256
"""Customers whose rows are fetched at once at most; where many are refused, it grows to this."""


class Scan:
    """Processes a queue with bounded concurrency; one customer's failure is that customer's."""

    def __init__(
        self,
        around: Surroundings,
        desk: ReviewDesk,
        options: ScanOptions,
        *,
        scan_id: str,
        queue: Callable[[], Queue],
        concurrency: int,
        event: dict[str, Any] | None = None,
    ) -> None:
        self.around, self.desk, self.options, self.scan_id = around, desk, options, scan_id
        self.concurrency, self.event = concurrency, event
        self._make_queue = queue
        self._queue = Queue((), {})
        self._now = around.clock.now()
        self._results: dict[str, CustomerResult] = {}
        self._processed = 0
        self._given_up = 0
        self._tell: Callable[[ScanEvent], None] = lambda _: None

    async def run(self, tell: Callable[[ScanEvent], None]) -> None:
        """Do the scan, telling each event as it happens."""
        self._tell, self._queue = tell, self._make_queue()
        limit = self.options.limit or len(self._queue.customer_ids)
        tell(
            ScanStarted(
                self.scan_id,
                scored=len(self.around.base),
                eligible=len(self._queue.customer_ids),
                limit=min(limit, len(self._queue.customer_ids)),
            )
        )
        admitted = self._admitted(limit)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self.concurrency, max(1, limit))):
                    workers.create_task(self._work(admitted))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        tell(ScanFinished(self.report()))

    def report(self) -> ScanReport:
        """Give the report of what is done so far."""
        around, ids = self.around, self._queue.customer_ids
        results = tuple(self._results[name] for name in ids if name in self._results)
        found = count(results)
        given_up = self._given_up
        beyond = len(ids) - len(results) - given_up
        rest = {"given_up": given_up, "beyond_limit": beyond}
        others = self._queue.others | {reason: n for reason, n in rest.items() if n}
        return ScanReport(
            scan_id=self.scan_id,
            lane=self.options.lane,
            as_of=around.base.as_of,
            profile=Document(name=around.profile.name, hash=around.profile.hash),
            policy=Document(name=around.policy.name, hash=around.policy.hash),
            counts=Counts(
                scored=len(around.base), eligible=len(ids), processed=self._processed, **found
            ),
            others=others,
            results=results,
        )

    def _admitted(self, limit: int) -> Iterator[Score]:
        """Give the customers whom the gate lets through, up to the limit; note the refused."""
        admitted, ids = 0, self._queue.customer_ids
        start, size = 0, max(1, min(_CHUNK, 2 * limit))
        while start < len(ids):
            chunk = ids[start : start + size]
            start, size = start + size, min(_CHUNK, 2 * size)
            self.around.base.records(chunk)
            scores = self.around.scores.scores(chunk)
            for customer_id in chunk:
                score = scores[customer_id]
                refusal = self._refusal(score)
                if refusal is not None:
                    self._skip(score, refusal)
                    continue
                admitted += 1
                yield score
                if admitted == limit:
                    return

    def _refusal(self, score: Score) -> Permit | None:
        """Give the gate's refusal, `None` when the customer may be written to for some purpose.

        Whether an event of this run calls for service is judged inside the graph.
        """
        around = self.around
        record = around.base.record(score.customer_id)
        permit = around.gate.permit(
            record.customer,
            state=score.state,
            escalated_ticket=has_escalated_ticket(record),
            now=self._now,
            lane=self.options.lane,
        )
        if permit.allows(Purpose.MARKETING) or (self.event and permit.purposes):
            return None
        if permit.purposes:
            situation = appraise(record, score=score, policy=around.policy, as_of=around.base.as_of)
            if leaves_a_way(permit, situation):
                return None
        return permit

    def _skip(self, score: Score, permit: Permit) -> None:
        self._finish(
            result_from_score(
                score,
                run_id=self._run_id(score.customer_id),
                status=Status.SKIPPED,
                reason=permit.code or "no_contact",
                detail=permit.text,
            )
        )

    async def _work(self, admitted: Iterator[Score]) -> None:
        """Take one customer after the other until none is left."""
        for score in admitted:
            await self._process(score)
            await asyncio.sleep(0)

    async def _process(self, score: Score) -> None:
        run_id = self._run_id(score.customer_id)
        if not self.options.dry_run and not self.around.store.claim(run_id):
            self._finish(
                result_from_score(
                    score,
                    run_id=run_id,
                    status=Status.SKIPPED,
                    reason="already_claimed",
                    detail="this run was taken before",
                )
            )
            return
        self._tell(CustomerStarted(score.customer_id, run_id))
        outcome = Outcome(
            run_id,
            score.customer_id,
            score,
            lane=self.options.lane,
            dry_run=self.options.dry_run,
            remote=self.around.remote,
        )
        try:
            async for agent, values in self._advance(outcome):
                self._tell(AgentFinished(score.customer_id, agent, values))
            result = result_of(outcome, self.around.base)
            if not self.options.dry_run:
                result = self.desk.open(outcome, result)
        except asyncio.CancelledError:
            self._given_up += 1
            self._release(run_id)
            self.around.saver.delete_thread(outcome.thread_id)
            raise
        except Exception as error:  # noqa: BLE001 - whatever breaks is this customer's result
            log.warning(
                "customer run failed",
                extra={
                    "customer_id": score.customer_id,
                    "error": type(error).__name__,
                    "at": _place(error),
                },
            )
            result = result_from_score(
                score,
                run_id=run_id,
                status=Status.FAILED,
                reason=type(error).__name__,
                detail=str(error)[:500] if isinstance(error, ProcxError) else "see the log",
            )
            self._release(run_id)
        self._processed += 1
        if not (outcome.interrupted and result.status is Status.ESCALATED):
            self.around.saver.delete_thread(outcome.thread_id)
        self._finish(result)

    def _release(self, run_id: str) -> None:
        """Let a run that was not finished be taken again."""
        if not self.options.dry_run:
            self.around.store.release(run_id)

    def _advance(self, outcome: Outcome) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        options = RunOptions(
            run_id=outcome.run_id,
            now=self._now,
            lane=self.options.lane,
            dry_run=self.options.dry_run,
            language=self.options.language,
            channel=self.options.channel,
        )
        work = {
            "customer_id": outcome.customer_id,
            "event": self.event,
            "score": outcome.score.model_dump(mode="json"),
        }
        return advance(self.around.graph, outcome, work, options)

    def _finish(self, result: CustomerResult) -> None:
        self._results[result.customer_id] = result
        self._tell(CustomerFinished(result))

    def _run_id(self, customer_id: str) -> str:
        return f"{self.scan_id}:{customer_id}"


def _place(error: Exception) -> str:
    """Say where an error was raised; its message may quote what customers wrote and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
