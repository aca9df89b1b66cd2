"""One scan: from the queue through the gate to the graph, customer by customer."""

import asyncio
import logging
import traceback
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from procx_graph.domain.message import Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.risk import Score
from procx_graph.errors import ProcxError, StoreError
from procx_graph.graphs.retention.appraisal import appraise, has_escalated_ticket
from procx_graph.graphs.retention.state import RunOptions
from procx_graph.llm import within
from procx_graph.monitor.desk import ReviewDesk
from procx_graph.monitor.events import (
    AgentFinished,
    CustomerFinished,
    CustomerStarted,
    ScanEvent,
    ScanFinished,
    ScanStarted,
)
from procx_graph.monitor.journal import Journal
from procx_graph.monitor.observed import observed_run, observed_scan, score_result, tell_result
from procx_graph.monitor.offering import offer_made
from procx_graph.monitor.plan import Plan
from procx_graph.monitor.run import Outcome, advance, result_from_score, result_of, usage_of
from procx_graph.monitor.selection import Queue
from procx_graph.monitor.spending import Spending
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.outreach.gate import HELD_OUT, Gate, leaves_a_way
from procx_graph.report import Counts, CustomerResult, ScanReport, Status

log = logging.getLogger(__name__)

_CHUNK = 256
"""Customers whose rows are fetched at once at most; where many are refused, it grows to this."""


RUN_TIME = 120.0
"""Seconds that a run may wait for all its models together."""


class Scan:
    """Processes a queue with bounded concurrency; one customer's failure is that customer's."""

    def __init__(
        self,
        around: Surroundings,
        desk: ReviewDesk,
        plan: Plan,
        journal: Journal,
        *,
        concurrency: int,
        note: str | None = None,
    ) -> None:
        self.note = note
        self.around, self.desk, self.plan, self.journal = around, desk, plan, journal
        self.options, self.concurrency = plan.options, concurrency
        self._queue = Queue((), {})
        self._results: dict[str, CustomerResult | None] = {}
        self._statuses: Counter[Status] = Counter()
        self._refused: list[CustomerResult] = []
        self._arms: dict[str, bool] = {}
        self._processed = 0
        self._given_up = 0
        self._gone = 0
        self._taken: deque[Score] = deque()
        self._intake = asyncio.Lock()
        self._spending = Spending(plan.options.max_tokens, plan.options.max_cost, around.usual_cost)
        self._tell: Callable[[ScanEvent], None] = lambda _: None

    async def run(self, tell: Callable[[ScanEvent], None]) -> None:
        """Do the scan, telling each event as it happens.

        Raises:
            StoreError: The scan's journal cannot be written, or is another process's now.
        """
        self._tell = tell
        sitting = await self.journal.begin()
        self._queue, self._processed = sitting.queue, sitting.processed
        for result in sitting.results.values():
            self._keep(result)
            self._spending.settle(result.usage)
        limit = self.options.limit or len(self._queue.customer_ids)
        tell(
            ScanStarted(
                self.plan.scan_id,
                scored=self.plan.scored,
                eligible=len(self._queue.customer_ids),
                limit=min(limit, len(self._queue.customer_ids)),
                done=sitting.processed,
            )
        )
        if not sitting.finished:
            with observed_scan(self.around, self.plan, self.report):
                await self._work_through(limit - sitting.processed)
        tell(ScanFinished(self.report()))

    def report(self) -> ScanReport:
        """Give the report of what is done so far."""
        plan, ids = self.plan, self._queue.customer_ids
        done = tuple(self._results[name] for name in ids if name in self._results)
        results = tuple(result for result in done if result is not None)
        found = {status.value: self._statuses[status] for status in Status}
        beyond = len(ids) - len(done) - self._given_up - self._gone
        rest = {"given_up": self._given_up, "beyond_limit": beyond, "gone": self._gone}
        others = self._queue.others | {reason: n for reason, n in rest.items() if n}
        return ScanReport(
            scan_id=plan.scan_id,
            lane=self.options.lane,
            as_of=plan.as_of,
            profile=plan.profile,
            policy=plan.policy,
            counts=Counts(
                scored=plan.scored, eligible=len(ids), processed=self._processed, **found
            ),
            others=others,
            results=results,
            usage=self._spending.spent if self._spending.spent.asked else None,
            notes=tuple(filter(None, (self._spending.note,))),
        )

    async def _work_through(self, limit: int) -> None:
        finished = False
        try:
            admitted = self._admitted(limit)
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self.concurrency, max(1, limit))):
                    workers.create_task(self._work(admitted))
            finished = True
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await self.journal.end(finished=finished)

    def _admitted(self, limit: int) -> Iterator[Score]:
        """Give the customers whom the gate lets through, up to the limit; note the refused."""
        admitted, ids = 0, self._left()
        start, size = 0, max(1, min(_CHUNK, 2 * limit))
        while start < len(ids) and admitted < limit:
            chunk = ids[start : start + size]
            start, size = start + size, min(_CHUNK, 2 * size)
            self.around.base.records(chunk)
            gate, scores = self.around.gate_for(chunk), self.around.scores.scores(chunk)
            for customer_id in chunk:
                score = scores[customer_id]
                refusal = self._refusal(score, gate)
                if refusal is not None:
                    self._skip(score, refusal)
                    continue
                admitted += 1
                yield score
                if admitted == limit:
                    return

    def _left(self) -> Sequence[str]:
        """Give those whom no earlier sitting has done, without those the base has lost since."""
        ids = self._queue.customer_ids
        if not self._results:
            return ids
        left = [name for name in ids if name not in self._results]
        there = [name for name in left if name in self.around.base]
        self._gone = len(left) - len(there)
        return there

    def _refusal(self, score: Score, gate: Gate) -> Permit | None:
        """Give the gate's refusal, `None` when the customer may be written to for some purpose.

        Whether an event of this run calls for service is judged inside the graph. Who could be
        written to is eligible for the policy's experiment, and may be held out by it.
        """
        permit = self._judged(score, gate)
        if permit is not None or not self.around.policy.holdout.on:
            return permit
        held = self._arms[score.customer_id] = gate.holds_out(score.customer_id)
        return HELD_OUT if held else None

    def _judged(self, score: Score, gate: Gate) -> Permit | None:
        around = self.around
        record = around.base.record(score.customer_id)
        permit = gate.permit(
            record.customer,
            state=score.state,
            escalated_ticket=has_escalated_ticket(record),
            now=self.plan.now,
            lane=self.options.lane,
            held_out=False,
        )
        if permit.allows(Purpose.MARKETING) or (self.plan.event and permit.purposes):
            return None
        if permit.purposes:
            situation = appraise(record, score=score, policy=around.policy, as_of=around.base.as_of)
            if leaves_a_way(permit, situation):
                return None
        return permit

    def _skip(self, score: Score, permit: Permit) -> None:
        result = result_from_score(
            score,
            run_id=self._run_id(score.customer_id),
            status=Status.SKIPPED,
            reason=permit.code or "no_contact",
            detail=permit.text + allowed_from(permit),
        )
        self._refused.append(result)
        self._finish(result)

    async def _work(self, admitted: Iterator[Score]) -> None:
        """Take one customer after the other until none is left."""
        while (score := await self._next(admitted)) is not None:
            await self._process(score)
            await asyncio.sleep(0)

    async def _next(self, admitted: Iterator[Score]) -> Score | None:
        """Give a customer whose run is claimed for us, `None` when none is left."""
        async with self._intake:
            while not self._taken:
                batch = {
                    self._run_id(s.customer_id): s for s in islice(admitted, self.journal.ahead)
                }
                refused, self._refused = self._refused, []
                arms, self._arms = self._arms, {}
                taken = await self.journal.take(list(batch), refused, arms)
                if not batch:
                    return None
                for run_id, score in batch.items():
                    if run_id in taken:
                        self._taken.append(score)
                    else:
                        self._pass_over(score)
            return self._taken.popleft()

    def _pass_over(self, score: Score) -> None:
        self._finish(
            result_from_score(
                score,
                run_id=self._run_id(score.customer_id),
                status=Status.SKIPPED,
                reason="already_claimed",
                detail="this run was taken before",
            )
        )

    async def _process(self, score: Score) -> None:
        run_id = self._run_id(score.customer_id)
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
            with observed_run(self.around, outcome, scan_id=self.plan.scan_id) as trace:
                with within(RUN_TIME):
                    async for agent, values in self._advance(outcome):
                        self._tell(AgentFinished(score.customer_id, agent, values))
                result, case = result_of(outcome, self.around.base, self.around.prices), None
                if not self.options.dry_run:
                    result, case = self.desk.prepare(outcome, result, at=self.plan.now)
                tell_result(trace, result)
            offer = offer_made(outcome, result, self.around.base, at=self.plan.now)
            result = await self.journal.finish(outcome, result, case, offer)
            score_result(self.around.tracer, outcome, result, at=self.plan.now)
        except asyncio.CancelledError:
            self._given_up += 1
            self.journal.give_up(run_id)
            self.around.saver.delete_thread(outcome.thread_id)
            raise
        except StoreError:
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
                usage=usage_of(outcome, self.around.prices),
            )
            await self.journal.fail(result)
        self._processed += 1
        self._spending.settle(result.usage)
        if not (outcome.interrupted and result.status is Status.ESCALATED):
            self.around.saver.delete_thread(outcome.thread_id)
        self._finish(result)

    def _advance(self, outcome: Outcome) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        options = RunOptions(
            run_id=outcome.run_id,
            now=self.plan.now,
            lane=self.options.lane,
            dry_run=self.options.dry_run,
            language=self.options.language,
            channel=self.options.channel,
            models=self.options.models and self.around.may_ask and self._spending.admits(),
        )
        work = {
            "customer_id": outcome.customer_id,
            "event": self.plan.event,
            "score": outcome.score.model_dump(mode="json"),
        }
        return advance(self.around.graph, outcome, work, options)

    def _finish(self, result: CustomerResult) -> None:
        self._keep(result)
        self._tell(CustomerFinished(result))

    def _keep(self, result: CustomerResult) -> None:
        self._statuses[result.status] += 1
        self._results[result.customer_id] = result if self.options.keep_results else None

    def _run_id(self, customer_id: str) -> str:
        return f"{self.plan.scan_id}:{customer_id}"


def allowed_from(permit: Permit) -> str:
    """Say from when on it would be allowed, where time helps."""
    return f" (until {permit.until:%Y-%m-%d %H:%M} UTC)" if permit.until is not None else ""


def _place(error: Exception) -> str:
    """Say where an error was raised; its message may quote what customers wrote and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
