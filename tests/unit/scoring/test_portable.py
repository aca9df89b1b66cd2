from datetime import UTC, date, datetime

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from procx_graph.scoring.features.portable import (
    cents,
    day,
    day_number,
    is_one_of,
    midnight,
    place_in,
)

MOMENTS = [
    datetime.fromisoformat("1899-12-31T23:59"),
    datetime.fromisoformat("1969-12-31"),
    datetime.fromisoformat("2000-02-29"),
    None,
]


def on(engine: str, frame: pl.DataFrame, expression: nw.Expr) -> list[object]:
    native = frame.lazy() if engine == "polars" else duckdb.from_arrow(frame.to_arrow())
    told: pl.DataFrame = (
        nw.from_native(native).lazy().select(told=expression).collect("polars").to_native()
    )
    return told["told"].to_list()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_days_are_numbered_like_those_of_python(engine: str) -> None:
    numbered = on(
        engine, pl.DataFrame({"at": MOMENTS}), day("at", nw.Implementation.from_string(engine))
    )

    assert numbered == [day_number(at.replace(tzinfo=UTC)) if at else 0 for at in MOMENTS]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_halves_of_a_cent_are_rounded_upwards(engine: str) -> None:
    frame = pl.DataFrame({"amount": [0.125, -0.125, 1e300, None]})

    assert on(engine, frame, cents("amount")) == [13, -12, 10**14, 0]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_category_is_known_in_any_case(engine: str) -> None:
    frame = pl.DataFrame({"status": ["Failed", "FAILED", "ok", None]})

    assert on(engine, frame, is_one_of("status", ["failed"])) == [True, True, False, False]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_category_is_numbered_by_its_place(engine: str) -> None:
    names = [f"kind {number}" for number in range(11)]
    frame = pl.DataFrame({"kind": [*names, "KIND 5", "other", None]})

    assert on(engine, frame, place_in("kind", names)) == [*range(11), 5, 0, 0]


def test_a_window_that_begins_before_the_calendar_begins_with_it() -> None:
    first = midnight(date(2025, 6, 30), 10**9, nw.Implementation.POLARS)

    assert on("polars", pl.DataFrame({"a": [1]}), first) == [datetime.fromisoformat("0001-01-01")]
