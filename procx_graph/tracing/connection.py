"""One client of Langfuse with everything around it that makes it harmless."""

import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from langfuse import Langfuse
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from procx_graph.domain.clock import monotonic as system_monotonic
from procx_graph.errors import ConfigError
from procx_graph.tracing.address import Address
from procx_graph.tracing.allow_list import allowed, capped
from procx_graph.tracing.answers import told_status
from procx_graph.tracing.breaker import Breaker
from procx_graph.tracing.exporter import BATCH, RedactingExporter
from procx_graph.tracing.handler import HarmlessHandler
from procx_graph.tracing.harmless import Harmless
from procx_graph.tracing.leaving import Parked, on_exit, within
from procx_graph.tracing.score_sender import Score, ScoreSender
from procx_graph.tracing.score_transport import ScoreTransport

TIMEOUT = 3
"""Seconds for one request."""
LEAVING = 2.0
"""Seconds that a process may still send when it ends."""
_IMPATIENT = 0.2
"""Seconds, where it has waited in vain before."""
SCAN = "procx.scan"
"""Name of the one observation of a scan; it is always sampled, because there is but one."""

_HANDLERS = 64
"""Callbacks that are kept for further runs."""
_IN_USE = (
    "the key in LANGFUSE_PUBLIC_KEY has a client of somebody else in this process already, through "
    "which runs would go as they are: nothing is traced. Give procx_graph a key of its own"
)


@dataclass(frozen=True)
class Options:
    """How to trace.

    Attributes:
        address: Where to, with the keys.
        content: Whether texts may leave.
        sample_rate: Share of the runs that are traced.
        environment: Name of the surroundings, such as `production`.
        release: Version of the software around us.
    """

    address: Address
    content: bool = False
    sample_rate: float = 1.0
    environment: str | None = None
    release: str | None = None


class Connection:
    """The client, its exporter and its breaker; one for each key in a process.

    Raises:
        ConfigError: Somebody else in this process has a client with this key, which would be used.
    """

    def __init__(
        self, options: Options, *, monotonic: Callable[[], float] = system_monotonic
    ) -> None:
        address = options.address
        self.options = options
        self.mask: Callable[[Any], Any] = capped if options.content else allowed
        self.breaker = Breaker(address.base_url, monotonic=monotonic)
        self._exporter = RedactingExporter(
            address, self.breaker, content=options.content, timeout=TIMEOUT
        )
        self.harmless = Harmless(self.breaker)
        self.ended, self._patience = False, LEAVING
        self._handlers: deque[HarmlessHandler] = deque(maxlen=_HANDLERS)
        self._sampler = Sampler(options.sample_rate)
        self._provider = _OwnProvider(
            sampler=self._sampler,
            resource=Resource({"service.name": "procx_graph"}),
            shutdown_on_exit=False,
        )
        self._http = httpx.Client(transport=ScoreTransport(self.breaker, timeout=TIMEOUT))
        self._scores = ScoreSender(
            self._send_scores, dropped=lambda number: self.breaker.drop("scores", number)
        )
        self.client = Langfuse(
            public_key=address.public_key,
            secret_key=address.secret_key,
            base_url=address.base_url,
            timeout=TIMEOUT,
            httpx_client=self._http,
            tracing_enabled=True,
            flush_at=BATCH,
            environment=options.environment,
            release=options.release,
            mask=self._masked,
            should_export_span=self._exporter.admits,
            tracer_provider=self._provider,
            span_exporter=self._exporter,
        )
        if not self._provider.used:
            self._provider.shutdown()
            self._http.close()
            raise ConfigError(_IN_USE)
        self._leaving = Parked(self._shut_down)
        # registered after the client, so that it runs before the client's own, which may wait long
        self._stay = on_exit(self.end)

    def samples(self, trace_id: str) -> bool:
        """Whether a run with this trace id is traced; so are its resume and its scores, or not."""
        found = self._sampler.should_sample(None, int(trace_id, 16), "")
        return found.decision is Decision.RECORD_AND_SAMPLE

    def handler(self) -> HarmlessHandler:
        """Give LangChain callbacks for one run; those of a run that has ended if there are any.

        Making them takes as long as telling a node. They know runs by their ids alone.
        """
        try:
            return self._handlers.pop()
        except IndexError:
            return HarmlessHandler(
                public_key=self.options.address.public_key,
                mask=self.mask,
                content=self.options.content,
                harmless=self.harmless,
            )

    def give_back(self, handler: HarmlessHandler) -> None:
        """Take the callbacks of a run that has ended."""
        self._handlers.append(handler)

    def score(self, score: Score) -> None:
        """Send a score soon, in the fields of the API."""
        if self.options.environment is not None:
            score["environment"] = self.options.environment
        self._scores.put(score)

    def flush(self, timeout: float) -> bool:
        """Send what waits; whether all of it went, or was dropped, within so many seconds."""

        def flush() -> None:
            self._scores.flush()
            self.client.flush()

        done = within(timeout, flush)
        self._patience = LEAVING if done else _IMPATIENT
        return done

    def end(self, timeout: float | None = None) -> None:
        """Send what waits, for at most so many seconds, and end for good.

        Without a time it is what a process may take that ends; little, where it waited in vain
        already.
        """
        self._stay()
        self.ended = True
        if not self._leaving.run(self._patience if timeout is None else timeout):
            self.breaker.failed(told_status(None))
            self.breaker.give_up()

    def _send_scores(self, scores: list[Score]) -> None:
        address = self.options.address
        self._http.post(
            f"{address.base_url}/api/public/scores",
            content=json.dumps(scores),
            headers=address.headers | {"Content-Type": "application/json"},
        )

    def _shut_down(self) -> None:
        # first the client: it takes back what it has the process do at its end, which may take long
        self.client.shutdown()
        self._scores.end()
        self._provider.shutdown()
        self._http.close()

    def _masked(self, *, data: Any, **_: Any) -> Any:
        told: Any = None
        with self.harmless("mask a value"):
            told = self.mask(data)
        return told


class Sampler(TraceIdRatioBased):
    """Samples runs by their trace id, and every scan.

    The SDK knows the decision for a score from the trace id alone, because it is such a sampler.
    """

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decide about a span."""
        if name == SCAN and self.rate > 0:
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes, trace_state)
        return super().should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )


class _OwnProvider(TracerProvider):
    """Notices whether the client took it, or had one of somebody else's already."""

    used = False

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """Take a processor."""
        self.used = True
        super().add_span_processor(span_processor)


_OPEN: dict[str, Connection] = {}
_LOCK = threading.Lock()


def connection(options: Options) -> Connection:
    """Give the connection of these options; there is one for each key, made when first needed.

    Raises:
        ConfigError: The key has a client already, of somebody else or with other options.
    """
    key = options.address.public_key
    with _LOCK:
        known = _OPEN.get(key)
        if known is None:
            known = _OPEN[key] = Connection(options)
        elif known.options != options or known.ended:
            raise ConfigError(_IN_USE)
        return known
