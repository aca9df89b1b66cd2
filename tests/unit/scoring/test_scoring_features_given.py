"""Features of frames that lie in an engine already, whatever their types."""

from datetime import date
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from procx_graph.errors import DataError
from procx_graph.scoring.features import NEEDED, collect_features, features_of
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import AS_OF, messy, open_base

PROFILE = load_profile()


def cleaned(seed: int = 5) -> dict[str, pl.LazyFrame]:
    base = open_base(messy(seed=seed))
    return {name: base.table(name) for name in NEEDED}


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_frames_count_like_the_base_they_were_taken_from(engine: str) -> None:
    base = open_base(messy(seed=5))
    lies: dict[str, Any] = dict(cleaned())
    connection = duckdb.connect()
    if engine == "duckdb":
        lies = {n: connection.from_arrow(f.collect().to_arrow()) for n, f in lies.items()}
    if engine == "pandas":
        lies = {n: f.collect().to_pandas(use_pyarrow_extension_array=True) for n, f in lies.items()}

    counted = features_of(lies, as_of=AS_OF, profile=PROFILE)

    assert counted.equals(collect_features(base, PROFILE, "polars"))


def test_rows_after_the_moment_and_rows_without_a_date_do_not_count() -> None:
    orders = pl.DataFrame(
        {
            "customer_id": ["a", "a", "a"],
            "order_date": [date(2025, 6, 20), date(2025, 7, 20), None],
            "total_amount": [10, 20, 40],
        }
    )

    counted = features_of(
        {"customers": pl.DataFrame({"customer_id": ["a", "b"]}), "orders": orders},
        as_of=AS_OF,
        profile=PROFILE,
    )

    assert counted["orders"].to_list() == [1, 0]
    assert counted["spend_cents"].to_list() == [1000, 0]
    assert counted["tickets"].to_list() == [None, None]


def test_moments_with_a_zone_are_read_as_utc() -> None:
    at = pl.Series(["2025-06-20T01:00:00+05:30"]).str.to_datetime(time_zone="Asia/Kolkata")
    orders = pl.DataFrame({"customer_id": ["a"], "order_date": at, "total_amount": [1.0]})

    counted = features_of(
        {"customers": pl.DataFrame({"customer_id": ["a"]}), "orders": orders},
        as_of=AS_OF,
        profile=PROFILE,
    )

    assert counted["days_since_order"].item() == 11


def test_moments_in_the_zone_of_a_session_need_a_session_in_utc() -> None:
    connection = duckdb.connect()

    def counted(zone: str) -> pl.DataFrame:
        connection.execute(f"SET TimeZone = '{zone}'")
        at = "TIMESTAMPTZ '2025-06-19 20:00:00+00'"
        orders = f"SELECT 'a' AS customer_id, {at} AS order_date, 1.5::DECIMAL AS total_amount"
        tables = {"customers": connection.sql("SELECT 'a' AS customer_id")}
        tables["orders"] = connection.sql(orders)
        return features_of(tables, as_of=AS_OF, profile=PROFILE)

    assert counted("UTC")["days_since_order"].item() == 11
    with pytest.raises(DataError, match=r"orders.order_date is told in Asia/Kolkata"):
        counted("Asia/Kolkata")


AMOUNTS = (20.0, -5.0, float("nan"), None)


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb"])
def test_negative_orders_do_not_count_and_amounts_that_are_no_number_are_unknown(
    engine: str,
) -> None:
    orders = pd.DataFrame({"customer_id": "a", "order_date": AS_OF, "total_amount": AMOUNTS})
    lies: dict[str, Any] = {"customers": pd.DataFrame({"customer_id": ["a"]}), "orders": orders}
    if engine == "polars":
        lies = {name: pl.from_pandas(frame, nan_to_null=False) for name, frame in lies.items()}
    if engine == "duckdb":
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'Etc/UTC'")
        lies = {name: connection.from_df(frame) for name, frame in lies.items()}

    counted = features_of(lies, as_of=AS_OF, profile=PROFILE)

    assert counted["orders"].item() == 3
    assert counted["spend_cents"].item() == 2_000


def test_plain_pandas_frames_score_as_the_opened_base() -> None:
    tables = messy(seed=5)

    counted = features_of(tables, as_of=AS_OF, profile=PROFILE)

    assert counted.equals(collect_features(open_base(tables), PROFILE, "polars"))


def test_a_pandas_column_of_mixed_kinds_is_refused() -> None:
    mixed = pd.DataFrame({"customer_id": ["a", 3]})

    with pytest.raises(DataError, match="customers cannot be read"):
        features_of({"customers": mixed}, as_of=AS_OF, profile=PROFILE)


def test_integer_ids_are_given_as_text_in_the_order_of_text() -> None:
    counted = features_of(
        {"customers": pl.DataFrame({"customer_id": [9, 10]})}, as_of=AS_OF, profile=PROFILE
    )

    assert counted["customer_id"].to_list() == ["10", "9"]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "there is no table customers"),
        ({"customers": 3}, "customers is no frame but a int"),
        ({"customers": pl.DataFrame({"name": ["a"]})}, "customers has no column customer_id"),
        (
            {
                "customers": pl.DataFrame({"customer_id": ["a"]}),
                "orders": pl.DataFrame({"customer_id": ["a"], "total_amount": [1.0]}),
            },
            "orders has no column order_date",
        ),
        (
            {
                "customers": pl.DataFrame({"customer_id": ["a"], "signup_date": ["2025-01-01"]}),
            },
            r"customers.signup_date is String, which is no timestamp",
        ),
        (
            {
                "customers": pl.DataFrame({"customer_id": ["a"]}),
                "purchases": pl.DataFrame({"customer_id": ["a"]}),
            },
            "there is no table 'purchases'",
        ),
        (
            {
                "customers": pl.DataFrame({"customer_id": ["a"]}),
                "nps_survey": pl.DataFrame(
                    {"customer_id": ["a"], "date": [date(2025, 1, 1)], "nps_score": [3]}
                ).to_pandas(),
            },
            "must all be frames of one engine",
        ),
    ],
)
def test_frames_that_are_not_our_tables_are_refused(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        features_of(tables, as_of=AS_OF, profile=PROFILE)
