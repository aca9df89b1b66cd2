"""What is proven cheaply is true: sound columns have no wrong cell, unchanged ones no other."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.schema import Column, Kind, Table
from procx_graph.tables.convert import DTYPES, convert, problem, staged, value
from procx_graph.tables.proof import Proof, prove

at = datetime.fromisoformat

NASTY = st.text(alphabet=" \t\u00a0\u3000.0n/aNATul#<>17é", max_size=6)
NUMBERS = st.floats() | st.sampled_from([0.0, -0.0, 1.0, 5.0, 2.0**53, 2.0**53 + 2])


def of(kind: Kind, cells: pl.Series, **declared: Any) -> tuple[Column, Proof]:
    column = Column("x", kind, "", **declared)
    frame = cells.alias("x").to_frame().lazy()
    return column, prove(Table("t", "", (column,)), frame, {"x": cells.dtype})


def holds(kind: Kind, cells: pl.Series, **declared: Any) -> None:
    """Compare a proof with what the conversion of every cell gives."""
    column, proof = of(kind, cells, **declared)
    frame = cells.alias("x").to_frame()
    done = staged(frame.lazy(), [convert(column, cells.dtype)]).select(value("x"), problem("x"))
    told = done.collect()
    if "x" in proof.sound:
        assert told["x:problem"].null_count() == len(cells)
    if "x" in proof.unchanged:
        assert told["x:value"].equals(cells.alias("x:value"), null_equal=True)
        assert cells.dtype == DTYPES[kind]


@pytest.mark.parametrize("kind", [Kind.ID, Kind.TEXT, Kind.CATEGORY, Kind.FLAG])
@pytest.mark.parametrize("required", [True, False])
@settings(max_examples=40, deadline=None)
@given(cells=st.lists(NASTY | st.none(), max_size=4))
def test_no_text_is_proven_that_is_wrong(
    kind: Kind, required: bool, cells: list[str | None]
) -> None:
    holds(kind, pl.Series(cells, dtype=pl.String), required=required)


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.FLAG, Kind.ID])
@settings(max_examples=40, deadline=None)
@given(cells=st.lists(NUMBERS | st.none(), max_size=4))
def test_no_float_is_proven_that_is_wrong(kind: Kind, cells: list[float | None]) -> None:
    limits = {"minimum": 0, "maximum": 5} if kind in (Kind.COUNT, Kind.MONEY) else {}
    for dtype in (pl.Float64, pl.Float32):
        holds(kind, pl.Series(cells, dtype=dtype, strict=False), **limits)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int8, pl.Boolean, pl.Decimal(10, 2)])
@settings(max_examples=40, deadline=None)
@given(cells=st.lists(st.integers(0, 7) | st.none(), max_size=4))
def test_no_whole_number_is_proven_that_is_wrong(
    kind: Kind, dtype: Any, cells: list[int | None]
) -> None:
    limits = {"minimum": 1, "maximum": 5} if kind in (Kind.COUNT, Kind.MONEY) else {}
    holds(kind, pl.Series(cells).cast(dtype), **limits)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
@settings(max_examples=40, deadline=None)
@given(cells=st.lists(st.integers(-(2**63) + 1, 2**63 - 1) | st.none(), max_size=3))
def test_no_moment_is_proven_that_is_wrong(
    unit: Any, zone: str | None, cells: list[int | None]
) -> None:
    holds(Kind.TIMESTAMP, pl.Series(cells, dtype=pl.Int64).cast(pl.Datetime(unit, zone)))


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (Kind.ID, ["C1", "O300000", None]),
        (Kind.TEXT, [" verbatim ", None]),
        (Kind.CATEGORY, ["VIP", "Gold", None]),
        (Kind.MONEY, [0.0, 12.5, None]),
        (Kind.COUNT, [0, 7, None]),
        (Kind.FLAG, [True, False, None]),
        (Kind.TIMESTAMP, [at("1950-01-01"), at("2025-01-01T09:30:00"), None]),
    ],
)
def test_clean_columns_are_proven_unchanged(kind: Kind, cells: list[Any]) -> None:
    _, proof = of(kind, pl.Series(cells, dtype=DTYPES[kind]))

    assert proof.unchanged == {"x"}
    assert proof.rows == len(cells)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (Kind.ID, pl.Series([1001, None])),
        (Kind.FLAG, pl.Series([1, 0, None])),
        (Kind.FLAG, pl.Series(["yes", "No", None])),
        (Kind.CATEGORY, pl.Series([" Gold", "N/A"])),
        (Kind.MONEY, pl.Series([1, 2, None])),
        (Kind.COUNT, pl.Series([1.0, 2.0, None])),
        (Kind.TIMESTAMP, pl.Series([date(2025, 1, 1), None])),
        (Kind.TIMESTAMP, pl.Series([datetime(2025, 1, 1, tzinfo=UTC), None])),
    ],
)
def test_columns_that_only_need_converting_are_proven_sound(kind: Kind, cells: pl.Series) -> None:
    _, proof = of(kind, cells)

    assert proof.sound == {"x"}
    assert proof.unchanged == frozenset()


def test_a_required_column_with_an_empty_cell_is_not_sound() -> None:
    assert of(Kind.ID, pl.Series(["C1", None]), required=True)[1].sound == frozenset()
    assert of(Kind.CATEGORY, pl.Series(["a", None]), required=True)[1].sound == frozenset()


def test_naive_moments_of_a_zone_with_holes_are_not_proven() -> None:
    column = Column("x", Kind.TIMESTAMP, "")
    frame = pl.LazyFrame({"x": [at("2025-03-30T02:30:00")]})

    proof = prove(
        Table("t", "", (column,)), frame, {"x": pl.Datetime("us")}, time_zone="Europe/Berlin"
    )

    assert proof.sound == frozenset()


KEYED = Table(
    "t",
    "",
    (Column("k", Kind.ID, ""), Column("c", Kind.ID, "", required=True)),
    key="k",
    customer="c",
)


def keyed(keys: list[Any], owners: list[Any], customers: list[str]) -> Proof:
    frame = pl.DataFrame({"k": keys, "c": owners}, strict=False)
    return prove(KEYED, frame.lazy(), dict(frame.schema), customers=pl.Series(customers))


@pytest.mark.parametrize(
    ("keys", "distinct"),
    [
        (["O8", "O9", "O10", "O11"], True),
        (["O3", "O1", "O2", "O0"], True),
        (["O1", None, "O2", None], True),
        (["O1", "O2", "O2", "O3"], False),
        (["O1", None, "O1", "O2"], False),
        ([1, 2, 10, 11], True),
        ([3, 1, 2, 1], False),
        (["1", "1.0", "2", "3"], False),
    ],
)
def test_keys_are_distinct_in_any_order(keys: list[Any], distinct: bool) -> None:
    assert keyed(keys, ["C1"] * 4, ["C1"]).distinct is distinct


@pytest.mark.parametrize(
    ("owners", "customers", "ours"),
    [
        (["C1", "C1", "C2"], ["C2", "C1"], True),
        (["C1", "C9", "C2"], ["C2", "C1"], False),
        ([7, 7, 8], ["7", "8"], True),
        ([7, 7, 8], ["007", "8"], False),
        ([7, 7, 8], ["A7", "8"], False),
    ],
)
def test_rows_of_nobody_are_noticed(owners: list[Any], customers: list[str], ours: bool) -> None:
    assert keyed(["a", "b", "c"], owners, customers).ours is ours


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["O1", "O2", "O10", "O1.0", " O2", None]), max_size=5))
def test_keys_called_distinct_are(keys: list[str | None]) -> None:
    frame = pl.DataFrame({"k": pl.Series(keys, dtype=pl.String), "c": ["C1"] * len(keys)})
    there = [key for key in keys if key is not None]

    if prove(KEYED, frame.lazy(), dict(frame.schema)).distinct:
        assert len(set(there)) == len(there)


def test_a_day_before_the_calendar_is_not_proven() -> None:
    first = pl.Series([at("0001-01-01")]).cast(pl.Datetime("us"))

    assert of(Kind.TIMESTAMP, first)[1].sound == {"x"}
    assert of(Kind.TIMESTAMP, first - timedelta(microseconds=1))[1].sound == frozenset()
