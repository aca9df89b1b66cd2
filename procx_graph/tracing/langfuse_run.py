"""One run, or one scan, as it is told to Langfuse while it goes."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from langfuse import propagate_attributes
from opentelemetry.context import Context, attach, detach

if TYPE_CHECKING:
    from procx_graph.tracing.connection import Connection


@dataclass(frozen=True)
class Opening:
    """What is known when a run begins.

    Attributes:
        name: Of its root observation and, for a run or scan, of its trace.
        trace_id: Which trace it joins.
        session_id: The scan.
        user_id: The customer's name there; `None` for a scan.
        tags: Words.
        metadata: Short words, on every span.
        input: What it starts from.
    """

    name: str
    trace_id: str
    session_id: str
    user_id: str | None
    tags: list[str]
    metadata: dict[str, str]
    input: Mapping[str, Any] | None


class Observed:
    """A root observation that is current while its block runs.

    It is opened first and the attributes are propagated inside, because they are written on
    whatever is current; and it begins from an empty context, so that nobody else's is.
    """

    def __init__(self, connection: "Connection", opening: Opening, *, as_type: Any) -> None:
        self._connection, self._opening, self._as_type = connection, opening, as_type
        self._opened = ExitStack()
        self._root: Any = None
        self._callbacks: list[Any] = []
        self._harmless = connection.harmless

    @property
    def callbacks(self) -> list[Any]:
        """LangChain callbacks that the graph is called with."""
        return self._callbacks

    def __enter__(self) -> Self:
        with self._harmless("begin a run"), ExitStack() as opening:
            self._open(opening)
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it. An error is told by its name alone, and is raised outside of it."""
        with self._harmless("end a run"):
            if self._root is not None and kind is not None:
                gone = issubclass(kind, asyncio.CancelledError | KeyboardInterrupt)
                self._fail("stopped" if gone else kind.__name__, "WARNING" if gone else "ERROR")
        with self._harmless("end a run"):
            self._opened.close()

    def end(
        self,
        *,
        output: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        error: str | None = None,
    ) -> None:
        """Tell how it ended."""
        with self._harmless("end a run"):
            if self._root is None:
                return
            if output is not None:
                self._root.update(output=dict(output))
            if tags:
                with propagate_attributes(tags=list(tags)):
                    pass
            if error is not None:
                self._fail(error, "ERROR")

    def _open(self, opened: ExitStack) -> None:
        opening, client = self._opening, self._connection.client
        opened.callback(detach, attach(Context()))
        self._root = opened.enter_context(
            client.start_as_current_observation(
                name=opening.name,
                as_type=self._as_type,
                trace_context={"trace_id": opening.trace_id},
                input=None if opening.input is None else dict(opening.input),
            )
        )
        opened.enter_context(
            propagate_attributes(
                session_id=opening.session_id,
                user_id=opening.user_id,
                trace_name=opening.name if opening.user_id is None else "procx.customer",
                tags=opening.tags or None,
                metadata=opening.metadata or None,
            )
        )
        if opening.user_id is not None:
            handler = self._connection.handler()
            opened.callback(self._connection.give_back, handler)
            self._callbacks = [handler]

    def _fail(self, name: str, level: Any) -> None:
        self._root.update(level=level, status_message=name)
