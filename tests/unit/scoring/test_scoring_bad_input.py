"""Odd and broken bases have defined scores, the same on every engine and for one customer alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import FixedClock
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.risk import RiskMethod
from procx_graph.errors import RowError
from procx_graph.monitor import Monitor
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.engine import Engine, Scores, score
from procx_graph.scoring.scorer import CustomerScorer
from tests.unit.scoring.bases import AS_OF, Tables, crowd, messy, open_base, shop

SEVENTY_YEARS = timedelta(days=70 * 1461 // 4 + 1)
ZONES = [timezone(timedelta(hours=hours)) for hours in (-11, 0, 5.5, 14)]


def priced(amount: Callable[[int], float]) -> Tables:
    """A shop whose order number n cost so much."""
    tables = shop(crowd())
    tables["orders"]["total_amount"] = [amount(number) for number in range(len(tables["orders"]))]
    return tables


def earlier(tables: Tables, by: timedelta) -> Tables:
    """The same shop, so much earlier."""
    moved = {name: frame.copy() for name, frame in tables.items()}
    moved["orders"]["order_date"] -= by
    moved["customers"]["signup_date"] -= by
    return moved


def without_amounts(tables: Tables) -> Tables:
    """The same shop, which does not say what an order cost."""
    return tables | {"orders": tables["orders"].drop(columns="total_amount")}


def without_rows(tables: Tables) -> Tables:
    """The customers, and of every other table its columns alone."""
    return {name: frame if name == "customers" else frame.head(0) for name, frame in tables.items()}


ODD: dict[str, Tables] = {
    "every amount is zero": priced(lambda _: 0.0),
    "every amount is negative": priced(lambda _: -5.0),
    "refunds are negative orders": priced(lambda number: -5.0 if number % 3 == 0 else 50.0),
    "no amount is known": priced(lambda _: float("nan")),
    "orders have no amounts": without_amounts(shop(crowd())),
    "some amounts are unknown": priced(lambda number: float("nan") if number % 4 else 50.0),
    "an amount is endless": priced(lambda number: float("inf") if number == 0 else 50.0),
    "twenty orders on one day": shop({f"c{number}": [5] * 20 for number in range(40)}),
    "one day old": shop({f"c{number}": [1, 0] if number % 2 else [1] for number in range(80)}),
    "everything at one moment": shop({f"c{number}": [0] for number in range(40)}),
    "one customer": shop({"a": [400, 200, 90, 3]}),
    "one customer, one order": shop({"a": [0]}),
    "all customers identical": shop({f"c{number}": [300, 200, 100, 10] for number in range(60)}),
    "some never ordered": shop(crowd() | {f"n{number}": [] for number in range(30)}),
    "nobody ever ordered": shop({f"n{number}": [] for number in range(40)}),
    "before 1970": shop({"a": [30_000, 29_000], "b": [25_000, 3]}),
    "customers and empty tables": without_rows(messy(seed=1)),
    "nothing but empty tables": {name: rows.head(0) for name, rows in messy(seed=1).items()},
}
"""Each is seen from AS_OF."""


@pytest.fixture(scope="module", params=list(ODD))
def odd(request: pytest.FixtureRequest) -> CustomerBase:
    return open_base(ODD[request.param])


@pytest.fixture(scope="module")
def scores(odd: CustomerBase) -> Scores:
    return score(odd)


def test_an_odd_base_has_numbers_in_their_ranges(scores: Scores) -> None:
    frame = scores.frame

    assert all(frame.select(pl.selectors.float().is_finite().all()).row(0))
    assert frame["health"].is_between(0, 100).all()
    assert frame["churn_risk"].is_between(0, 1).all()
    assert (frame["revenue_at_risk"].drop_nulls() >= 0).all()
    assert frame["churn_risk"].null_count() == 0


def test_the_document_has_a_risk_for_everybody_of_an_odd_base(odd: CustomerBase) -> None:
    frame = score(odd, profile="procx-seed").frame

    assert frame["health"].is_between(0, 100).all()
    assert frame["churn_risk"].is_between(0, 1).all()


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_an_odd_base_scores_the_same_on_every_engine(
    odd: CustomerBase, scores: Scores, engine: Engine
) -> None:
    assert_frame_equal(score(odd, engine=engine).frame, scores.frame, check_exact=True)


def test_a_customer_of_an_odd_base_scores_alone_as_in_the_scan(
    odd: CustomerBase, scores: Scores
) -> None:
    ids = odd.customer_ids.to_list()[::7]

    with CustomerScorer(odd, Cohort.from_bytes(scores.cohort.to_bytes())) as scorer:
        alone = scorer.score_many(ids)

    assert alone == {
        name: one.model_copy(update={"drivers": ()}) for name, one in scores.scores(ids).items()
    }


def test_the_reasons_of_an_odd_base_can_be_told(scores: Scores) -> None:
    drivers = scores.to_frame()["drivers"]

    assert all(reason["text"] for reasons in drivers for reason in reasons)


@pytest.mark.parametrize(
    "name", ["every amount is zero", "no amount is known", "orders have no amounts"]
)
def test_orders_for_nothing_are_purchases_that_put_no_money_at_stake(name: str) -> None:
    free, paid = score(open_base(ODD[name])), score(open_base(shop(crowd())))

    assert free.risk.probability.tolist() == paid.risk.probability.tolist()
    assert set(free.frame["value_at_stake"]) == {0.0}


def test_a_refund_written_as_a_negative_order_is_neither_a_purchase_nor_a_loss() -> None:
    mixed = ODD["refunds are negative orders"]
    orders = mixed["orders"]

    base = open_base(mixed)
    bought = open_base(mixed | {"orders": orders[orders["total_amount"] > 0]})

    assert_frame_equal(score(base).frame, score(bought).frame, check_exact=True)
    assert base.report.issue_count == (orders["total_amount"] < 0).sum()
    with pytest.raises(RowError, match="total_amount"):
        CustomerBase.from_frames(mixed, as_of=AS_OF, strict=True)


def test_an_order_split_into_several_of_its_day_is_one_purchase() -> None:
    whole = shop(crowd(), amount=50.0)
    half = whole["orders"].assign(total_amount=25.0)
    again = half.assign(order_id="again " + half["order_id"])
    split = whole | {"orders": pd.concat([half, again], ignore_index=True)}

    assert_frame_equal(
        score(open_base(split)).frame.select("churn_risk", "value_at_stake", "rank"),
        score(open_base(whole)).frame.select("churn_risk", "value_at_stake", "rank"),
        check_exact=True,
    )


def test_in_a_base_of_one_day_everybody_is_new_and_nobody_is_in_the_queue() -> None:
    frame = score(open_base(ODD["one day old"])).frame

    assert set(frame["state"]) == {CustomerState.NEW.value}
    assert frame["rank"].null_count() == len(frame)


def test_identical_customers_have_one_score_and_are_ranked_by_id() -> None:
    frame = score(open_base(ODD["all customers identical"])).frame

    assert frame.select(pl.col("health", "churn_risk", "revenue_at_risk").n_unique()).row(0) == (
        1, 1, 1,
    )  # fmt: skip
    assert frame["rank"].to_list() == list(range(1, 61))


def test_a_base_of_one_customer_uses_the_shipped_prior() -> None:
    one = score(open_base(ODD["one customer"])).score("a")

    assert (one.risk_method, one.state) == (RiskMethod.MBG_PRIOR, CustomerState.ACTIVE)


def test_who_is_here_before_their_first_order_moves_nobody_elses_risk() -> None:
    buyers, all_ = score(open_base(shop(crowd()))), score(open_base(ODD["some never ordered"]))

    assert [all_.score(name).churn_risk for name in crowd()] == [
        buyers.score(name).churn_risk for name in crowd()
    ]


def test_a_base_from_before_1970_scores_as_the_same_base_of_today() -> None:
    today = shop(crowd())

    then = score(open_base(earlier(today, SEVENTY_YEARS), AS_OF - SEVENTY_YEARS))

    assert then.as_of.year == 1955
    assert_frame_equal(
        then.frame.drop("as_of"), score(open_base(today)).frame.drop("as_of"), check_exact=True
    )


@pytest.mark.parametrize("written", [lambda moment: moment, datetime.isoformat])
def test_time_zones_mixed_in_one_column_move_no_score(
    written: Callable[[datetime], object],
) -> None:
    plain = shop(crowd())
    moments = [moment.to_pydatetime() for moment in plain["orders"]["order_date"]]
    mixed = [written(moment.astimezone(ZONES[n % 4])) for n, moment in enumerate(moments)]
    orders = plain["orders"].assign(order_date=pd.Series(mixed, dtype=object))

    found = score(open_base(plain | {"orders": orders}))

    assert_frame_equal(found.frame, score(open_base(plain)).frame, check_exact=True)


def test_a_clock_of_2030_changes_no_score() -> None:
    base = open_base(messy(seed=2))
    clocks = (FixedClock(AS_OF), FixedClock(datetime(2030, 1, 1, tzinfo=UTC)))

    tables = []
    for clock in clocks:
        with Monitor(base, clock=clock) as monitor:
            tables.append(monitor.score())

    pd.testing.assert_frame_equal(tables[1], tables[0], check_exact=True)
