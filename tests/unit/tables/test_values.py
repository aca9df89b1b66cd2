"""Python values become columns without losing anything."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from procx_graph.tables.values import as_series

at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("source", "dtype"),
    [
        ([1, None, 2], pl.Int64),
        ([1, 2.5], pl.Float64),
        ([Decimal("1.5"), 2], pl.Float64),
        (["a", None], pl.String),
        ([True, False], pl.Boolean),
        ([date(2025, 1, 1)], pl.Date),
        ([at("2025-01-01T00:00:00")], pl.Datetime("us")),
        ([None, float("nan")], pl.Null),
        ([1, "a"], pl.String),
    ],
)
def test_python_values_keep_their_type_where_they_share_one(source: list[Any], dtype: Any) -> None:
    assert as_series("x", source).dtype == dtype


def test_an_id_of_any_length_keeps_its_digits() -> None:
    assert as_series("x", [2**70, 7]).to_list() == [str(2**70), "7"]


def test_moments_with_and_without_a_zone_are_not_mixed_up() -> None:
    mixed = as_series("x", [at("2025-01-01T09:00"), at("2025-01-01T09:00+05:00")])

    assert mixed.to_list() == ["2025-01-01T09:00:00", "2025-01-01T09:00:00+05:00"]


def test_mixed_python_values_become_text_without_loss() -> None:
    mixed = [1001.0, "A7", True, datetime(2025, 1, 1, 9, tzinfo=UTC), None, 2**70]

    assert as_series("x", mixed).to_list() == [
        "1001",
        "A7",
        "true",
        "2025-01-01T09:00:00+00:00",
        None,
        str(2**70),
    ]


def test_days_and_moments_together_are_iso_text() -> None:
    mixed = as_series("x", [date(2025, 1, 1), at("2025-01-01T09:00:00")])

    assert mixed.to_list() == ["2025-01-01", "2025-01-01T09:00:00"]
