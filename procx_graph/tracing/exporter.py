"""The exporter: spans leave redacted, one by one harmless, and never while nobody takes them."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.exporter.otlp.proto.http import Compression, trace_exporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from requests import Response, Session

from procx_graph.tracing.address import Address
from procx_graph.tracing.answers import ITS_OWN_FAULT, told_status
from procx_graph.tracing.breaker import Breaker
from procx_graph.tracing.wire_span import wire_span

log = logging.getLogger(__name__)

PATH = "/api/public/otel/v1/traces"
BATCH = 256
"""Spans, or scores, that are sent together."""
AT_MOST = 1_500
"""Spans that wait; well below the 2,048 from which the SDK drops with a line each."""


class RedactingExporter(SpanExporter):
    """Sends spans through a breaker, redacted; what cannot be sent is dropped and counted.

    Args:
        address: Where to, with the keys.
        breaker: Shared with the scores.
        content: Whether texts may leave.
        timeout: Seconds for one batch with all its tries.
    """

    def __init__(
        self, address: Address, breaker: Breaker, *, content: bool, timeout: float
    ) -> None:
        self._breaker, self._content = breaker, content
        self._lock = threading.Lock()
        self._waiting = 0
        self._status: int | None = None
        self._exporter = OTLPSpanExporter(
            endpoint=f"{address.base_url}{PATH}",
            headers=address.headers | {"x-langfuse-ingestion-version": "4"},
            timeout=timeout,
            compression=Compression.Gzip,
            session=self._watched(),
        )

    def admits(self, span: ReadableSpan) -> bool:
        """Whether a span may wait to be sent; asked once more when it has ended."""
        if span.end_time is None:
            return True
        with self._lock:
            taken = self._waiting < AT_MOST and not self._breaker.is_open
            self._waiting += taken
        if not taken:
            self._breaker.drop("spans")
        return taken

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch, once; what is not taken is dropped."""
        with self._lock:
            # a batch that is not full was all that waited, whatever was counted
            self._waiting = max(0, self._waiting - len(spans)) if len(spans) >= BATCH else 0
        if not self._breaker.tries():
            return self._dropped(len(spans))
        harmless = self._harmless(spans)
        result, status = self._sent(harmless)
        problem = _problem(status, result)
        if problem is None:
            self._breaker.succeeded()
            return SpanExportResult.SUCCESS
        if status in ITS_OWN_FAULT:
            self._breaker.problem = problem
        else:
            self._breaker.failed(problem)
        return self._dropped(len(harmless))

    def shutdown(self) -> None:
        """End it; what is still under way is aborted between two tries."""
        with _MUTE.muted():
            self._exporter.shutdown()  # type: ignore[no-untyped-call] # theirs has no types

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Say that nothing waits here."""
        del timeout_millis
        return True

    def _sent(self, spans: Sequence[ReadableSpan]) -> tuple[SpanExportResult, int | None]:
        """Send a batch; give what became of it, and the last answer's status."""
        self._status = None
        with _MUTE.muted():
            return self._exporter.export(spans), self._status

    def _harmless(self, spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
        told = []
        for span in spans:
            try:
                told.append(wire_span(span, content=self._content))
            except Exception as error:  # noqa: BLE001 - else the whole batch would be lost
                self._breaker.problem = f"could not redact a span ({type(error).__name__})"
                self._breaker.drop("spans")
        return told

    def _dropped(self, number: int) -> SpanExportResult:
        self._breaker.drop("spans", number)
        return SpanExportResult.FAILURE

    def _watched(self) -> Session:
        """Give an HTTP session that remembers the last answer, which the exporter keeps back."""

        def remember(response: Response, *_: Any, **__: Any) -> None:
            self._status = response.status_code

        session = Session()
        session.hooks["response"].append(remember)
        return session


def _problem(status: int | None, result: SpanExportResult) -> str | None:
    """Say what is wrong with an answer; `None` when nothing is.

    A redirect is no error to the exporter, and the batch is lost all the same.
    """
    if result is SpanExportResult.SUCCESS and status is not None and status < 300:
        return None
    return told_status(status)


class _Mute(logging.Filter):
    """Silences a logger for the thread that says so, and for nobody else."""

    def __init__(self, logger: str) -> None:
        super().__init__()
        self._here = threading.local()
        logging.getLogger(logger).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is let through."""
        del record
        return not getattr(self._here, "on", False)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Let no line of this thread through meanwhile."""
        self._here.on = True
        try:
            yield
        finally:
            self._here.on = False


_MUTE = _Mute(trace_exporter.__name__)
