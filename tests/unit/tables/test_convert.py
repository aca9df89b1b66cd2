"""Cells of every source become the declared types, or are called wrong."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from procx_graph.schema import Column, Kind
from procx_graph.tables.convert import convert, problem, staged, value

at = datetime.fromisoformat


def cells(
    kind: Kind, source: list[Any] | pl.Series, *, time_zone: str = "UTC", **declared: Any
) -> tuple[list[Any], list[str | None]]:
    column = Column("x", kind, "", **declared)
    series = source.alias("x") if isinstance(source, pl.Series) else pl.Series("x", source)
    done = staged(series.to_frame().lazy(), [convert(column, series.dtype, time_zone=time_zone)])
    frame = done.select(value("x").alias("value"), problem("x").alias("problem")).collect()
    return frame["value"].to_list(), frame["problem"].to_list()


def values(kind: Kind, source: list[Any] | pl.Series, **how: Any) -> list[Any]:
    return cells(kind, source, **how)[0]


def problems(kind: Kind, source: list[Any] | pl.Series, **how: Any) -> list[str | None]:
    return cells(kind, source, **how)[1]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (["1001", " 1001 ", "1001.0"], ["1001", "1001", "1001"]),
        ([1001, 919831882064], ["1001", "919831882064"]),
        ([1001.0, 919831882064.0, None], ["1001", "919831882064", None]),
        (["00017", "A-1.0"], ["00017", "A-1.0"]),
    ],
)
def test_ids_are_text_without_decimals(source: list[Any], text: list[str]) -> None:
    assert values(Kind.ID, source) == text


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.TEXT])
def test_words_for_nothing_are_empty_cells(kind: Kind) -> None:
    words = ["", "  ", "NaN", "nan", "null", "None", "N/A", None]

    assert cells(kind, words) == ([None] * 8, [None] * 8)


def test_free_text_is_kept_verbatim() -> None:
    texts = ["None", "NA", " a ", "=1+1", "@SUM(A1)", "<b>x</b>", "[red]x", "தமிழ் 🙂"]

    assert values(Kind.TEXT, texts) == texts
    assert values(Kind.TEXT, ["", None]) == [None, None]


def test_numbers_are_read_from_text_and_never_guessed() -> None:
    found, wrong = cells(Kind.NUMBER, ["12.5", "-3", "1e3", "1,234", "12 EUR", "inf", "0x1"])

    assert found == [12.5, -3.0, 1000.0, None, None, None, None]
    assert wrong == [None] * 3 + ["not a number"] * 4


def test_an_infinite_number_is_not_a_number_and_nan_is_empty() -> None:
    found, wrong = cells(Kind.MONEY, [float("inf"), float("nan"), 2.0])

    assert found == [None, None, 2.0]
    assert wrong == ["not a number", None, None]


def test_a_yes_is_not_a_number() -> None:
    assert problems(Kind.NUMBER, [True]) == ["not a number"]


def test_counts_are_whole() -> None:
    found, wrong = cells(Kind.COUNT, ["3", "3.0", "3.5"])

    assert found == [3, 3, None]
    assert wrong == [None, None, "not a whole number"]


def test_decimals_of_a_database_are_numbers() -> None:
    assert values(Kind.MONEY, [Decimal("12.30"), None]) == [12.3, None]


@pytest.mark.parametrize(
    "source",
    [
        ["yes", "No", "unknown", ""],
        ["TRUE", "false", None, " "],
        ["Y", "n", "UNKNOWN", "NaN"],
        ["1", "0", None, None],
        [1, 0, None, None],
        [1.0, 0.0, float("nan"), None],
        [True, False, None, None],
    ],
)
def test_consent_has_three_states(source: list[Any]) -> None:
    assert cells(Kind.FLAG, source) == ([True, False, None, None], [None] * 4)


def test_any_other_flag_is_wrong() -> None:
    assert problems(Kind.FLAG, ["maybe"]) == ["neither yes nor no"]
    assert problems(Kind.FLAG, [2]) == ["neither yes nor no"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-29", at("2025-01-29T00:00:00")),
        ("2025-01-29T01:02", at("2025-01-29T01:02:00")),
        ("2025-01-29 01:02:57", at("2025-01-29T01:02:57")),
        ("2025-01-29T01:02:57.25", at("2025-01-29T01:02:57.250000")),
        ("2025-01-29T01:02:57Z", at("2025-01-29T01:02:57")),
        ("2025-01-29T01:02Z", at("2025-01-29T01:02:00")),
        ("2025-01-29T01:02:57+05:30", at("2025-01-28T19:32:57")),
        ("2025-01-29 01:02:57 -0130", at("2025-01-29T02:32:57")),
    ],
)
def test_iso_text_is_a_moment_in_utc(text: str, moment: datetime) -> None:
    assert values(Kind.TIMESTAMP, [text]) == [moment]


@pytest.mark.parametrize("text", ["2025-02-30", "29/01/2025", "45000", "soon", "2025-01-29T"])
def test_other_text_is_no_date(text: str) -> None:
    found, wrong = cells(Kind.TIMESTAMP, [text])

    assert found == [None]
    assert wrong[0] is not None
    assert wrong[0].startswith("not a date")


def test_a_bare_number_is_no_date() -> None:
    assert values(Kind.TIMESTAMP, [45_000]) == [None]


def test_moments_with_a_zone_are_moved_to_utc() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))

    assert values(Kind.TIMESTAMP, [datetime(2025, 1, 29, 5, 30, tzinfo=kolkata)]) == [
        at("2025-01-29T00:00:00")
    ]


def test_moments_without_a_zone_are_in_the_configured_one() -> None:
    zone = "Asia/Kolkata"

    assert values(Kind.TIMESTAMP, ["2025-01-29T05:30"], time_zone=zone) == [
        at("2025-01-29T00:00:00")
    ]
    assert values(Kind.TIMESTAMP, [at("2025-01-29T05:30:00")], time_zone=zone) == [
        at("2025-01-29T00:00:00")
    ]
    assert values(Kind.TIMESTAMP, ["2025-01-29T05:30Z"], time_zone=zone) == [
        at("2025-01-29T05:30:00")
    ]


def test_dates_of_any_precision_are_moments() -> None:
    nanoseconds = pl.Series([at("2025-01-29T01:00:00")], dtype=pl.Datetime("ns"))

    assert values(Kind.TIMESTAMP, nanoseconds) == [at("2025-01-29T01:00:00")]
    assert values(Kind.TIMESTAMP, [date(2025, 1, 29)]) == [at("2025-01-29T00:00:00")]


@pytest.mark.parametrize("dtype", [pl.Datetime("us"), pl.Datetime("us", "Asia/Tokyo")])
def test_a_moment_beyond_the_calendar_is_no_date(dtype: pl.DataType) -> None:
    far = pl.Series([2**62, -(2**62), 0]).cast(dtype)

    assert values(Kind.TIMESTAMP, far) == [None, None, at("1970-01-01")]
    assert problems(Kind.TIMESTAMP, far)[2] is None
    assert all(problems(Kind.TIMESTAMP, far)[:2])


def test_the_last_moment_of_the_calendar_stays_in_it() -> None:
    assert values(Kind.TIMESTAMP, ["9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00"]) == [
        at("9999-12-31T23:59:59"),
        None,
    ]


def test_an_hour_that_the_clocks_skip_is_reported() -> None:
    assert values(Kind.TIMESTAMP, ["2025-03-30T02:30"], time_zone="Europe/Berlin") == [None]
    assert problems(Kind.TIMESTAMP, ["2025-03-30T02:30"], time_zone="Europe/Berlin") != [None]


def test_values_outside_the_range_are_wrong_and_unknown() -> None:
    found, wrong = cells(Kind.COUNT, [0, 1, 5, 6], minimum=1, maximum=5)

    assert found == [0, 1, 5, 6]
    assert wrong == ["below 1", None, None, "above 5"]


def test_closed_categories_and_patterns_are_checked() -> None:
    assert problems(Kind.CATEGORY, ["a", "c", None], allowed=("a", "b")) == [
        None,
        "not a known x",
        None,
    ]
    assert problems(Kind.CATEGORY, ["EUR", "euro"], pattern="[A-Z]{3}")[1] is not None


def test_open_categories_keep_the_words_of_another_business() -> None:
    assert values(Kind.CATEGORY, [" Gold ", "sehr treu"]) == ["Gold", "sehr treu"]


def test_a_required_cell_that_is_empty_is_missing() -> None:
    assert problems(Kind.MONEY, ["", "1"], required=True) == ["missing", None]


def test_lists_of_text_are_joined() -> None:
    assert values(Kind.TEXT, [["P1", "P2"]]) == ["P1,P2"]


def test_texts_of_days_and_of_moments_with_and_without_a_zone_are_told_apart() -> None:
    texts = ["2025-01-01T09:00:00", "2025-01-01T09:00:00+05:00", "2025-01-01"]

    assert values(Kind.TIMESTAMP, texts, time_zone="Asia/Tokyo") == [
        at("2025-01-01T00:00"),
        at("2025-01-01T04:00"),
        at("2024-12-31T15:00"),
    ]
