"""How long a run may still wait for models: set around the run, asked inside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from procx_graph.domain.clock import monotonic

_ENDS: ContextVar[float | None] = ContextVar("procx_run_ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what runs inside so many seconds for all its models together."""
    before = _ENDS.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS.reset(before)


def time_left() -> float | None:
    """Give the seconds that are left, 0 or less when none are; `None` without a deadline."""
    ends = _ENDS.get()
    return None if ends is None else ends - monotonic()
