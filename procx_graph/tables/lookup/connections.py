"""Connections that only read, kept for the next look-up."""

from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from procx_graph.tables.database import engine_of, sqlite_file

KEPT = 8
"""Connections kept open when nobody uses them."""
WAIT = 30
"""Seconds until a connection that does not come is an error."""

_POSTGRES = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    # planning and compiling would take far longer than the few rows
    "SET jit = off",
)


def reading_engine(url: URL) -> Engine:
    """Give an engine whose connections read only, and are checked before they are used again.

    Raises:
        DataError: The driver is not installed, or the URL does not suit it.
    """
    engine = engine_of(
        _for_reading(url),
        poolclass=QueuePool,
        pool_size=KEPT,
        max_overflow=-1,
        pool_use_lifo=True,
        pool_pre_ping=True,
        pool_timeout=WAIT,
    )
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _settle)
    return engine


def _for_reading(url: URL) -> URL:
    file = sqlite_file(url)
    if file is None or url.get_driver_name() != "pysqlite":
        return url
    address = f"file:{quote(str(file.resolve()))}"
    return url.set(database=address).update_query_dict({"mode": "ro", "uri": "true"})


def _settle(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for statement in _POSTGRES:
        cursor.execute(statement)
    cursor.close()
    connection.commit()
