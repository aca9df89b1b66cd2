"""Writing a synthetic base: small ones as a workbook, large ones part by part as Parquet."""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from procx_graph.errors import ConfigError, DataError
from procx_graph.tables.sample.catalogue import catalogue
from procx_graph.tables.sample.hazard import solve
from procx_graph.tables.sample.knobs import AS_OF, Knobs
from procx_graph.tables.sample.part import make_part
from procx_graph.tables.sample.world import World

CHUNK = 50_000
ONCE = ("products", "escalation_matrix", "agent_profiles")
WIDTH = 18


def write_workbook(world: World, path: Path | str) -> Path:
    """Write every table as a sheet of an .xlsx file; the same world gives the same bytes.

    Raises:
        DataError: The path is no .xlsx file or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise DataError(f"{path}: a sample workbook is an .xlsx file; choose such a name")
    book = Workbook(write_only=True)
    book.properties.creator = "procx_graph"
    book.properties.created = world.as_of.astimezone(UTC).replace(tzinfo=None)
    for name, table in world.tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.sheet_format.baseColWidth = WIDTH
        sheet.append(list(table.columns))
        for row in zip(*(_cells(table[column]) for column in table), strict=True):
            sheet.append(row)
    draft = BytesIO()
    book.save(draft)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_timeless(draft, world.as_of))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def write_parquet(
    customers: int,
    folder: Path | str,
    *,
    seed: int = 7,
    as_of: datetime = AS_OF,
    chunk: int = CHUNK,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Make and write a base of any size, one file `<table>.parquet` per table.

    Memory is that of one chunk; each chunk is a row group. Ids are unique over the whole base.

    Args:
        customers: How many customers are listed, at least 1.
        folder: Where the files go; it is made if missing, files of the same name are replaced.
        seed: Seed of everything random; another chunk gives another base.
        as_of: Moment the tables are cut, aware.
        chunk: Customers made at a time, at least 1.
        progress: Called with the number of customers written so far.

    Raises:
        ConfigError: A number is out of its range.
        DataError: The folder cannot be written.
    """
    if customers < 1 or chunk < 1:
        raise ConfigError(f"sample: customers={customers!r}, chunk={chunk!r}; ask for at least one")
    folder, knobs = Path(folder), Knobs(seed=seed, as_of=as_of)
    law, goods = solve(knobs), catalogue(knobs)
    cuts = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as files:
            shelf = _Shelf(folder, files)
            for part, offset in enumerate(range(0, customers, chunk)):
                size = min(chunk, customers - offset)
                made = make_part(size, law, goods, knobs, part=part, given=shelf.rows, cuts=cuts)
                cuts = made.cuts
                shelf.add(made.tables, skip=ONCE if part else ())
                del made  # or it would stay in memory while the next is made
                if progress:
                    progress(offset + size)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error})") from error
    return folder


class _Shelf:
    """One open Parquet file per table; the first frame of a table decides its types."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        self.folder, self.files = folder, files
        self.writers: dict[str, pq.ParquetWriter] = {}
        self.rows: Counter[str] = Counter()

    def add(self, tables: Mapping[str, pd.DataFrame], *, skip: Collection[str]) -> None:
        """Append each frame to its file, except those of the tables to skip."""
        for name, frame in tables.items():
            if name in skip:
                continue
            table = _arrow(frame)
            if name not in self.writers:
                writer = pq.ParquetWriter(self.folder / f"{name}.parquet", table.schema)
                self.writers[name] = self.files.enter_context(writer)
            self.writers[name].write_table(table.cast(self.writers[name].schema))
            self.rows[name] += len(frame)


def _cells(column: "pd.Series[Any]") -> list[object]:
    """Return a column as a sheet takes it: unknown is empty, days have no time."""
    if pd.api.types.is_datetime64_dtype(column):
        days = column.dropna()
        values = (
            column.dt.date if (days == days.dt.normalize()).all() else column.dt.to_pydatetime()
        )
        column = pd.Series(values, index=column.index, dtype=object)
    return column.astype(object).where(column.notna(), None).tolist()


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Convert a frame, giving columns that are empty so far the type of text."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_null(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _timeless(draft: BytesIO, as_of: datetime) -> bytes:
    """Repack a workbook so that no byte tells when it was written."""
    stamp = f"{as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
    packed = BytesIO()
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 0
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
