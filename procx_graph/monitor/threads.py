"""The threads of runs that wait for a person, in a checkpointer that outlives the process."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from sqlalchemy.engine import URL

from procx_graph.errors import ConfigError, StoreError
from procx_graph.store import Store
from procx_graph.store.address import WAIT

if TYPE_CHECKING:
    import aiosqlite
    from psycopg import AsyncConnection

Saver = BaseCheckpointSaver[Any]
LOCK = 0x70726F6374
"""Key of the PostgreSQL advisory lock, of its own: whoever waits for it may bar nothing else."""
_TRIES = 100
"""How often to ask for what another process may bar for a moment."""


class Threads(Protocol):
    """Moves threads between the graph that runs and where they are kept."""

    async def keep(self, thread_id: str) -> None:
        """Keep the thread of a run that waits, and free the memory it took."""
        ...

    async def fetch(self, thread_id: str) -> None:
        """Put a kept thread where the graph finds it; the kept one stays as it is."""
        ...

    async def drop(self, thread_id: str) -> None:
        """Forget a thread; forgetting one that is not kept changes nothing."""
        ...

    async def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        ...


class OwnThreads:
    """Of a graph that brings its own checkpointer, or runs on a server: they stay where they are.

    What it keeps must last as long as the store does.
    """

    async def keep(self, thread_id: str) -> None:
        """Do nothing."""

    async def fetch(self, thread_id: str) -> None:
        """Do nothing."""

    async def drop(self, thread_id: str) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


class KeptThreads:
    """In a SQLite file beside the store's, or in the PostgreSQL database of the store.

    Runs go in memory, and only a thread that waits is copied here: a finished one never costs a
    write, and one that is answered goes on in a copy, so that whatever happens before the answer
    is in the store leaves the kept thread waiting as it was. It belongs to one event loop.

    Args:
        store: Beside it, or in it.
        memory: The checkpointer of the graph that runs.
        serde: The graph's serializer.
    """

    def __init__(self, store: Store, memory: InMemorySaver, serde: SerializerProtocol) -> None:
        self.store, self.memory, self.serde = store, memory, serde
        self._place = url_of(store)
        self._sqlite = self._place.get_backend_name() == "sqlite"
        self._failures = (sqlite3.Error,) if self._sqlite else _postgresql_failures()
        self._open = AsyncExitStack()
        self._saver: Saver | None = None
        self._opening = asyncio.Lock()

    async def keep(self, thread_id: str) -> None:
        """Keep the thread of a run that waits, and free the memory it took.

        Raises:
            StoreError: It cannot be written.
        """
        async with self._in_our_words():
            await _copy(self.memory, await self._opened(), thread_id)
        self.memory.delete_thread(thread_id)

    async def fetch(self, thread_id: str) -> None:
        """Put a kept thread where the graph finds it; the kept one stays as it is.

        Raises:
            StoreError: It cannot be read.
        """
        self.memory.delete_thread(thread_id)
        async with self._in_our_words():
            await _copy(await self._opened(), self.memory, thread_id)

    async def drop(self, thread_id: str) -> None:
        """Forget a thread, here and in memory; forgetting one not kept changes nothing.

        Raises:
            StoreError: It cannot be written.
        """
        self.memory.delete_thread(thread_id)
        async with self._in_our_words():
            await (await self._opened()).adelete_thread(thread_id)

    async def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        self._saver = None
        await self._open.aclose()

    async def _opened(self) -> Saver:
        async with self._opening:
            if self._saver is None:
                making = _in_sqlite(self._place) if self._sqlite else _in_postgresql(self._place)
                self._saver = await self._open.enter_async_context(making)
                self._saver.serde = self.serde
            return self._saver

    @asynccontextmanager
    async def _in_our_words(self) -> AsyncIterator[None]:
        try:
            yield
        except self._failures as error:
            raise StoreError(
                f"cannot keep the checkpoints of the store {self.store.name}: "
                f"{type(error).__name__}"
            ) from error


def url_of(store: Store) -> URL:
    """Give where a store is."""
    with store.reading() as connection:
        return connection.engine.url


def beside(database: str | Path) -> Path:
    """Give the file of the checkpoints of a SQLite store: procx.checkpoints.db of procx.db."""
    path = Path(database)
    return path.with_name(f"{path.stem}.checkpoints{path.suffix}")


async def _copy(source: Saver, target: Saver, thread_id: str) -> None:
    """Copy the latest checkpoint of a thread with what is pending on it, if there is one."""
    config: RunnableConfig = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    found = await source.aget_tuple(config)
    if found is None:
        return
    checkpoint = found.checkpoint
    put = await target.aput(config, checkpoint, found.metadata, checkpoint["channel_versions"])
    pending: dict[str, list[tuple[str, Any]]] = {}
    for task_id, channel, value in found.pending_writes or ():
        pending.setdefault(task_id, []).append((channel, value))
    for task_id, writes in pending.items():
        await target.aput_writes(put, writes, task_id)


@asynccontextmanager
async def _in_sqlite(where: URL) -> AsyncIterator[Saver]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    path = beside(str(where.database))
    async with aiosqlite.connect(path, timeout=WAIT) as connection:
        await _use_wal(connection)
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        yield saver


async def _use_wal(connection: "aiosqlite.Connection") -> None:
    """Let readers and a writer work at once; SQLite does not wait for others to change to that."""
    for tried in range(_TRIES):
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if tried == _TRIES - 1:
                raise
            await asyncio.sleep(0.05)
        else:
            return


@asynccontextmanager
async def _in_postgresql(where: URL) -> AsyncIterator[Saver]:
    try:
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg import AsyncConnection
        from psycopg.rows import dict_row
    except ImportError as error:
        raise ConfigError(
            'checkpoints in PostgreSQL need a package: pip install "procx_graph[postgres]"'
        ) from error
    address = where.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await AsyncConnection.connect(
        address, autocommit=True, prepare_threshold=0, row_factory=dict_row
    ) as connection:
        saver = AsyncPostgresSaver(connection)
        async with _alone(connection):
            await saver.setup()
        yield saver


@asynccontextmanager
async def _alone(connection: "AsyncConnection[Any]") -> AsyncIterator[None]:
    """Make tables while nobody else does.

    The lock is asked for again and again: one that waits for it inside a statement would bar the
    indexes, which are made concurrently.
    """
    key = {"key": LOCK}
    while True:
        asked = await connection.execute("SELECT pg_try_advisory_lock(%(key)s) AS got", key)
        row = await asked.fetchone()
        if row is not None and row["got"]:
            break
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%(key)s)", key)


def _postgresql_failures() -> tuple[type[Exception], ...]:
    import psycopg

    return (psycopg.Error,)
