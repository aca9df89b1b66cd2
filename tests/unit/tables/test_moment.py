"""The moment of a base comes from what customers did, or from the user."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.errors import DataError
from procx_graph.schema import TABLES
from procx_graph.tables.moment import OUTLIER, as_moment, as_seen, behaviour, needed

NOON = datetime(2025, 1, 31, 12, tzinfo=UTC)


def orders(*moments: datetime) -> dict[str, pl.LazyFrame]:
    naive = [moment.replace(tzinfo=None) for moment in moments]
    return {"orders": pl.LazyFrame({"order_date": naive}, schema={"order_date": pl.Datetime("us")})}


def daily(count: int) -> list[datetime]:
    return [NOON - timedelta(hours=hour) for hour in range(count)]


@pytest.mark.parametrize(
    "given",
    [
        NOON,
        NOON.replace(tzinfo=None),
        "2025-01-31T12:00",
        "2025-01-31T12:00:00Z",
        "2025-01-31T17:30:00+05:30",
        NOON.astimezone(timezone(timedelta(hours=-8))),
    ],
)
def test_a_moment_is_read_as_utc(given: datetime | str) -> None:
    assert as_moment(given) == NOON
    assert as_moment(given).tzinfo is UTC


@pytest.mark.parametrize("given", ["2025-01-31", date(2025, 1, 31)])
def test_a_bare_date_is_the_end_of_the_day(given: date | str) -> None:
    assert as_moment(given) == datetime(2025, 1, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    ["", "yesterday", "31.01.2025", "2025-02-30", "2025-01-31T25:00", "9999-12-31T23:00-05:00"],
)
def test_other_text_is_refused(given: str) -> None:
    with pytest.raises(DataError, match="as_of"):
        as_moment(given)


def test_the_latest_thing_customers_did_dates_the_base() -> None:
    found = behaviour(orders(NOON, NOON - timedelta(days=300)))

    assert found.latest == NOON
    assert found.warning is None


def test_reference_tables_do_not_date_the_base() -> None:
    shipped = pl.LazyFrame(
        {"shipped_date": [datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)]}
    )

    assert behaviour(orders(NOON) | {"shipments": shipped}).latest == NOON


@pytest.mark.parametrize("count", [300, 5_000])
def test_a_date_far_beyond_the_rest_is_not_believed(count: int) -> None:
    found = behaviour(orders(*daily(count), datetime(2099, 1, 1, tzinfo=UTC)))

    assert found.latest == NOON
    assert found.beyond == 1
    assert found.warning is not None
    assert "2099-01-01" in found.warning


def test_the_last_of_a_few_far_apart_orders_is_believed() -> None:
    found = behaviour(orders(NOON, NOON - timedelta(days=150), NOON - timedelta(days=700)))

    assert found.latest == NOON


def test_a_base_where_nobody_did_anything_has_no_date() -> None:
    assert behaviour(orders()).latest is None
    assert behaviour({}).latest is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.sampled_from([1, 50, 1_100]))
def test_what_is_beyond_the_rest_is_counted_by_the_percentile(days: list[int], often: int) -> None:
    moments = [NOON + timedelta(days=day * (day > 300)) for day in days] + [NOON] * often
    at = pl.Series(moments, dtype=pl.Datetime("us", "UTC")).to_physical()
    limit = OUTLIER + (at.quantile(0.999, interpolation="linear") or 0)

    found = behaviour(orders(*moments))

    assert found.beyond == (at > limit).sum()
    assert found.latest == max(m for m, micro in zip(moments, at, strict=True) if micro <= limit)
    assert (found.furthest or found.latest) == max(moments)


def test_the_first_days_of_the_calendar_date_a_base() -> None:
    early = datetime(1, 1, 2, tzinfo=UTC)

    assert behaviour(orders(early)).latest == early


TICKETS: dict[str, list[Any]] = {
    "customer_id": ["C1", "C1", "C1", "C1", "C1"],
    "created_at": [
        datetime(1969, 12, 31, 23, 59, 59, 999_999),  # noqa: DTZ001 - as in the tables
        datetime(2025, 1, 30, 12),  # noqa: DTZ001
        datetime(2025, 1, 30, 12, 0, 0, 1),  # noqa: DTZ001
        datetime(2025, 1, 31, 12),  # noqa: DTZ001
        datetime(2025, 1, 31, 12, 0, 0, 1),  # noqa: DTZ001
    ],
    "resolution_time_hours": [1.0, 24.0, 24.0, None, 0.0],
    "csat_score": [1, 2, 3, 4, 5],
}


def natives(frame: pl.DataFrame) -> dict[str, Any]:
    import duckdb
    import pandas as pd

    arrow = frame.to_arrow()
    return {
        "polars": frame.lazy(),
        "duckdb": duckdb.connect().from_arrow(arrow),
        "pandas": arrow.to_pandas(types_mapper=pd.ArrowDtype),
    }


def seen(native: Any, table: str, moment: datetime, **how: Any) -> list[tuple[Any, ...]]:
    frame = as_seen(TABLES[table], nw.from_native(native).lazy(), moment, **how).collect()
    return pl.from_arrow(frame.to_arrow()).rows()  # type: ignore[union-attr]


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_every_engine_sees_the_same_at_a_moment(engine: str) -> None:
    native = natives(pl.DataFrame(TICKETS))[engine]
    columns = ("created_at", "csat_score")

    then = seen(native, "support_tickets", NOON, is_current=False, columns=columns)
    now = seen(native, "support_tickets", NOON, is_current=True, columns=("csat_score",))

    assert sorted(then) == [
        (TICKETS["created_at"][0], 1),
        (TICKETS["created_at"][1], 2),
        (TICKETS["created_at"][2], None),
        (TICKETS["created_at"][3], None),
    ]
    assert sorted(now) == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_every_engine_hides_what_is_dated_later_and_snapshots(engine: str) -> None:
    later, earlier = (NOON.replace(tzinfo=None) + timedelta(microseconds=n) for n in (1, 0))
    orders = pl.DataFrame(
        {
            "order_date": [earlier, None, later],
            "actual_delivery_date": [later, earlier, None],
            "delivery_delay_days": [1.0, 2.0, 3.0],
        }
    )
    people = pl.DataFrame(
        {"customer_id": ["C1"], "segment": ["VIP"], "signup_date": [None]},
        schema_overrides={"signup_date": pl.Datetime("us")},
    )
    delay = ("delivery_delay_days",)
    who = ("customer_id", "segment")

    found = seen(natives(orders)[engine], "orders", NOON, is_current=True, columns=delay)

    assert found == [(None,), (2.0,)]
    for current, segment in ((True, "VIP"), (False, None)):
        rows = seen(natives(people)[engine], "customers", NOON, is_current=current, columns=who)
        assert rows == [("C1", segment)]


def test_columns_come_with_those_that_date_them() -> None:
    assert needed(TABLES["orders"], ["delivery_delay_days"]) == (
        "order_date",
        "actual_delivery_date",
        "delivery_delay_days",
    )
    assert needed(TABLES["support_tickets"], ["csat_score"]) == (
        "created_at",
        "resolution_time_hours",
        "csat_score",
    )
    assert needed(TABLES["products"], ["price"]) == ("price",)
