"""Cells read in plain Python are the cells that a whole load gives, or are left to it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.schema import Column, Kind
from procx_graph.tables.convert import convert, problem, staged, value
from procx_graph.tables.lookup.cells import OddCell, read_cells, reader
from procx_graph.tables.values import as_series

at = datetime.fromisoformat
INDIA = timezone(timedelta(hours=5, minutes=30))

CELLS: dict[str, list[Any]] = {
    "texts": ["C1", " C1", "", "  ", "NaN", "none", "n/a", "007", "1.0"],
    "words": ["yes", "No", "T", "1", "0"],
    "numbers as text": ["12.5", "-3", "1e3", "0012", "12.50 ", "inf", "1_000", "٣", ".5", "5."],
    "long": ["x" * 99, "x" * 400, "x" * 401, "ä" * 201],
    "integers": [0, 1, -1, 2**53, 2**53 + 1, 2**62],
    "floats": [0.0, 1.0, -2.5, 0.1, 1e300, float("nan"), float("inf"), -float("inf")],
    "decimals": [Decimal("1.00"), Decimal("12.345"), Decimal("NaN"), Decimal("1e20")],
    "flags": [True, False],
    "dates": [date(2025, 1, 31), date(1, 1, 1), date(9999, 12, 31)],
    "moments": [at("2025-01-31T09:30"), at("1960-02-03"), at("9999-12-31"), at("0001-01-01")],
    "aware moments": [datetime(2025, 1, 31, 5, 30, tzinfo=INDIA), datetime(2025, 6, 1, tzinfo=UTC)],
    "moments as text": [
        "2025-01-31",
        "2025-01-31 09:30",
        "2025-01-31T09:30:00",
        "2025-01-31 09:30:00.123456",
        "2025-01-31 09:30:00.123",
        "2025-01-31 09:30:00.1",
        "2025-01-31T09:30:00Z",
        "2025-01-31 09:30:00+05:30",
        "2025-01-31 09:30:00.250000-0330",
        "0001-01-01 00:00:00+05:30",
        "2025-02-30",
        "2025-01-31 24:00:00",
        "31.01.2025",
        "0000-01-01",
    ],
    "mixed": [1, "1", 2.5, True, date(2025, 1, 1)],
    "structures": [{"a": 1}, [1, 2], b"abc"],
}


def plainly(column: Column, cells: Sequence[object], **how: Any) -> list[object] | None:
    """Read cells in plain Python; None where they are not plain."""
    try:
        return read_cells(column, cells, reader(column, **how))
    except OddCell:
        return None


def at_length(
    column: Column, cells: Sequence[object], time_zone: str = "UTC"
) -> tuple[list[object], list[str | None]]:
    series = as_series("x", cells)
    done = staged(series.to_frame().lazy(), [convert(column, series.dtype, time_zone=time_zone)])
    frame = done.select(value("x").alias("value"), problem("x").alias("problem")).collect()
    return frame["value"].to_list(), frame["problem"].to_list()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("time_zone", ["UTC", "Europe/London"])
def test_plain_cells_are_what_a_load_gives(kind: Kind, time_zone: str) -> None:
    numeric = kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
    limits = (-1.0, 1e15) if numeric else (None, None)
    column = Column("x", kind, "", minimum=limits[0], maximum=limits[1])

    for cells in CELLS.values():
        plain = [c for c in cells if plainly(column, [c], time_zone=time_zone) is not None]
        read = plainly(column, plain, time_zone=time_zone)
        if read:
            assert (read, [None] * len(plain)) == at_length(column, plain, time_zone)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (Kind.ID, ["C1", "C2"]),
        (Kind.ID, [1, 2]),
        (Kind.CATEGORY, ["delivered", None]),
        (Kind.TEXT, ["None", " a "]),
        (Kind.MONEY, [1, 2.5, Decimal("3.10")]),
        (Kind.MONEY, ["12.50"]),
        (Kind.COUNT, [1, 2.0]),
        (Kind.FLAG, ["Yes", "n", "unknown"]),
        (Kind.FLAG, [1, 0, None]),
        (Kind.TIMESTAMP, ["2025-01-31", "2025-01-31 09:30:00.000000"]),
        (Kind.TIMESTAMP, [datetime(2025, 1, 31, tzinfo=INDIA)]),
        (Kind.TIMESTAMP, [date(2025, 1, 31)]),
    ],
)
def test_usual_cells_are_plain(kind: Kind, cells: list[Any]) -> None:
    assert plainly(Column("x", kind, ""), cells) is not None


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    cells=st.lists(st.none() | st.text(max_size=8) | st.from_regex(r"-?\d{1,9}(\.\d{1,4})?\Z")),
)
def test_any_text_is_read_as_a_load_reads_it(kind: Kind, cells: list[str | None]) -> None:
    column = Column("x", kind, "")

    read = plainly(column, cells)

    if read is not None and cells:
        assert read == at_length(column, cells)[0]


@pytest.mark.parametrize("cells", [[at("2025-03-30T01:30")], ["2025-03-30 01:30:00"]])
def test_an_hour_that_a_clock_skips_is_left_to_the_load(cells: list[Any]) -> None:
    column = Column("x", Kind.TIMESTAMP, "")

    assert plainly(column, cells, time_zone="Europe/London") is None
    assert plainly(column, cells) is not None


def test_values_are_translated_before_they_are_read() -> None:
    column = Column("x", Kind.CATEGORY, "")

    read = plainly(column, ["Gold", "Loyal", 3, None][:2], translated={"Gold": "VIP"})

    assert read == ["VIP", "Loyal"]
    assert plainly(column, [3, 4, None], translated={"3": "VIP"}) == ["VIP", "4", None]


def test_a_required_cell_that_is_empty_is_left_to_the_load() -> None:
    column = Column("x", Kind.ID, "", required=True)

    assert plainly(column, ["C1", None]) is None
    assert plainly(column, ["C1", "null"]) is None


def test_closed_lists_and_patterns_are_left_to_the_load() -> None:
    assert plainly(Column("x", Kind.CATEGORY, "", allowed=("a",)), ["a"]) is None
    assert plainly(Column("x", Kind.CATEGORY, "", pattern="a"), ["a"]) is None
    assert plainly(Column("x", Kind.CATEGORY, "", pattern="a"), [None]) == [None]
