"""Cheap tests that prove columns sound, so that only the others are looked at cell by cell.

A proof is sufficient and not necessary: what it does not prove may still be as declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from procx_graph.schema import Column, Kind, Table
from procx_graph.tables.convert import (
    DTYPES,
    EMPTY_WORDS,
    LONGEST,
    WHOLE,
    calendar,
    convert,
    fits,
    flat,
    problem,
    staged,
    value,
)

_WORD = max(len(word) for word in EMPTY_WORDS)
"""Bytes of the longest word for an empty cell."""
_ROWS, _RISING = ":rows", ":rising"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proven of a table.

    Attributes:
        rows: Rows read.
        sound: Columns in which no cell is wrong, nor missing where it is required.
        unchanged: Those of them whose cells are the declared values already.
        distinct: No key appears twice.
        ours: Every row names a known customer.
    """

    rows: int
    sound: frozenset[str]
    unchanged: frozenset[str]
    distinct: bool
    ours: bool


def prove(
    table: Table,
    frame: pl.LazyFrame,
    found: Mapping[str, pl.DataType],
    *,
    time_zone: str = "UTC",
    customers: pl.Series | None = None,
) -> Proof:
    """Prove what can be proven of a table, in one pass over it and one over its ids.

    Args:
        table: The declaration.
        frame: Columns carry our names.
        found: Their types.
        time_zone: IANA zone of timestamps that name none.
        customers: Ids that rows may belong to; None when that is not asked.
    """
    there = {c.name: (c, found[c.name]) for c in table.columns if c.name in found}
    claims = {name: _claim(*of, time_zone) for name, of in there.items()}
    if table.key in there:
        claims[_RISING] = _rising(*there[table.key])
    words = [name for name, of in there.items() if _repeats(*of)]
    told = _ask(frame, {name: claim for name, claim in claims.items() if claim is not None})
    told |= _ask(frame, {name: pl.col(name).unique().implode() for name in words})
    verdicts = {name: _verdict(*of, told.get(name)) for name, of in there.items()}
    sound = frozenset(name for name, verdict in verdicts.items() if verdict is not None)
    return Proof(
        rows=told[_ROWS],
        sound=sound,
        unchanged=frozenset(name for name, verdict in verdicts.items() if verdict),
        distinct=table.key not in there
        or (table.key in sound and (told[_RISING] is True or _distinct(frame, table.key))),
        ours=customers is not None
        and table.customer in sound
        and _are_known(*there[table.customer], frame, customers),
    )


def _ask(frame: pl.LazyFrame, claims: Mapping[str, pl.Expr]) -> dict[str, Any]:
    named = [claim.alias(name) for name, claim in claims.items()]
    answers = frame.select(pl.len().alias(_ROWS), *named).collect(engine="streaming")
    return {answer.name: answer[0] for answer in answers}


def _verdict(column: Column, dtype: pl.DataType, answer: object) -> bool | None:
    """Say whether a column is sound and unchanged (True), sound (False), or not known to be."""
    if not isinstance(answer, pl.Series):
        return dtype == DTYPES[column.kind] if answer is True else None
    words = answer.alias(column.name).to_frame().lazy()
    same = value(column.name).eq_missing(pl.col(column.name)).all()
    told = _ask(
        staged(words, [convert(column, dtype)]),
        {
            "sound": problem(column.name).is_null().all(),
            "same": same if dtype == DTYPES[column.kind] else pl.lit(value=False),
        },
    )
    return bool(told["same"]) if told["sound"] else None


def _repeats(column: Column, dtype: pl.DataType) -> bool:
    """Tell whether a column holds few different words, which are looked at instead of its cells."""
    word = column.kind in (Kind.CATEGORY, Kind.FLAG) and dtype == pl.String()
    return word or (column.kind is Kind.CATEGORY and dtype in (pl.Categorical, pl.Enum))


def _claim(column: Column, dtype: pl.DataType, time_zone: str) -> pl.Expr | None:
    """Claim that a column is sound; None when that cannot be told cheaply."""
    holds = _holds(column, dtype, time_zone)
    filled = pl.col(column.name).null_count() == 0
    return holds & filled if column.required and holds is not None else holds


def _holds(column: Column, dtype: pl.DataType, time_zone: str) -> pl.Expr | None:
    """Claim that every cell that is not null is sound and has a value."""
    raw = pl.col(column.name)
    match column.kind:
        case Kind.TEXT if dtype == pl.String():
            return (raw != "").all()
        case Kind.ID if dtype == pl.String():
            return _are_ids(raw)
        case Kind.ID if dtype.is_integer():
            return pl.lit(value=True)
        case Kind.FLAG if dtype == pl.Boolean():
            return pl.lit(value=True)
        case Kind.FLAG if dtype.is_integer():
            return raw.is_between(0, 1).all()
        case Kind.MONEY | Kind.NUMBER | Kind.COUNT:
            return _are_numbers(column, dtype)
        case Kind.TIMESTAMP:
            return _are_moments(raw, dtype, time_zone)
    return None


def _are_ids(raw: pl.Expr) -> pl.Expr:
    length = raw.str.len_bytes()
    short = raw.filter(length <= _WORD).str.to_lowercase()
    return (
        (raw == raw.str.strip_chars()).all()
        & ~raw.str.ends_with(".0").any()
        & (length <= LONGEST).all()
        & ~short.is_in(EMPTY_WORDS).any()
    )


def _first(ids: pl.Expr) -> pl.Expr:
    """Say which rows have another id than the row before; equal ones often come together."""
    return ids.ne_missing(ids.shift())


def _are_numbers(column: Column, dtype: pl.DataType) -> pl.Expr | None:
    raw, dtype = flat(column, dtype)
    if not (dtype.is_float() or fits(dtype)):
        return None
    holds = raw.is_finite() if dtype.is_float() else pl.lit(value=True)
    if dtype.is_float() and column.kind is Kind.COUNT:
        holds &= (raw == raw.floor()) & (raw.abs() <= WHOLE)
    if column.minimum is not None:
        holds &= raw >= column.minimum
    if column.maximum is not None:
        holds &= raw <= column.maximum
    return holds.all()


def _are_moments(raw: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr | None:
    aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    if not aware and time_zone != "UTC":
        return None
    if dtype != pl.Date() and not isinstance(dtype, pl.Datetime):
        return None
    first, last = calendar(dtype)
    return raw.to_physical().is_between(first, last).all()


def _rising(column: Column, dtype: pl.DataType) -> pl.Expr:
    """Claim that no key is null and each comes after the one before, shorter ones first."""
    key = pl.col(column.name)
    before = key.shift()
    later = key > before
    if dtype == pl.String():
        length, length_before = key.str.len_bytes(), before.str.len_bytes()
        later = (length > length_before) | ((length == length_before) & later)
    return later.all() & (key.null_count() == 0)


def _distinct(frame: pl.LazyFrame, key: str) -> bool:
    """Find out by hashes that no key appears twice; two of one hash prove nothing."""
    hashes = frame.select(pl.col(key).drop_nulls().hash().sort()).collect(engine="streaming")
    return hashes[key].is_sorted() and not (hashes[key] == hashes[key].shift()).any()


def _are_known(
    column: Column, dtype: pl.DataType, frame: pl.LazyFrame, customers: pl.Series
) -> bool:
    """Find out that all rows name known customers."""
    name = column.name
    known = customers.alias(name).to_frame().lazy()
    if dtype != pl.String():
        number = pl.col(name).cast(dtype, strict=False)
        known = known.filter(number.cast(pl.String) == pl.col(name)).select(number)
    unknown = frame.select(name).filter(_first(pl.col(name))).join(known, on=name, how="anti")
    return unknown.head(1).collect(engine="streaming").is_empty()
