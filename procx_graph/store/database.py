"""The store: one database for what must outlive a process."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.errors import StoreError
from procx_graph.store.address import (
    begin_reading,
    begin_writing,
    connect,
    name_of,
    read_address,
    reason,
    require_file,
)
from procx_graph.store.migrate import migrate as bring_to_head
from procx_graph.store.migrate import require_head, require_known, revision
from procx_graph.store.schema import HEAD


class Store:
    """A SQLite file or a PostgreSQL database; threads and processes may share it.

    It is of one business: scorings of different bases would be read as one history.

    ```python
    with Store.open("procx.db") as store:
        history = ScoreHistory(store)
    ```

    Attributes:
        name: What it is called in messages, without folders or credentials.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = name_of(engine.url)
        self._engine = engine
        self._reader = engine
        if engine.dialect.name == "postgresql":
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ")
        self._closed = False
        self._file: tuple[int, int] | None = None

    @classmethod
    def open(cls, place: str | Path, *, migrate: bool = True, create: bool = True) -> Self:
        """Open a store, and make it or bring its tables up to date where that is needed.

        Args:
            place: Path of a SQLite file, or a URL such as
                `postgresql+psycopg://user:password@host/database`; with
                `?options=-csearch_path%3Dname` the tables lie in that schema.
            migrate: False refuses a store that would have to be changed.
            create: False refuses a SQLite file that is not there.

        Raises:
            StoreError: It cannot be opened, is too new, or is too old and must not be changed.
            ConfigError: The driver of PostgreSQL is not installed.
        """
        url = read_address(place)
        if not (migrate and create):
            require_file(url)
        store = cls(connect(url))
        with ExitStack() as failed:
            failed.callback(store.close)
            store._prepare(migrate=migrate)
            store._file = store._found()
            failed.pop_all()
        return store

    @property
    def url(self) -> str:
        """Where it is, for `CustomerBase.from_url`: with the password, so never to be shown."""
        return self._engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Let go of the database; closing again changes nothing."""
        self._closed = True
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database throughout.

        Raises:
            StoreError: The database cannot be read, or the store is closed.
        """
        with self._in_our_words("read"), self._reader.connect() as connection:
            begin_reading(connection)
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = False, wait: float | None = None) -> Iterator[Connection]:
        """Give a connection whose changes are kept together, or not at all after an error.

        Args:
            durable: Once kept they outlive a loss of power: for what somebody else is told was
                kept. Otherwise the last changes to a SQLite file may be lost, never the file.
            wait: Seconds to wait at most for others who write; minutes when not given.

        Raises:
            StoreError: The database cannot be written, or the store is closed.
        """
        with self._in_our_words("write"), self._engine.begin() as connection:
            begin_writing(connection, durable=durable, wait=wait)
            yield connection

    def _prepare(self, *, migrate: bool) -> None:
        with self.reading() as connection:
            found = revision(connection)
        if found == HEAD:
            return
        require_known(found, self.name)
        if not migrate:
            require_head(found, self.name)
        with self.writing() as connection:
            bring_to_head(connection, self.name)

    def _found(self) -> tuple[int, int] | None:
        """Give what tells the file of a SQLite store from every other one."""
        if self._engine.dialect.name != "sqlite":
            return None
        try:
            status = os.stat(str(self._engine.url.database))  # noqa: PTH116 - at every transaction
        except OSError:
            return (0, 0)
        return status.st_dev, status.st_ino

    @contextmanager
    def _in_our_words(self, deed: str) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"the store {self.name} is closed")
        if self._file is not None and self._file != self._found():
            # open connections would go on with a file that nobody finds any more
            raise StoreError(
                f"cannot {deed} the store {self.name}: its file was removed or replaced"
            )
        try:
            yield
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            why = reason(error, self._engine.url)
            raise StoreError(f"cannot {deed} the store {self.name}: {why}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.name!r})"
