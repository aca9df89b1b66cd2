"""Tables from an Excel workbook, one a sheet."""

import zipfile
import zlib
from functools import partial
from io import BytesIO
from pathlib import Path

import pandas as pd
import polars as pl
from python_calamine import CalamineError

from procx_graph.errors import DataError
from procx_graph.tables.source import RawTable, Source
from procx_graph.tables.values import as_series

MAX_BYTES = 256 * 2**20
"""Largest file read."""
MAX_UNPACKED = 2 * 2**30
"""Largest sum of its unpacked parts."""
MAX_RATIO = 200
"""Largest unpacked part, as a multiple of its packed size; small parts are exempt."""

_SMALL = 4 * 2**20
_OLE = b"\xd0\xcf\x11\xe0"


def workbook_source(path: str | Path) -> Source:
    """Open a workbook; sheets are read when asked for.

    Cells are taken as they are: text stays text, whatever it looks like.

    Raises:
        DataError: The file is missing, too large, encrypted, damaged or no workbook.
    """
    path = Path(path)
    _check(path)
    try:
        # from memory, so that no file stays open while sheets wait to be read
        book = pd.ExcelFile(BytesIO(path.read_bytes()), engine="calamine")
    except (CalamineError, ValueError, OSError) as error:
        raise DataError(f"cannot read {path.name}: {error}; open and save it in Excel") from error
    names = [str(name) for name in book.sheet_names]
    tables = {name: RawTable(partial(_sheet, book, path.name, name), 2) for name in names}
    return Source(path.name, tables)


def _check(path: Path) -> None:
    if not path.is_file():
        raise DataError(f"there is no workbook {path}")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(
            f"{path.name} is larger than {MAX_BYTES // 2**20} MB; give a folder of CSV or Parquet"
        )
    with path.open("rb") as file:
        old = file.read(4) == _OLE
    if old and path.suffix.lower() != ".xls":
        raise DataError(f"{path.name} is encrypted, or an old .xls; save it as .xlsx, no password")
    if not old:
        _check_archive(path)


def _check_archive(path: Path) -> None:
    """Unpack every part once, within the limits, so that a lying header is found here."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            bomb = any(
                part.file_size > _SMALL and part.file_size > MAX_RATIO * part.compress_size
                for part in parts
            )
            if bomb or unpacked > MAX_UNPACKED:
                raise DataError(
                    f"{path.name} unpacks to {unpacked // 2**20} MB, more than a workbook may; "
                    f"give a folder of CSV or Parquet"
                )
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"{path.name} is not a workbook (.xlsx), or is damaged: {error}") from error
    if damaged:
        raise DataError(f"{path.name} is damaged in {damaged}; open and save it in Excel")


def _sheet(book: pd.ExcelFile, file: str, name: str) -> pl.DataFrame:
    try:
        cells = pd.read_excel(
            book, sheet_name=name, header=None, dtype=object, keep_default_na=False, na_values=[""]
        )
    except (CalamineError, ValueError) as error:
        raise DataError(f"cannot read sheet {name} of {file}: {error}") from error
    if cells.empty:
        return pl.DataFrame()
    header = ["" if pd.isna(value) else str(value).strip() for value in cells.iloc[0]]
    columns: dict[str, pl.Series] = {}
    for place, column in enumerate(header):
        values = cells.iloc[1:, place].tolist()
        if not column:
            continue
        if column in columns:
            raise DataError(f"sheet {name} of {file} has two columns {column!r}")
        columns[column] = as_series(column, values)
    return pl.DataFrame(columns)
