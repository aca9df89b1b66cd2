"""The monitor itself: one base, one graph, one loop."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from langgraph.graph import StateGraph
from langgraph.pregel.remote import RemoteGraph

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock, FixedClock, in_utc
from procx_graph.domain.event import Event
from procx_graph.domain.lane import Lane
from procx_graph.domain.model_use import Prices
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.graphs.retention import build_retention_graph
from procx_graph.graphs.retention.models import Models, models_by_agent
from procx_graph.graphs.retention.state import read_input
from procx_graph.llm import closed
from procx_graph.monitor.desk import ReviewDesk
from procx_graph.monitor.events import ScanEvent
from procx_graph.monitor.keeping import Keeping, ledger_of
from procx_graph.monitor.loop import BackgroundLoop
from procx_graph.monitor.plan import Plan
from procx_graph.monitor.rescoring import Listener
from procx_graph.monitor.resuming import require_same
from procx_graph.monitor.run import Graph
from procx_graph.monitor.running import RunningScan
from procx_graph.monitor.scan import Scan
from procx_graph.monitor.selection import Queue, select
from procx_graph.monitor.spending import require_priced, usual_cost
from procx_graph.monitor.surroundings import ScanOptions, Surroundings
from procx_graph.monitor.watch import EVERY, Watch
from procx_graph.outreach.executor import OfferExecutor
from procx_graph.outreach.gate import Gate
from procx_graph.outreach.policies import load_policy
from procx_graph.prompts import Prompts, load_prompt
from procx_graph.report import CustomerResult, Document, ScanReport
from procx_graph.scoring.engine import Engine, Scores, score
from procx_graph.scoring.profiles import load_profile
from procx_graph.store import DurableLedger, Ledger, Store
from procx_graph.store.scans import ScanState
from procx_graph.tracing import NoTracer, Tracer

if TYPE_CHECKING:
    import pandas as pd


class Monitor:
    """Scores every customer of a base and acts on those it is about to lose.

    The synchronous methods work anywhere, also inside a running event loop (Jupyter): one
    background loop owns the graph. Use it as a context manager, or call `close`, to end it.

    Args:
        base: The customers.
        graph: A builder (compiled here), a compiled graph with a checkpointer, or a remote one;
            the retention graph when not given.
        store: Where claims, reviews and contacts are kept; in memory when not given. With a
            `Store`, or its `DurableLedger`, scans are kept too: one that was interrupted can be
            resumed, and cases can be answered by another process. A graph of your own must be
            built with the same ledger, and one that is compiled with a checkpointer that lasts.
        policy: What we may do: a `Policy`, a file, or `None` for the default.
        profile: How customers are scored: a `Profile`, a name, a file, or `None` for default-v1.
        clock: The moment of gate and deadlines; the base's as_of when not given.
        engine: What computes the features: polars, duckdb, pandas or spark.
        scan_ids: Gives each scan its id; random when not given.
        concurrency: Runs under way at once.
        models: Language models by agent, see `build_retention_graph`; none by default. Connections
            they open here are closed with the monitor.
        prices: What models cost, for the reports.
        prompts: Gives a prompt by name; the files of prompts/ when not given.
        executor: Brings approved offers to the customers; when not given they stay pending. A
            graph of your own has its own.
        tracer: Where runs are told, see `procx_graph.tracing.tracer_from`; nowhere when not given.
            A tracer may serve several monitors, and is not closed with them.

    Raises:
        ConfigError: Profile, policy or graph cannot be used.
    """

    def __init__(
        self,
        base: CustomerBase,
        *,
        graph: StateGraph[Any, Any, Any, Any] | Graph | None = None,
        store: Ledger | Store | None = None,
        policy: Policy | str | Path | None = None,
        profile: Profile | str | Path | None = None,
        clock: Clock | None = None,
        engine: Engine = "polars",
        scan_ids: Callable[[], str] | None = None,
        concurrency: int = 8,
        models: Models = None,
        prices: Prices | None = None,
        prompts: Prompts = load_prompt,
        executor: OfferExecutor | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        if not isinstance(base, CustomerBase):
            raise ConfigError(f"a monitor watches a CustomerBase, not {type(base).__name__}")
        if not isinstance(concurrency, int) or concurrency < 1:
            raise ConfigError("concurrency must be a whole number from 1 on")
        self.base, self.engine, self.concurrency = base, engine, concurrency
        self.policy, self.profile = load_policy(policy), load_profile(profile or "default-v1")
        self._keeping = Keeping(ledger_of(store))
        self.store: Ledger = self._keeping.ledger
        self.clock: Clock = clock or FixedClock(base.as_of)
        self._models, self._executor = models_by_agent(models), executor
        self._prices, self._prompts = prices, prompts
        self.tracer: Tracer = tracer or NoTracer()
        self._scan_ids = scan_ids or (lambda: f"scan-{uuid4().hex[:12]}")
        self._scores: Scores | None = None
        self._given = graph
        self._graph: Graph | None = None
        self._desk: ReviewDesk | None = None
        self._loop = BackgroundLoop()
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the background loop, and the connections that graph and models opened on it."""
        client = self._graph.client if isinstance(self._graph, RemoteGraph) else None
        if client is not None:
            with suppress(TimeoutError, RuntimeError):
                self._loop.submit(client.aclose()).result(timeout=5)
        if self._models:
            with suppress(TimeoutError, RuntimeError):
                self._loop.submit(closed(*self._models.values())).result(timeout=5)
        self._loop.close()

    @property
    def scores(self) -> Scores:
        """The scores of everybody, computed once."""
        with self._lock:
            if self._scores is None:
                self._scores = score(self.base, profile=self.profile, engine=self.engine)
            return self._scores

    def score(self) -> "pd.DataFrame":
        """Give the score table: one row per customer, see `score_customers`."""
        return self.scores.to_frame()

    def at_risk(
        self,
        limit: int | None = 10,
        *,
        min_risk: float | None = None,
        min_value: float | None = None,
        segments: Sequence[str] = (),
        diverse: bool = False,
        lane: Lane | str = Lane.RETENTION,
    ) -> "pd.DataFrame":
        """Give the head of the lane's queue as rows of the score table; the gate is not asked.

        Raises:
            ConfigError: An option has a wrong value.
        """
        options = ScanOptions.of(
            limit=limit, min_risk=min_risk, min_value=min_value, segments=segments,
            diverse=diverse, lane=lane,
        )  # fmt: skip
        ids = list(self._select(options).customer_ids[:limit])
        return self.scores.to_frame().set_index("customer_id").loc[ids].reset_index()

    def scan(self, limit: int | None = 10, **options: Any) -> ScanReport:
        """Run the customers at risk through the graph and report.

        Args:
            limit: Customers to process, counted after the gate; `None` for all.
            **options: See `ScanOptions`: lane, min_risk, min_value, segments, diverse, dry_run,
                language, channel, scan_id, resume.

        Raises:
            ConfigError: An option has no such name or a wrong value, or the scan to resume is of
                another profile, policy or base.
            StoreError: The scan to resume is unknown or being worked on, or the store fails.
        """
        running = self.begin(limit, **options)
        for _ in running:
            pass
        return running.report()

    def begin(self, limit: int | None = 10, **options: Any) -> "RunningScan":
        """Start a scan and give a handle: iterate over its events, stop it, take its report."""
        return RunningScan(self._new_scan(limit, options), self._loop)

    def resume(self, scan_id: str) -> ScanReport:
        """Go on with a scan of the store, and report on all of its sittings together.

        It is done as it was started: whose results are there keeps them, runs that a dead process
        left half done are done again, and the limit counts over all sittings. A finished scan
        gives its report again.

        Raises:
            ConfigError: It is of another profile, policy or base, or this monitor has no store.
            StoreError: It is unknown or being worked on, or the store fails.
        """
        return self.scan(resume=scan_id)

    async def ascan(self, limit: int | None = 10, **options: Any) -> ScanReport:
        """Do what `scan` does, from a running event loop."""
        scan = await asyncio.to_thread(self._new_scan, limit, options)
        await asyncio.wrap_future(self._loop.submit(scan.run(lambda _: None)))
        return scan.report()

    async def astream(self, limit: int | None = 10, **options: Any) -> AsyncGenerator[ScanEvent]:
        """Do what `scan` does, and tell each event as it happens; the last is `ScanFinished`."""
        here, events = asyncio.get_running_loop(), asyncio.Queue[ScanEvent | None]()

        def tell(event: ScanEvent | None) -> None:
            here.call_soon_threadsafe(events.put_nowait, event)

        scan = await asyncio.to_thread(self._new_scan, limit, options)
        work = self._loop.submit(scan.run(tell))
        work.add_done_callback(lambda _: tell(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await asyncio.wrap_future(work)
        finally:
            work.cancel()

    def process(
        self, customer_id: str, *, event: Event | dict[str, Any] | None = None, **options: Any
    ) -> "RunningScan":
        """Run one customer through the graph, with an event if one is given; see `begin`.

        In a store it is a scan of its own, whose id is taken once.

        Raises:
            UnknownCustomer: The base has no such customer.
            DataError: The event is none.
        """
        score = self.scores.score(customer_id)
        told = read_input({"event": event}, "event", Event)
        scan = self._new_scan(
            1,
            options,
            only=score.customer_id,
            event=told.model_dump(mode="json") if told else None,
        )
        return RunningScan(scan, self._loop)

    def watch(
        self,
        every: timedelta = EVERY,
        *,
        limit: int | None = 10,
        stop: threading.Event | None = None,
        on_at_risk: Listener | None = None,
        capacity: float = 0.10,
        **options: Any,
    ) -> Iterator[ScanReport]:
        """Scan on a schedule, and score again in between whoever something happened to.

        Each scan reads the source again as it is then, and leaves out whom an earlier one did
        something for within the policy's cooldown, unless something happened to them since. One
        process at a time watches a store; another one waits until it ends.

        Args:
            every: From the start of one scan to the start of the next; a scan that takes longer
                is followed at once.
            limit: Customers to process in each scan; `None` for all.
            stop: Ends the watch when set: at once between scans, after the runs under way in one.
            on_at_risk: Called for a customer who enters the queue between two scans.
            capacity: Size of the queue for that, as for `Rescorer`.
            **options: See `ScanOptions`.

        Yields:
            The report of each scan.

        Raises:
            ConfigError: The monitor has no store, or an option has no such name or a wrong value.
            DataError: The source cannot be read.
            StoreError: The store fails.
        """
        if not isinstance(self.store, DurableLedger):
            raise ConfigError("a watch needs the monitor's store: Monitor(base, store=store)")
        if self._given is not None and not isinstance(self._given, RemoteGraph):
            raise ConfigError("a watch builds the graph for each scan, so it takes none of yours")
        chosen = {"rest_days": self.policy.cooldown_days} | options
        ScanOptions.of(limit=limit, **chosen)
        watch = Watch(
            self, self.store.store, every=every, limit=limit, options=chosen,
            on_at_risk=on_at_risk, capacity=capacity,
        )  # fmt: skip
        return watch.reports(stop or threading.Event())

    def reopened(self, as_of: datetime, *, scan_ids: Callable[[], str] | None = None) -> "Monitor":
        """Give a monitor like this one on its source as it is now.

        Args:
            as_of: The moment to see it from.
            scan_ids: Gives each scan its id, instead of this monitor's way.

        Raises:
            DataError: The source can no longer be read.
        """
        return Monitor(
            self.base.reopened(as_of), graph=self._given, store=self.store, policy=self.policy,
            profile=self.profile, clock=self.clock, engine=self.engine,
            scan_ids=scan_ids or self._scan_ids, concurrency=self.concurrency,
            models=self._models, prices=self._prices, prompts=self._prompts,
            executor=self._executor, tracer=self.tracer,
        )  # fmt: skip

    def resolve(self, review_id: str, review: Any) -> CustomerResult:
        """Answer a case: a `Review`, a word such as "approve", or any dialect `Review` reads.

        Raises:
            ReviewError: Unknown, already answered, not an answer, or a text that the checks
                refuse. Nothing is changed then.
        """
        return self._loop.submit(self._reviews.resolve(review_id, review)).result()

    async def aresolve(self, review_id: str, review: Any) -> CustomerResult:
        """Do what `resolve` does, from a running event loop."""
        desk = await asyncio.to_thread(lambda: self._reviews)
        work = self._loop.submit(desk.resolve(review_id, review))
        return await asyncio.wrap_future(work)

    @property
    def graph(self) -> Graph:
        """The compiled graph."""
        with self._lock:
            if self._graph is None:
                self._graph = self._compiled()
            return self._graph

    def _compiled(self) -> Graph:
        given = self._given
        if given is None:
            given = build_retention_graph(
                self.base, policy=self.policy, profile=self.profile,
                ledger=self._keeping.of_runs,
                clock=self.clock, scores=self.scores, models=self._models,
                prompts=self._prompts, executor=self._executor,
            )  # fmt: skip
        if isinstance(given, StateGraph):
            return given.compile(checkpointer=self._keeping.saver, name="procx")
        if not hasattr(given, "astream"):
            raise ConfigError(f"a graph is a builder or compiled, not {type(given).__name__}")
        if getattr(given, "checkpointer", self) is None:
            raise ConfigError("the graph has no checkpointer: reviews could not be resumed")
        return given

    @property
    def _reviews(self) -> ReviewDesk:
        with self._lock:
            if self._desk is None:
                self._desk = ReviewDesk(self._surroundings(), self._keeping.waiting(self.graph))
            return self._desk

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            base=self.base, scores=self.scores, policy=self.policy, profile=self.profile,
            store=self.store, clock=self.clock, graph=self.graph, saver=self._keeping.saver,
            gate=Gate(self.policy, self.store), remote=isinstance(self.graph, RemoteGraph),
            models=self._models, prices=self._prices,
            usual_cost=usual_cost(self._models, self._prices), tracer=self.tracer,
        )  # fmt: skip

    def _select(self, options: ScanOptions) -> Queue:
        profile = self.profile
        found = select(
            self.base,
            self.scores,
            lane=options.lane,
            min_risk=profile.min_risk if options.min_risk is None else options.min_risk,
            min_value=profile.min_value if options.min_value is None else options.min_value,
            segments=options.segments,
            diverse=options.diverse,
        )
        if options.rest_days is None:
            return found
        since = in_utc(self.clock.now()) - timedelta(days=options.rest_days)
        return found.without(self._keeping.handled_since(since), "handled_lately")

    def _new_scan(
        self,
        limit: int | None,
        options: dict[str, Any],
        *,
        only: str | None = None,
        event: dict[str, Any] | None = None,
    ) -> Scan:
        chosen = ScanOptions.of(limit=limit, **options)
        if chosen.resume is not None:
            return self._resumed(chosen.resume)
        if chosen.max_cost is not None:
            require_priced(self._models, self._prices)
        plan = Plan(
            scan_id=chosen.scan_id or self._scan_ids(),
            options=chosen,
            now=in_utc(self.clock.now()),
            as_of=self.base.as_of,
            scored=len(self.base),
            profile=Document(name=self.profile.name, hash=self.profile.hash),
            policy=Document(name=self.policy.name, hash=self.policy.hash),
            event=event,
        )
        return self._scan(
            plan, lambda: Queue((only,), {}) if only is not None else self._select(chosen)
        )

    def _resumed(self, scan_id: str) -> Scan:
        record = self._keeping.record(scan_id)
        note = None
        plan = Plan.of(record)
        if record.state is not ScanState.FINISHED:
            note = require_same(record, base=self.base, profile=self.profile, policy=self.policy)
            if plan.options.max_cost is not None:
                require_priced(self._models, self._prices)
        return self._scan(plan, None, note=note)

    def _scan(
        self, plan: Plan, queue: Callable[[], Queue] | None, *, note: str | None = None
    ) -> Scan:
        around = self._surroundings()
        return Scan(
            around,
            self._reviews,
            plan,
            self._keeping.journal(plan, around, queue, ahead=self.concurrency),
            concurrency=self.concurrency,
            note=note,
        )
