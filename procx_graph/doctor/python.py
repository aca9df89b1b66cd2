"""Python and SQLite: are they new enough?"""

import platform
import sqlite3
import sys
from collections.abc import Iterator

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35)
"""The first that answers a write with the rows it wrote (RETURNING), as the store asks."""


def look_at_python(asked: Asked) -> Iterator[Finding]:
    """Tell what runs us."""
    del asked
    yield python_of(sys.version_info[:3], f"{platform.python_implementation()}, {sys.platform}")
    yield sqlite_of(sqlite3.sqlite_version_info)


def python_of(version: tuple[int, ...], about: str) -> Finding:
    """Judge a version of Python."""
    told = f"{_dotted(version)} ({about})"
    if version >= OLDEST_PYTHON:
        return Finding.ok(Subject.PYTHON, "", told)
    todo = f"install Python {_dotted(OLDEST_PYTHON)} or newer"
    return Finding.broken(Subject.PYTHON, "", f"{told} is too old", todo)


def sqlite_of(version: tuple[int, ...]) -> Finding:
    """Judge a version of SQLite."""
    told = _dotted(version)
    if version >= OLDEST_SQLITE:
        return Finding.ok(Subject.PYTHON, "SQLite", told)
    todo = f"run a Python built with SQLite {_dotted(OLDEST_SQLITE)} or newer"
    return Finding.broken(Subject.PYTHON, "SQLite", f"{told} is too old for a store", todo)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
