"""DuckDB, for work larger than memory: from Parquet, spilling to disk."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from procx_graph.errors import ConfigError
from procx_graph.scoring.features.engines.bench import Bench

MEMORY_SHARE = 0.6
"""Of the machine's memory, so that Polars and the rest of the process have some."""


class DuckDBBench(Bench):
    """Works on Parquet files: those of the source, or copies of what the base made of it.

    Args:
        memory_limit: Such as `500MB`; work beyond it goes to a temporary folder. A share of the
            machine's memory when not given.

    Raises:
        ConfigError: DuckDB is not installed.
    """

    def __init__(self, *, memory_limit: str | None = None) -> None:
        duckdb = _library()
        self._folder = TemporaryDirectory(prefix="procx-")
        settings = {
            "temp_directory": str(Path(self._folder.name) / "spilled"),
            "preserve_insertion_order": "false",
        }
        if limit := memory_limit or _limit():
            settings["memory_limit"] = limit
        self._connection = duckdb.connect(config=settings)
        self._numbers = count()

    def take(self, plan: pl.LazyFrame) -> Any:
        """Write a plan to a temporary file, piece by piece, and give that."""
        file = self._file()
        plan.sink_parquet(file, compression="lz4")
        return self.read([file])

    def read(self, files: Sequence[Path], /) -> Any:
        """Give Parquet files as a relation; nothing is read before it is asked for."""
        return self._connection.read_parquet([str(file) for file in files])

    def stream(self, frame: Any, /) -> pl.LazyFrame:
        """Let DuckDB write its result to a temporary file."""
        file = self._file()
        with _enough_room():
            frame.write_parquet(str(file))
        return pl.scan_parquet(file)

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a relation.

        Raises:
            ConfigError: Memory and disk together are too small for it.
        """
        with _enough_room():
            return super().collect(frame)

    def close(self) -> None:
        """Close the connection and remove the temporary files."""
        self._connection.close()
        self._folder.cleanup()

    def _file(self) -> Path:
        return Path(self._folder.name) / f"{next(self._numbers)}.parquet"


def _library() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise ConfigError(
            'engine "duckdb" needs the duckdb extra: pip install "procx_graph[duckdb]"'
        ) from error
    return duckdb


@contextmanager
def _enough_room() -> Iterator[None]:
    duckdb = _library()
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"DuckDB has too little memory or disk ({reason}); raise its memory_limit, or point "
            "TMPDIR to a larger disk"
        ) from error


def _limit() -> str | None:
    """Give the share of the machine's memory; None, for DuckDB's own limit, where nobody says."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    return f"{int(total * MEMORY_SHARE) // 2**20}MiB"
