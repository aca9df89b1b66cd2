"""Columns from Python values, as drivers and workbooks hand them over."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl

_PLAIN = {str, bool, int, date, datetime}


def as_series(name: str, values: Sequence[object]) -> pl.Series:
    """Make a column from Python values as drivers and workbooks hand them over.

    Mixed types become text, whole floats without decimals; nothing is lost on the way.
    """
    plain = [None if _is_empty(value) else value for value in values]
    kinds = {type(value) for value in plain} - {type(None)}
    odd = _mixes_zones(plain) or _exceeds_64_bits(plain)
    if kinds <= {int, float, Decimal} and kinds & {float, Decimal} and not odd:
        numbers = [None if v is None else float(v) for v in plain]  # type: ignore[arg-type]
        return pl.Series(name, numbers, dtype=pl.Float64)
    if len(kinds) > 1 or not kinds <= _PLAIN or odd:
        texts = [None if value is None else _as_text(value) for value in plain]
        return pl.Series(name, texts, dtype=pl.String)
    return pl.Series(name, plain, dtype=None if kinds else pl.Null, strict=True)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, float | Decimal) and math.isnan(value))


def _mixes_zones(values: list[object]) -> bool:
    return len({v.tzinfo is None for v in values if isinstance(v, datetime)}) > 1


def _exceeds_64_bits(values: list[object]) -> bool:
    return any(isinstance(v, int) and not -(2**63) <= v < 2**63 for v in values)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
