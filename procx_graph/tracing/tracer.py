"""What a run tells while it goes, whoever listens; and the listener who is not there."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self


class Kind(StrEnum):
    """What a score's value is."""

    NUMERIC = "NUMERIC"
    BOOLEAN = "BOOLEAN"
    CATEGORICAL = "CATEGORICAL"


@dataclass(frozen=True)
class TracingStatus:
    """How tracing stands.

    Attributes:
        enabled: Whether anything is sent at all.
        host: Where to; `None` without keys.
        used: Whether anything was traced yet.
        breaker: `closed` (sending), `open` (not now), or `-` before the first use.
        dropped_spans: Spans that were given up.
        dropped_scores: Scores that were given up.
        problem: What went wrong last; `None` when nothing did.
    """

    enabled: bool
    host: str | None = None
    used: bool = False
    breaker: str = "-"
    dropped_spans: int = 0
    dropped_scores: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class Check:
    """Whether the service takes our keys.

    Attributes:
        ok: It does.
        detail: The project's name, or what is wrong.
    """

    ok: bool
    detail: str


class RunTrace(Protocol):
    """One run, or one scan, that is being traced."""

    @property
    def callbacks(self) -> list[Any]:
        """LangChain callbacks that the graph is called with; empty when nobody listens."""
        ...

    def end(
        self,
        *,
        output: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        error: str | None = None,
    ) -> None:
        """Tell how it ended, before the block is left.

        Args:
            output: What came of it: codes and figures.
            tags: More of them.
            error: Name of what broke; an exception that leaves the block tells it by itself.
        """
        ...


class Tracer(Protocol):
    """Where runs, scans and scores are told. Nothing here raises, and nothing here waits."""

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
        """Trace what the block does as part of a run.

        Args:
            run_id: Which trace it joins, in whatever process and whenever.
            scan_id: The session.
            customer_id: The user.
            name: `procx.customer`, or `procx.resume`.
            tags: Such as `language:hi`.
            metadata: A few short words, on every span.
            input: What it starts from: codes and figures.
        """
        ...

    def scan(
        self, scan_id: str, *, tags: Sequence[str] = (), metadata: Mapping[str, str] | None = None
    ) -> AbstractContextManager[RunTrace]:
        """Trace the block as a scan: a trace of its own in the session of its runs."""
        ...

    def score(
        self,
        run_id: str,
        name: str,
        value: float | str | bool,
        kind: Kind,
        comment: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Score a run; the same name of the same moment again replaces its value.

        Args:
            run_id: Of the run.
            name: Of the score.
            value: A figure, a yes or no, or a word.
            kind: What the value is.
            comment: Codes; a text only where texts may leave.
            at: When it was so; now when not given, and then it is another score each time.
        """
        ...

    def score_scan(
        self, scan_id: str, name: str, value: float, *, at: datetime | None = None
    ) -> None:
        """Score a whole scan."""
        ...

    def status(self) -> TracingStatus:
        """Give how tracing stands."""
        ...

    def check(self, timeout: float = 5.0) -> Check:
        """Ask the service whether it takes our keys; waits for at most `timeout` seconds."""
        ...

    def flush(self, timeout: float = 2.0) -> bool:
        """Send what waits; whether all of it went within so many seconds."""
        ...

    def close(self) -> None:
        """Send what waits, as far as two seconds go; the tracer may be used again."""
        ...


class NoTracer:
    """Nobody listens: nothing is imported, sent or said."""

    def __init__(self, problem: str | None = None) -> None:
        self._problem = problem

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
    ) -> "NoTrace":
        """Give a trace of nothing."""
        del run_id, scan_id, customer_id, name, tags, metadata, input
        return NO_TRACE

    def scan(
        self, scan_id: str, *, tags: Sequence[str] = (), metadata: Mapping[str, str] | None = None
    ) -> "NoTrace":
        """Give a trace of nothing."""
        del scan_id, tags, metadata
        return NO_TRACE

    def score(
        self,
        run_id: str,
        name: str,
        value: float | str | bool,
        kind: Kind,
        comment: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Do nothing."""

    def score_scan(
        self, scan_id: str, name: str, value: float, *, at: datetime | None = None
    ) -> None:
        """Do nothing."""

    def status(self) -> TracingStatus:
        """Say that nothing is traced, and why if that is known."""
        return TracingStatus(enabled=False, problem=self._problem)

    def check(self, timeout: float = 5.0) -> Check:
        """Say that there is nothing to check."""
        del timeout
        return Check(ok=False, detail=self._problem or "no keys of Langfuse are set")

    def flush(self, timeout: float = 2.0) -> bool:
        """Do nothing."""
        del timeout
        return True

    def close(self) -> None:
        """Do nothing."""


class NoTrace:
    """A run of which nothing is told."""

    @property
    def callbacks(self) -> list[Any]:
        """None."""
        return []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let whatever happened go its way."""

    def end(
        self,
        *,
        output: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        error: str | None = None,
    ) -> None:
        """Do nothing."""


NO_TRACE = NoTrace()
