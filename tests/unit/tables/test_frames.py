"""Frames in memory are tables."""

from typing import Any

import pandas as pd
import polars as pl
import pytest

from procx_graph.errors import DataError
from procx_graph.tables.frames import frames_source


def read(frame: Any) -> pl.DataFrame:
    return frames_source({"customers": frame}).tables["customers"].read().lazy().collect()


def test_pandas_columns_keep_their_types() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": ["C1", "C2"],
            "lifetime_value": [1.5, None],
            "signup_date": [pd.Timestamp("2025-01-01"), pd.NaT],
            "segment": pd.Categorical(["VIP", None]),
        },
        index=[7, 9],
    )

    assert read(frame)["lifetime_value"].to_list() == [1.5, None]
    assert read(frame)["signup_date"].null_count() == 1
    assert read(frame)["segment"].cast(pl.String).to_list() == ["VIP", None]


def test_mixed_pandas_columns_become_text() -> None:
    mixed = pd.Series([1001, "A7", 2.0, None, pd.NA, float("nan")], dtype=object)

    assert read(pd.DataFrame({"customer_id": mixed}))["customer_id"].to_list() == [
        "1001",
        "A7",
        "2",
        None,
        None,
        None,
    ]


def test_polars_frames_are_taken_as_they_are() -> None:
    lazy = pl.LazyFrame({"customer_id": ["C1"]})

    assert frames_source({"customers": lazy}).tables["customers"].read() is lazy


def test_a_frame_with_a_name_twice_is_refused() -> None:
    with pytest.raises(DataError, match="same name"):
        read(pd.DataFrame([[1, 2]], columns=["customer_id", "customer_id"]))


def test_a_column_of_something_odd_is_refused() -> None:
    with pytest.raises(DataError, match="column customer_id holds complex128"):
        read(pd.DataFrame({"customer_id": [1j]}))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(DataError, match="customers is a list"):
        read([{"customer_id": "C1"}])
