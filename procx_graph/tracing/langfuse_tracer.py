"""The tracer that tells Langfuse; it connects at the first run or score."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from procx_graph.domain.clock import Clock, SystemClock, in_utc
from procx_graph.errors import ConfigError
from procx_graph.tracing.address import Address
from procx_graph.tracing.answers import told_status
from procx_graph.tracing.checking import asked
from procx_graph.tracing.leaving import within
from procx_graph.tracing.pseudonym import Pseudonym
from procx_graph.tracing.redaction import are_codes, is_code, redacted
from procx_graph.tracing.tracer import (
    NO_TRACE,
    Check,
    Kind,
    RunTrace,
    TracingStatus,
)

if TYPE_CHECKING:
    from langfuse import Langfuse

    from procx_graph.tracing.connection import Connection, Options

log = logging.getLogger(__name__)

_LONGEST = 200
"""Characters of a word that Langfuse takes."""


class LangfuseTracer:
    """Tells runs, scans and scores to Langfuse.

    What goes wrong in it never reaches a run: it is logged by its name, and the run goes on.

    Args:
        address: Where to, with the keys.
        content: Whether texts may leave: prompts, answers, summaries, comments.
        user_secret: Makes pseudonyms of customers.
        sample_rate: Share of the runs that are traced.
        environment: Name of the surroundings.
        release: Version of the software around us.
        clock: Dates scores that come without a moment.
    """

    def __init__(
        self,
        address: Address,
        *,
        content: bool = False,
        user_secret: str | None = None,
        sample_rate: float = 1.0,
        environment: str | None = None,
        release: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        self.address, self.content = address, content
        self._sample_rate, self._environment, self._release = sample_rate, environment, release
        self._names = Pseudonym(user_secret)
        self._made: Connection | None = None
        self._refused: str | None = None

    @property
    def client(self) -> "Langfuse":
        """The SDK's client with its redaction, for what has no place here, such as experiments.

        Raises:
            ConfigError: The key is in use by another client of this process.
        """
        return self._connect().client

    def run(
        self,
        run_id: str,
        *,
        scan_id: str,
        customer_id: str,
        name: str = "procx.customer",
        tags: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        input: Mapping[str, Any] | None = None,  # noqa: A002 - what Langfuse calls it
    ) -> AbstractContextManager[RunTrace]:
        """Trace what the block does as part of a run."""
        connection = self._connected()
        if connection is None:
            return NO_TRACE
        trace_id = self._trace_id(self._names.of_run(run_id))
        if not connection.samples(trace_id):
            return NO_TRACE
        from procx_graph.tracing.langfuse_run import Observed, Opening

        opening = Opening(
            name=name,
            trace_id=trace_id,
            session_id=self._session(scan_id),
            user_id=self._names.of_customer(customer_id),
            tags=_words(tags),
            metadata=_short(metadata),
            input=input,
        )
        return Observed(connection, opening, as_type="agent")

    def scan(
        self, scan_id: str, *, tags: Sequence[str] = (), metadata: Mapping[str, str] | None = None
    ) -> AbstractContextManager[RunTrace]:
        """Trace the block as a scan: a trace of its own in the session of its runs."""
        connection = self._connected()
        if connection is None:
            return NO_TRACE
        from procx_graph.tracing.langfuse_run import Observed, Opening

        session = self._session(scan_id)
        opening = Opening(
            name="procx.scan",
            trace_id=self._trace_id(session),
            session_id=session,
            user_id=None,
            tags=_words(tags),
            metadata=_short(metadata),
            input=None,
        )
        return Observed(connection, opening, as_type="span")

    def score(
        self,
        run_id: str,
        name: str,
        value: float | str | bool,
        kind: Kind,
        comment: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Score a run; the same name of the same moment again replaces its value."""
        connection = self._connected()
        if connection is None:
            return
        run = self._names.of_run(run_id)
        trace_id = self._trace_id(run)
        if not connection.samples(trace_id):
            return
        about: dict[str, Any] = {"id": f"{run}:{name}", "traceId": trace_id, "name": name}
        about["value"] = redacted(value)[:_LONGEST] if isinstance(value, str) else float(value)
        about["dataType"] = kind.value
        about["timestamp"] = in_utc(at or self._clock.now()).isoformat()
        told = self._comment(comment)
        connection.score(about if told is None else about | {"comment": told})

    def score_scan(
        self, scan_id: str, name: str, value: float, *, at: datetime | None = None
    ) -> None:
        """Score a whole scan."""
        connection = self._connected()
        if connection is None:
            return
        session = self._session(scan_id)
        about = {"id": f"{session}:{name}", "sessionId": session, "name": name}
        about["timestamp"] = in_utc(at or self._clock.now()).isoformat()
        connection.score(about | {"value": float(value), "dataType": Kind.NUMERIC.value})

    def status(self) -> TracingStatus:
        """Give how tracing stands."""
        breaker = None if self._made is None else self._made.breaker
        return TracingStatus(
            enabled=self._refused is None,
            host=self.address.base_url,
            used=self._made is not None,
            breaker="-" if breaker is None else "open" if breaker.is_open else "closed",
            dropped_spans=0 if breaker is None else breaker.dropped_spans,
            dropped_scores=0 if breaker is None else breaker.dropped_scores,
            problem=self._refused or (None if breaker is None else breaker.problem),
        )

    def check(self, timeout: float = 5.0) -> Check:
        """Ask the service whether it takes our keys; waits for at most `timeout` seconds."""
        found: list[Check] = []
        within(timeout, lambda: found.append(asked(self.address, timeout)))
        return found[0] if found else Check(ok=False, detail=told_status(None))

    def flush(self, timeout: float = 2.0) -> bool:
        """Send what waits; whether all of it went, or was dropped, within so many seconds."""
        return self._made is None or self._made.flush(timeout)

    def close(self) -> None:
        """Send what waits, as far as two seconds go; the tracer may be used again.

        The client stays until the process ends, because there can be but one for each key.
        """
        self.flush()

    def shut_down(self, timeout: float = 2.0) -> None:
        """Send what waits and end the client: nothing with its key is traced here any more."""
        if self._made is not None:
            self._made.end(timeout)
        self._refused = "tracing was shut down"

    def _connect(self) -> "Connection":
        if self._made is None:
            from procx_graph.tracing.connection import connection

            self._made = connection(self._options())
        return self._made

    def _connected(self) -> "Connection | None":
        """Give the connection; `None` when there can be none, which is told once."""
        if self._refused is not None:
            return None
        try:
            return self._connect()
        except ConfigError as error:
            self._refused = str(error)
        except Exception as error:  # noqa: BLE001 - no run may fail because of its tracing
            self._refused = f"the client of Langfuse cannot be made ({type(error).__name__})"
        log.warning("not traced: %s", self._refused)
        return None

    def _options(self) -> "Options":
        from procx_graph.tracing.connection import Options

        return Options(
            address=self.address,
            content=self.content,
            sample_rate=self._sample_rate,
            environment=self._environment,
            release=self._release,
        )

    @staticmethod
    def _trace_id(seed: str) -> str:
        """Give the id that the SDK's `create_trace_id` gives, which need not be imported for it."""
        return hashlib.sha256(seed.encode()).hexdigest()[:32]

    def _session(self, scan_id: str) -> str:
        """Give the name of a session; scan ids are ours, or a person's who should know better."""
        plain = redacted(scan_id)
        return plain if plain == scan_id and plain.isascii() else self._names.of_run(scan_id)

    def _comment(self, comment: str | None) -> str | None:
        if comment is None or not (self.content or are_codes(comment) or is_code(comment)):
            return None
        return redacted(comment)[:1000]


def _words(given: Sequence[str]) -> list[str]:
    """Give tags as they may be told."""
    return [redacted(word)[:_LONGEST] for word in dict.fromkeys(given) if word]


def _short(given: Mapping[str, str] | None) -> dict[str, str]:
    """Give metadata as the SDK takes it: short words, in quotes when they are counted."""
    told = {key: redacted(str(value)) for key, value in (given or {}).items() if value is not None}
    return {key: value[: _LONGEST - 20] for key, value in told.items()}
