"""Tables from a folder: `<table>.csv`, `<table>.parquet`, or a folder `<table>/` of Parquet."""

from functools import partial
from pathlib import Path

import polars as pl

from procx_graph.errors import DataError
from procx_graph.tables.source import RawTable, Source

_HEADER = 100_000
"""Bytes of a header line that are looked at."""


def folder_source(path: str | Path) -> Source:
    """Look through a folder; its files are read when asked for.

    CSV is UTF-8 with a header, and every cell is text until it is checked. Parquet is scanned,
    not loaded. Where a table is there in both, Parquet is taken.

    Raises:
        DataError: There is no such folder, or nothing in it that we read.
    """
    path = Path(path)
    if path.is_file():
        raise DataError(f"{path.name} is one file; give the folder that holds a file per table")
    if not path.is_dir():
        raise DataError(f"there is no folder {path}")
    tables: dict[str, RawTable] = {}
    for file in sorted(path.iterdir()):
        kind = file.suffix.lower()
        if kind == ".csv":
            tables.setdefault(file.stem, RawTable(partial(_csv, file), 2))
        elif kind == ".parquet":
            tables[file.stem] = RawTable(partial(_parquet, file, (file,)), files=(file,))
        elif file.is_dir() and (parts := tuple(sorted(file.glob("*.parquet")))):
            tables[file.name] = RawTable(partial(_parquet, file, parts), files=parts)
    if not tables:
        raise DataError(f"folder {path.name} holds no .csv and no .parquet")
    return Source(path.resolve().name, tables)


def _csv(file: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(file, infer_schema=False, encoding="utf8", separator=_separator(file))
    except pl.exceptions.NoDataError:
        return pl.DataFrame()
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        if "utf-8" in reason.lower() or "utf8" in reason.lower():
            reason = "it is not UTF-8; save it as “CSV UTF-8”"
        raise DataError(f"cannot read {file.name}: {reason}") from error


def _separator(file: Path) -> str:
    """Give what separates the columns: the one of comma, semicolon, tab most used in the header."""
    with file.open("rb") as opened:
        header = opened.readline(_HEADER).decode("utf-8", errors="replace")
    return max(",;\t", key=header.count)


def _parquet(file: Path, parts: tuple[Path, ...]) -> pl.LazyFrame:
    try:
        frame = pl.scan_parquet(list(parts), hive_partitioning=False)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {file.name}: {str(error).splitlines()[0]}") from error
    return frame
