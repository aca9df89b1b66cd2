"""Scorings are kept whole, once and for ever, on SQLite and PostgreSQL alike."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import text

from procx_graph.errors import ConfigError, DataError, StoreError
from procx_graph.store import ScoreHistory, Store, bulk
from procx_graph.store.rows import COLUMNS
from procx_graph.store.schema import SUB_SCORES, scores
from tests.unit.store.places import DAY_0, KINDS, NOW, a_place, crowd, day, keep, scored


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        yield place


@pytest.fixture
def history(place: str) -> Iterator[ScoreHistory]:
    with Store.open(place) as store:
        yield ScoreHistory(store)


def test_numbers_read_back_equal_what_was_written(history: ScoreHistory) -> None:
    rng = np.random.default_rng(0)
    written = crowd(300).with_columns(
        *(pl.Series(name, rng.random(300)) for name in ("health", "churn_risk", *SUB_SCORES)),
        pl.Series("revenue_at_risk", rng.random(300) * 10.0 ** rng.integers(-300, 300, 300)),
    )

    keep(history, 0, written)

    assert_frame_equal(history.at().select(COLUMNS), written.select(COLUMNS), check_exact=True)


def test_any_id_reads_back(history: ScoreHistory) -> None:
    names = ["a,b", 'a"b', "a\nb", "அனா", "'; DROP TABLE scores; --", "\\N", " ", "NULL"]
    keep(history, 0, scored(**{name: {} for name in names}))

    assert [history.of(name)["customer_id"].item() for name in names] == names


def test_unknown_stays_unknown(history: ScoreHistory) -> None:
    nothing = {"churn_risk": None, "risk_level": None, "rank": None, "sub_nps": float("nan")}
    keep(history, 0, scored(ana={}, ben=nothing))

    row = history.of("ben").row(0, named=True)

    assert [row[name] for name in nothing] == [None] * 4
    assert history.scorings()[0].active == 1


def test_a_scoring_says_when_with_what_and_on_which_data(history: ScoreHistory) -> None:
    made = keep(history, 0, scored(ana={}, ben={}), cohort_version="v1")

    [scoring] = history.scorings()

    assert scoring.id == made
    assert (scoring.as_of, scoring.recorded_at) == (DAY_0, NOW)
    assert (scoring.customers, scoring.active, scoring.cohort_version) == (2, 2, "v1")


def test_recording_again_changes_nothing(history: ScoreHistory) -> None:
    first = keep(history, 0, scored(ana={}))
    again = keep(history, 0, scored(ana={"health": 1.0}))

    assert (first, again) == (1, None)
    assert history.of("ana")["health"].to_list() == [60.0]


def test_other_data_is_another_scoring_and_has_the_last_word(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={}))
    keep(history, 0, scored(ana={"health": 50.0}), fingerprint="f2")

    assert len(history.scorings()) == 2
    assert history.of("ana")["health"].to_list() == [50.0]
    assert history.at()["health"].to_list() == [50.0]


def test_what_fails_in_the_middle_leaves_nothing(history: ScoreHistory) -> None:
    broken = crowd(120_000).with_columns(
        health=pl.when(pl.col("rank") < 110_000).then(pl.col("health"))
    )

    with pytest.raises(StoreError, match="cannot write the store"):
        keep(history, 0, broken)

    assert history.scorings() == []
    assert history.of("C0000000").is_empty()
    assert keep(history, 0, crowd(10)) is not None


def test_what_is_stopped_in_the_middle_leaves_nothing(history: ScoreHistory) -> None:
    def be_stopped() -> None:
        with history.store.writing() as connection:
            numbered = crowd(60_000).select(pl.lit(7).alias("scoring_id"), *COLUMNS)
            bulk.insert(connection, scores, numbered)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_stopped()

    assert history.of("C0000000").is_empty()
    with history.store.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM scores")) == 0


@pytest.mark.parametrize("table", ["scores", "scorings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = 7", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_history(
    history: ScoreHistory, table: str, change: str
) -> None:
    keep(history, 0, scored(ana={}))
    column = "health" if table == "scores" else "customers"

    with (
        pytest.raises(StoreError, match=f"{table} is append-only"),
        history.store.writing() as connection,
    ):
        connection.execute(text(change.format(table, column)))


@pytest.mark.slow
def test_processes_that_record_at_once_lose_nothing_and_double_nothing(place: str) -> None:
    code = (
        "import sys; from procx_graph.store import ScoreHistory, Store\n"
        "from tests.unit.store.places import crowd, keep\n"
        "with Store.open(sys.argv[1]) as store:\n"
        "    made = [keep(ScoreHistory(store), n, crowd(5000)) for n in range(5)]\n"
        "print(sum(one is not None for one in made))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, place], stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(3)
    ]  # fmt: skip
    told = [process.communicate(timeout=120)[0] for process in running]

    with Store.open(place) as store:
        history = ScoreHistory(store)
        assert sum(map(int, told)) == 5
        assert [scoring.customers for scoring in history.scorings()] == [5000] * 5
        assert len(history.of("C0004999")) == 5


@pytest.mark.slow
def test_a_hundred_thousand_scores_are_kept_and_compared(history: ScoreHistory) -> None:
    keep(history, 0, crowd(100_000))
    keep(history, 30, crowd(100_000, health=40.0))

    changed = history.change(30)

    assert len(changed) == 100_000
    assert changed["delta_health"].unique().to_list() == [-20.0]


def test_a_change_is_against_the_nearest_scoring_that_is_old_enough(history: ScoreHistory) -> None:
    for number, health in ((0, 80.0), (10, 70.0), (45, 65.0), (50, 60.0)):
        keep(history, number, scored(ana={"health": health}))

    row = history.change(30).row(0, named=True)
    before = history.change(30, as_of=day(47)).row(0, named=True)

    assert (row["delta_health"], row["since"], row["days"]) == (-10.0, day(10), 40.0)
    assert (row["scoring_id"], row["previous_id"]) == (4, 2)
    assert (before["as_of"], before["delta_health"]) == (day(45), -5.0)


def test_nothing_is_compared_with_another_profile(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={}))
    keep(history, 40, scored(ana={}), profile_hash="p2")

    assert history.change(30)["previous_id"].to_list() == [None]
    assert history.alerts().is_empty()


def test_the_history_of_a_profile_can_be_asked_for(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={"health": 11.0}))
    keep(history, 40, scored(ana={}), profile_hash="p2")

    assert history.at(profile_hash="p1")["health"].to_list() == [11.0]
    assert [one.profile_hash for one in history.scorings("p2")] == ["p2"]


def test_an_alert_says_what_happened_and_between_which_scorings(history: ScoreHistory) -> None:
    keep(history, 0, crowd(100))
    fallen = crowd(100).with_columns(
        rank=101 - pl.col("rank"),
        health=pl.when(pl.col("customer_id") == "C0000050").then(45.0).otherwise("health"),
        churn_risk=pl.when(pl.col("customer_id") == "C0000060").then(0.5).otherwise("churn_risk"),
    )
    second = keep(history, 7, fallen)

    told = history.alerts(capacity=5)

    assert told.group_by("kind").len().sort("kind").rows() == [
        ("entered_queue", 5), ("health_fell", 1), ("left_queue", 5), ("risk_rose", 1),
    ]  # fmt: skip
    assert told["scoring_id"].unique().to_list() == [second]
    assert told["since"].unique().to_list() == [day(0)]


def test_a_risk_that_creeps_up_is_told_once_when_it_has_risen_enough_in_a_month(
    history: ScoreHistory,
) -> None:
    told = []
    for week in range(8):
        creeping = pl.when(pl.col("customer_id") == "C0000060").then(0.1 + 0.05 * week)
        risks = creeping.otherwise("churn_risk")
        keep(history, 7 * week, crowd(100).with_columns(churn_risk=risks))
        found = history.alerts().filter(kind="risk_rose")
        told += [(week, row["customer_id"], row["since"]) for row in found.to_dicts()]

    assert told == [(3, "C0000060", day(0))]


def test_a_share_and_a_number_of_customers_mean_the_same_queue(history: ScoreHistory) -> None:
    keep(history, 0, crowd(100))
    keep(history, 7, crowd(100).with_columns(rank=101 - pl.col("rank")))

    assert_frame_equal(history.alerts(capacity=0.1), history.alerts(capacity=10))


def test_who_wavers_at_the_edge_of_the_queue_stays_in_it(history: ScoreHistory) -> None:
    for number, place in enumerate((10, 13, 11, 14, 17)):
        swapped = {"C0000009": place, f"C{place - 1:07}": 10}
        moved = pl.col("customer_id").replace_strict(swapped, default=pl.col("rank"))
        keep(history, 7 * number, crowd(100).with_columns(rank=moved))

    mine = pl.col("customer_id") == "C0000009"

    assert [history.alerts(day(7 * n)).filter(mine)["kind"].to_list() for n in range(1, 5)] == [
        [], [], [], ["left_queue"],
    ]  # fmt: skip


def test_a_level_is_held_until_the_risk_is_clearly_lower(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={"risk_level": "high"}))
    keep(history, 7, scored(ana={"risk_level": "medium", "level_above": "high"}))
    keep(history, 14, scored(ana={"risk_level": "medium", "level_above": "medium"}))

    assert [history.held_levels(day(n))["held_level"].item() for n in (0, 7, 14)] == [
        "high", "high", "medium",
    ]  # fmt: skip
    assert history.alerts(day(7)).is_empty()
    assert history.alerts()["kind"].to_list() == ["level_fell"]


def test_the_first_scoring_raises_no_alert(history: ScoreHistory) -> None:
    keep(history, 0, crowd(20))

    assert history.alerts().is_empty()


def test_a_trend_is_a_line_through_comparable_scorings(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={"health": 99.0, "coverage": 0.5}))
    for number in range(1, 5):
        keep(history, 10 * number, scored(ana={"health": 70.0 - number}))

    trend = history.trend("ana")

    assert trend.health_per_30_days == -3.0
    assert trend.log_odds_per_30_days == 0.0
    assert trend.scorings == (2, 3, 4, 5)
    assert trend.since == day(10)


def test_nobody_has_a_trend_in_two_scorings(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={}))
    keep(history, 9, scored(ana={}))

    assert history.trend("ana").health_per_30_days is None
    assert history.trend("nobody").scorings == ()


def test_an_empty_history_says_what_to_do(history: ScoreHistory) -> None:
    with pytest.raises(StoreError, match="procx score --store"):
        history.at()
    keep(history, 10, scored(ana={}))
    with pytest.raises(StoreError, match="at or before 2025-06-01"):
        history.at(DAY_0)


@pytest.mark.parametrize("capacity", [0, -1, 1.5, float("nan"), True, "many"])
def test_a_capacity_that_is_none_is_refused(history: ScoreHistory, capacity: float) -> None:
    with pytest.raises(ConfigError, match="capacity is a share"):
        history.alerts(capacity=capacity)


def test_scores_that_are_none_are_refused(history: ScoreHistory) -> None:
    whole = scored(ana={})

    with pytest.raises(StoreError, match="without health, sub_nps"):
        keep(history, 0, whole.drop("health", "sub_nps"))
    with pytest.raises(StoreError, match="somebody twice"):
        keep(history, 0, pl.concat([whole, whole]))
    with pytest.raises(StoreError, match="cannot be recorded"):
        keep(history, 0, whole.with_columns(health=pl.lit("good")))
    with pytest.raises(StoreError, match="from a polars frame, not a dict"):
        keep(history, 0, whole.to_dict())  # type: ignore[arg-type]
    assert history.scorings() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"health": float("inf")}, "a number is infinite"),
        ({"state": "asleep"}, "a state is unknown"),
        ({"risk_level": "dire", "level_above": "high"}, "a level is unknown"),
        ({"risk_level": "low", "level_above": None}, "a risk_level goes without its level_above"),
    ],
)
def test_a_score_that_could_not_be_taken_back_is_refused(
    history: ScoreHistory, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(StoreError, match=said):
        keep(history, 0, scored(ana={}, ben=wrong))

    assert history.scorings() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"as_of": "2025-01-01"},
        {"at": None},
        {"profile_hash": 5},
        {"method": None},
        {"horizon_days": "ninety"},
        {"cohort_version": 1},
    ],
)
def test_one_wrong_word_about_a_scoring_does_not_spoil_the_history(
    history: ScoreHistory, wrong: dict[str, Any]
) -> None:
    keep(history, 0, scored(ana={}))

    with pytest.raises(StoreError, match="a scoring cannot be recorded: "):
        keep(history, 7, scored(ana={}), **wrong)

    assert len(history.scorings()) == 1


def test_a_customer_is_named_by_text(history: ScoreHistory) -> None:
    with pytest.raises(StoreError, match="not by 5"):
        history.of(5)  # type: ignore[arg-type]


def test_a_moment_may_be_told_as_a_day(history: ScoreHistory) -> None:
    keep(history, 0, scored(ana={}))
    keep(history, 7, scored(ana={"health": 50.0}))

    assert history.at("2025-06-02")["health"].item() == 60.0
    assert history.at(day(7).date())["health"].item() == 50.0
    with pytest.raises(DataError, match="'soon' is no date"):
        history.at("soon")


@pytest.mark.parametrize("number", [0, 10**10, 1.5, "30", True, None])
def test_a_number_of_days_or_scorings_that_is_none_is_refused(
    history: ScoreHistory, number: Any
) -> None:
    with pytest.raises(ConfigError, match="a change takes"):
        history.change(number)
    with pytest.raises(ConfigError, match="a trend takes"):
        history.trend("ana", last=number)
