"""From the cells a source has to the types the schema declares, as Polars expressions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from procx_graph.schema import Column, Kind

DTYPES: Mapping[Kind, pl.DataType] = MappingProxyType(
    {
        Kind.ID: pl.String(),
        Kind.TEXT: pl.String(),
        Kind.CATEGORY: pl.String(),
        Kind.MONEY: pl.Float64(),
        Kind.NUMBER: pl.Float64(),
        Kind.COUNT: pl.Int64(),
        Kind.TIMESTAMP: pl.Datetime("us"),
        Kind.FLAG: pl.Boolean(),
    }
)
"""Polars type of a cleaned column, by kind; timestamps are naive UTC."""

LONGEST = 400
"""Bytes of an id or a category; free text may be of any length."""

EMPTY_WORDS = ("", "nan", "nat", "null", "none", "n/a", "#n/a", "<na>")
"""Lower-case words that stand for an empty cell everywhere but in free text."""

WHOLE = 2.0**53
"""Up to here every whole number is a float."""

_YES = ("yes", "y", "true", "t", "1", "1.0")
_NO = ("no", "n", "false", "f", "0", "0.0")
_ISO = "%Y-%m-%dT%H:%M:%S%.f"
_ZONE = r"T.*(?:Z|[+-]\d{2}:?\d{2})$"
_NO_SECONDS = r"^(.{10}T\d{2}:\d{2})(\s?[+-])"
_TOTAL = (pl.Int64(), pl.Boolean())  # every value of these is one of ours
_DAY = 86_400_000
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, as days since 1970
_NOT_A = {
    Kind.MONEY: "not a number",
    Kind.NUMBER: "not a number",
    Kind.COUNT: "not a whole number",
    Kind.TIMESTAMP: "not a date (write 2025-01-31 or 2025-01-31T09:30:00)",
    Kind.FLAG: "neither yes nor no",
}


@dataclass(frozen=True, slots=True)
class Cells:
    """What becomes of one column, in three steps that each read the one before.

    Attributes:
        column: The declaration.
        filled: The source cell, null where it is empty.
        value: The typed value, null where it is empty or no such value.
        wrong: What may be wrong with it, the first that holds counts.
        cheap: Converting again costs little more than reading.
    """

    column: Column
    filled: pl.Expr
    value: pl.Expr
    wrong: tuple[tuple[pl.Expr, str], ...]
    cheap: bool


def value(name: str) -> pl.Expr:
    """Give the column that `staged` adds for the typed values."""
    return pl.col(f"{name}:value")


def problem(name: str) -> pl.Expr:
    """Give the column that `staged` adds for what is wrong, null where nothing is."""
    return pl.col(f"{name}:problem")


def staged(frame: pl.LazyFrame, cells: Iterable[Cells]) -> pl.LazyFrame:
    """Add for every column its values and its problems.

    In steps, because Polars computes a repeated expression again each time.
    """
    cells = list(cells)
    added = (
        frame.with_columns(c.filled.alias(f"{c.column.name}:filled") for c in cells)
        .with_columns(c.value.alias(f"{c.column.name}:value") for c in cells)
        .with_columns(_first(c.wrong).alias(f"{c.column.name}:problem") for c in cells)
    )
    return added.drop(f"{c.column.name}:filled" for c in cells)


def _first(wrong: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    found = [pl.when(holds).then(pl.lit(text)) for holds, text in wrong]
    return pl.coalesce(found) if found else pl.lit(None, dtype=pl.String)


def convert(column: Column, dtype: pl.DataType | None, *, time_zone: str = "UTC") -> Cells:
    """Say how a source column becomes a declared one.

    Args:
        column: The declaration; the source column has its name.
        dtype: Polars type of the source column, None when the source has no such column; lists
            of text are joined with commas, other structures cannot be converted.
        time_zone: IANA zone of timestamps that name none.
    """
    target = DTYPES[column.kind]
    if dtype is None:
        nothing = pl.lit(None, dtype=target)
        return Cells(column, nothing, nothing, (), cheap=True)
    raw, dtype = flat(column, dtype)
    cell, typed = pl.col(f"{column.name}:filled"), value(column.name)
    wrong = [(cell.is_null(), "missing")] if column.required else []
    if column.kind in _NOT_A and not (dtype == target and dtype in _TOTAL):
        wrong.append((cell.is_not_null() & typed.is_null(), _NOT_A[column.kind]))
    wrong += _limits(column, typed)
    return Cells(
        column,
        _filled(raw, dtype, column.kind),
        _typed(column.kind, cell, dtype, time_zone),
        tuple(wrong),
        cheap=dtype == target or dtype != pl.String(),
    )


def flat(column: Column, dtype: pl.DataType) -> tuple[pl.Expr, pl.DataType]:
    """Give a source column and its type, lists, decimals and categoricals as plain values."""
    raw = pl.col(column.name)
    if dtype == pl.List(pl.String):
        return raw.list.join(","), pl.String()
    if dtype in (pl.Categorical, pl.Enum, pl.Null):
        return raw.cast(pl.String), pl.String()
    if dtype.is_decimal():
        return raw.cast(pl.Float64), pl.Float64()
    return raw, dtype


def fits(dtype: pl.DataType) -> bool:
    """Tell whether all values of a type are 64-bit signed integers."""
    return dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128, pl.UInt128)


def calendar(dtype: pl.DataType) -> tuple[int, int]:
    """Give the first and last moment of the years 1 to 9999, a day less each where zones shift."""
    if not isinstance(dtype, pl.Datetime):
        return _FIRST_DAY, _LAST_DAY
    day = _DAY * {"ms": 1, "us": 1_000, "ns": 1_000_000}[dtype.time_unit]
    spare = int(dtype.time_zone is not None)
    return (_FIRST_DAY + spare) * day, (_LAST_DAY + 1 - spare) * day - 1


def in_calendar(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Give the cell, null where it is a date outside the years 1 to 9999."""
    if dtype != pl.Date() and not isinstance(dtype, pl.Datetime):
        return cell
    day = cell.cast(pl.Datetime("ms")).to_physical() // _DAY
    return pl.when(day.is_between(_FIRST_DAY, _LAST_DAY)).then(cell)


def _filled(raw: pl.Expr, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    if dtype.is_float():
        return raw.fill_nan(None)
    if dtype != pl.String():
        return raw
    if kind is Kind.TEXT:
        return pl.when(raw != "").then(raw)
    text = raw.str.strip_chars()
    empty = (*EMPTY_WORDS, "unknown") if kind is Kind.FLAG else EMPTY_WORDS
    return pl.when(~text.str.to_lowercase().is_in(empty)).then(text)


def _typed(kind: Kind, cell: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr:
    match kind:
        case Kind.ID | Kind.TEXT | Kind.CATEGORY:
            return _text(kind, cell, dtype)
        case Kind.MONEY | Kind.NUMBER:
            return _number(cell, dtype)
        case Kind.COUNT:
            whole = cell if dtype.is_integer() else _whole(_number(cell, dtype))
            return whole.cast(pl.Int64, strict=False)
        case Kind.FLAG:
            return _flag(cell, dtype)
        case Kind.TIMESTAMP:
            return in_calendar(_moment(cell, dtype, time_zone), pl.Datetime("us"))


def _text(kind: Kind, cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String():
        return cell.str.replace(r"^(\d+)\.0$", "$1") if kind is Kind.ID else cell
    if dtype.is_float():
        whole = _whole(cell.cast(pl.Float64))
        return pl.coalesce(whole.cast(pl.String), cell.cast(pl.String))
    return in_calendar(cell, dtype).cast(pl.String)


def _number(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not (dtype.is_numeric() or dtype == pl.String()):
        return pl.lit(None, dtype=pl.Float64)
    number = cell.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _whole(number: pl.Expr) -> pl.Expr:
    fits = (number == number.floor()) & (number.abs() <= WHOLE)
    return pl.when(fits).then(number).cast(pl.Int64, strict=False)


def _flag(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean():
        return cell
    if dtype.is_numeric():
        return pl.when(cell == 1).then(True).when(cell == 0).then(False)
    if dtype != pl.String():
        return pl.lit(None, dtype=pl.Boolean)
    word = cell.str.to_lowercase()
    return pl.when(word.is_in(_YES)).then(True).when(word.is_in(_NO)).then(False)


def _moment(cell: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr:
    if dtype == pl.Date() or isinstance(dtype, pl.Datetime):
        moment = in_calendar(cell, dtype)
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
            return _utc(moment)
        return _from_zone(moment.cast(pl.Datetime("us")), time_zone)
    if dtype != pl.String():
        return pl.lit(None, dtype=pl.Datetime("us"))
    text = cell.str.replace(" ", "T", literal=True)
    has_zone = text.str.contains(_ZONE)
    moment = (
        pl.when(text.str.len_bytes() == len("2025-01-31"))
        .then(text + "T00:00:00")
        .when(text.str.len_bytes() == len("2025-01-31T09:30"))
        .then(text + ":00")
        .otherwise(text)
    )
    local = pl.when(~has_zone).then(moment).str.to_datetime(_ISO, time_unit="us", strict=False)
    zoned = (
        pl.when(has_zone)
        .then(text.str.replace("Z$", "+0000").str.replace(_NO_SECONDS, "$1:00$2"))
        .str.to_datetime(f"{_ISO}%z", time_unit="us", time_zone="UTC", strict=False)
    )
    return pl.coalesce(_from_zone(local, time_zone), _utc(zoned))


def _utc(aware: pl.Expr) -> pl.Expr:
    return aware.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))


def _from_zone(naive: pl.Expr, time_zone: str) -> pl.Expr:
    if time_zone == "UTC":
        return naive
    return _utc(naive.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null"))


def _limits(column: Column, typed: pl.Expr) -> list[tuple[pl.Expr, str]]:
    limits: list[tuple[pl.Expr, str]] = []
    if column.kind in (Kind.ID, Kind.CATEGORY):
        limits.append((typed.str.len_bytes() > LONGEST, f"longer than {LONGEST} bytes"))
    if column.minimum is not None:
        limits.append((typed < column.minimum, f"below {column.minimum:g}"))
    if column.maximum is not None:
        limits.append((typed > column.maximum, f"above {column.maximum:g}"))
    if column.allowed:
        limits.append((~typed.is_in(column.allowed), f"not a known {column.name}"))
    if column.pattern is not None:
        matches = typed.str.contains(f"^(?:{column.pattern})$")
        limits.append((~matches, f"not written like {column.pattern}"))
    return limits
