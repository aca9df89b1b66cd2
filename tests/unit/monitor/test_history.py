"""Scoring the past: at which moments, from what was known then, and going on after a stop."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.domain.risk import RiskLevel
from procx_graph.errors import ConfigError
from procx_graph.monitor.history import backfill, moments, record, to_rows
from procx_graph.scoring.engine import score
from procx_graph.store import Cohorts, ScoreHistory, Store
from procx_graph.store.rows import COLUMNS
from tests.unit.scoring.bases import AS_OF, Tables, crowd, messy, open_base, shop
from tests.unit.store.places import NOW


@pytest.fixture(scope="module")
def tables() -> Tables:
    return shop(crowd())


@pytest.fixture(scope="module")
def base(tables: Tables) -> CustomerBase:
    return open_base(tables)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "procx.db") as store:
        yield store


def days(base: CustomerBase, **asked: Any) -> list[date]:
    return [moment.date() for moment in moments(base, **asked)]


# moments


def test_weeks_end_on_sundays_and_the_last_moment_is_the_bases_own(base: CustomerBase) -> None:
    planned = moments(base, since="2025-06-10")

    assert planned[0] == datetime(2025, 6, 15, 23, 59, 59, tzinfo=UTC)
    assert planned[-1] == base.as_of
    assert {moment.isoweekday() for moment in planned[:-1]} == {7}


def test_months_end_on_their_last_day(base: CustomerBase) -> None:
    assert days(base, since="2025-02-01", until="2025-04-10", every="monthly") == [
        date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 10),
    ]  # fmt: skip


def test_every_day_is_a_day(base: CustomerBase) -> None:
    assert days(base, since="2025-06-01", until="2025-06-03", every="daily") == [
        date(2025, 6, number) for number in (1, 2, 3)
    ]


def test_back_fills_of_other_days_meet_the_same_moments(base: CustomerBase) -> None:
    early = set(moments(base, since="2025-01-01", every=10)[:-1])

    assert set(moments(base, since="2025-03-07", every=10)[:-1]) < early


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "soon"}, "since 'soon' is no date"),
        ({"since": "2025-01-01", "until": "later"}, "until 'later' is no date"),
        ({"since": "2025-07-02"}, "is after 2025-06-30"),
        ({"since": "2025-01-01", "until": "2025-07-01"}, "until 2025-07-01 is after the base's"),
        ({"since": "2025-01-01", "every": "yearly"}, "not 'yearly'"),
        ({"since": "2025-01-01", "every": 0}, "not 0"),
        ({"since": "0001-01-01", "every": "daily"}, "more than 5,000"),
    ],
)
def test_a_past_that_makes_no_sense_is_refused(
    base: CustomerBase, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        moments(base, **asked)


def test_the_past_is_that_of_a_base() -> None:
    with pytest.raises(ConfigError, match="not of a str"):
        moments("shop.xlsx", since="2025-01-01")  # type: ignore[arg-type]


# backfill


def test_the_past_is_scored_from_what_was_known_then(tables: Tables, store: Store) -> None:
    cut = datetime(2025, 3, 31, 23, 59, 59, tzinfo=UTC)
    orders, people = tables["orders"], tables["customers"]
    by_hand = {
        "orders": orders[orders["order_date"] <= cut],
        "customers": people[people["signup_date"] <= cut],
    }

    backfill(open_base(tables), store, since="2025-03-31", until="2025-03-31", at=NOW)

    kept = ScoreHistory(store).at(cut).select(COLUMNS)
    assert_frame_equal(kept, to_rows(score(open_base(by_hand, cut))).select(COLUMNS))


def test_what_happens_later_changes_no_past(tables: Tables, store: Store, tmp_path: Path) -> None:
    late = pd.DataFrame([{"customer_id": "c001", "order_id": "late", "total_amount": 9.0}])
    late["order_date"] = AS_OF + timedelta(days=3)
    later = tables | {"orders": pd.concat([tables["orders"], late])}
    asked: dict[str, Any] = {"since": "2025-05-31", "until": "2025-05-31", "at": NOW}

    backfill(open_base(tables), store, **asked)
    with Store.open(tmp_path / "later.db") as other:
        backfill(open_base(later, AS_OF + timedelta(days=9)), other, **asked)
        seen_later = ScoreHistory(other).at()

    assert_frame_equal(ScoreHistory(store).at(), seen_later)


def test_what_is_recorded_is_not_scored_again(base: CustomerBase, store: Store) -> None:
    first = backfill(base, store, since="2025-06-10", at=NOW)
    again = backfill(base, store, since="2025-06-03", at=NOW)

    assert again.skipped == first.recorded
    assert [moment.date() for moment in again.recorded] == [date(2025, 6, 8)]


def test_what_was_stopped_keeps_what_is_done_and_goes_on(base: CustomerBase, store: Store) -> None:
    def stop(done: int, of: int, moment: datetime) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backfill(base, store, since="2025-06-03", at=NOW, on_progress=stop)
    rest = backfill(base, store, since="2025-06-03", at=NOW)

    assert len(rest.skipped) == 2
    assert rest.recorded
    assert len(ScoreHistory(store).scorings()) == 2 + len(rest.recorded)


def test_moments_before_the_first_customer_are_left_out(base: CustomerBase, store: Store) -> None:
    came = backfill(base, store, since="2024-01-01", until="2024-02-15", every="monthly", at=NOW)

    assert (came.recorded, len(came.empty)) == ((), 2)


# record


def test_every_number_of_the_score_table_is_kept_as_published(store: Store) -> None:
    scores = score(open_base(messy(seed=3)))

    record(scores, store, at=NOW)

    shared = [name for name in COLUMNS if name in scores.frame.columns]
    assert_frame_equal(
        ScoreHistory(store).at().select(shared), scores.frame.select(shared), check_exact=True
    )


def test_the_statistics_of_the_latest_moment_are_kept_with_it(
    base: CustomerBase, store: Store
) -> None:
    scores = score(base)

    record(scores, store, at=NOW)

    [scoring] = ScoreHistory(store).scorings()
    assert scoring.cohort_version == scores.cohort.version
    assert Cohorts(store).get(scores.cohort.version) == scores.cohort.to_bytes()


def test_the_level_of_a_higher_risk_is_never_lower(base: CustomerBase) -> None:
    rows = to_rows(score(base)).drop_nulls("risk_level")
    order = {level.value: level.order for level in RiskLevel}
    now, above = (rows[name].replace_strict(order) for name in ("risk_level", "level_above"))

    assert (above >= now).all()
    assert (above > now).any()


def test_a_level_held_is_never_below_todays(base: CustomerBase, store: Store) -> None:
    backfill(base, store, since="2025-06-10", at=NOW)

    held = ScoreHistory(store).held_levels()
    order = {level.value: level.order for level in RiskLevel}

    assert (held["held"] >= held["risk_level"].replace_strict(order)).all()
    assert held["customer_id"].n_unique() == len(held)
    assert set(held["customer_id"]) == set(
        ScoreHistory(store).at().drop_nulls("risk_level")["customer_id"]
    )


def test_the_profile_that_made_the_scores_is_named(base: CustomerBase, store: Store) -> None:
    backfill(base, store, profile="procx-seed", since="2025-06-25", every="daily", at=NOW)

    history = ScoreHistory(store).of("c001")

    assert history["profile_name"].unique().to_list() == ["procx-seed"]
    assert history["as_of"].is_sorted()
    assert history.schema["as_of"] == pl.Datetime("us", "UTC")
