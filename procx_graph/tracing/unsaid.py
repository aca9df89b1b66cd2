"""Keeping lines of a logger back for a while, where what they say is told otherwise."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsaid(logger: str, *, beginning: str = "") -> Iterator[None]:
    """Let no line of one logger through meanwhile; its level and its handlers stay as they are.

    Args:
        logger: Its name. Those below it go on.
        beginning: How a line begins that is kept back, before anything is filled in.
    """

    def passes(record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(beginning)

    named = logging.getLogger(logger)
    named.addFilter(passes)
    try:
        yield
    finally:
        named.removeFilter(passes)
