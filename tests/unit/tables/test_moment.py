"""The moment of a base comes from what customers did, or from the user."""

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest

from procx_graph.errors import DataError
from procx_graph.tables.moment import as_moment, behaviour

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
