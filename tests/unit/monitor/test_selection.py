"""Who is looked at first, and how everybody else is counted."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from procx_graph import CustomerBase
from procx_graph.domain.lane import Lane
from procx_graph.monitor.selection import Queue, select
from procx_graph.scoring.engine import score
from tests.conftest import Shop


@pytest.fixture(scope="module")
def base(shop: Shop) -> CustomerBase:
    return shop(
        ana={"segment": "VIP"},
        ben={"segment": "VIP"},
        cem={"segment": "VIP", "language": "hi"},
        dev={"segment": None, "lifetime_value": None},
        eva={"segment": "Regular", "lifetime_value": 100.0},
        fay={"days_ago": 300},
    )


def queue(base: CustomerBase, **choice: Any) -> Queue:
    floors: dict[str, Any] = {"min_risk": None, "min_value": None}
    return select(base, score(base), **floors | choice)


def test_the_active_stand_in_the_order_of_their_revenue_at_risk(base: CustomerBase) -> None:
    found = queue(base)

    assert list(found.customer_ids) == ["ana", "ben", "cem", "dev", "eva"]
    assert found.others == {"dormant": 1}


def test_the_floor_is_of_the_lifetime_value_that_the_scores_took(base: CustomerBase) -> None:
    rebuilt = score(base).score("dev").lifetime_value  # ten orders, where the column is empty

    assert rebuilt is not None
    assert "dev" in queue(base, min_value=rebuilt).customer_ids
    assert "dev" not in queue(base, min_value=rebuilt + 1).customer_ids


def test_a_floor_takes_in_its_own_value(base: CustomerBase) -> None:
    risk = score(base).score("ana").churn_risk

    assert queue(base, min_risk=risk).others == {"dormant": 1}
    assert queue(base, min_value=100.0).customer_ids[-1] == "eva"


def test_segments_are_found_whatever_their_case_and_an_unknown_one_is_none_of_them(
    base: CustomerBase,
) -> None:
    found = queue(base, segments=["vip"])

    assert list(found.customer_ids) == ["ana", "ben", "cem"]
    assert found.others == {"dormant": 1, "other_segment": 2}


def test_a_diverse_queue_takes_the_first_of_every_kind_before_any_second(
    base: CustomerBase,
) -> None:
    assert list(queue(base, diverse=True).customer_ids) == ["ana", "cem", "dev", "eva", "ben"]


def test_everybody_is_either_queued_or_counted(sample_base: CustomerBase) -> None:
    found = queue(sample_base, min_risk=0.3, segments=["Loyal", "VIP"], diverse=True)

    assert len(set(found.customer_ids)) == len(found.customer_ids) > 0
    assert len(found.customer_ids) + sum(found.others.values()) == len(sample_base)


@pytest.fixture(scope="module")
def lapsed(shop: Shop) -> CustomerBase:
    """Who left for how long, worth how much; one is active still, one has left for good."""
    return shop(
        lea={"days_ago": 300, "lifetime_value": 900.0},
        max={"days_ago": 300, "lifetime_value": 900.0, "language": "hi"},
        ida={"days_ago": 300, "lifetime_value": 5000.0, "segment": "VIP"},
        kim={"days_ago": 900, "lifetime_value": 10.0},
        ana={"lifetime_value": 9000.0},
        gus={"days_ago": 300, "lifetime_value": 9000.0},
        churn_labels=[{"customer_id": "gus", "is_churn": 1}],
    )


def test_the_dormant_stand_in_the_order_of_risk_times_lifetime_value(
    lapsed: CustomerBase,
) -> None:
    found = queue(lapsed, lane=Lane.WINBACK)

    assert list(found.customer_ids) == ["ida", "lea", "max", "kim"]
    assert found.others == {"active": 1, "churned": 1}


def test_the_lanes_share_nobody(sample_base: CustomerBase) -> None:
    keep, win = (queue(sample_base, lane=lane) for lane in (Lane.RETENTION, Lane.WINBACK))

    assert keep.customer_ids
    assert win.customer_ids
    assert not set(keep.customer_ids) & set(win.customer_ids)
    assert len(win.customer_ids) + sum(win.others.values()) == len(sample_base)
    assert keep.others["dormant"] == len(win.customer_ids)


def test_a_win_back_queue_falls_from_the_first_to_the_last(sample_base: CustomerBase) -> None:
    scores = score(sample_base).scores(queue(sample_base, lane=Lane.WINBACK).customer_ids)

    worth = [(s.churn_risk or 0) * (s.lifetime_value or 0) for s in scores.values()]
    assert worth == sorted(worth, reverse=True)
    assert {s.state.value for s in scores.values()} == {"dormant"}


def test_floors_segments_and_spread_hold_in_the_win_back_lane_too(lapsed: CustomerBase) -> None:
    rich = queue(lapsed, lane=Lane.WINBACK, min_value=900.0)
    vips = queue(lapsed, lane=Lane.WINBACK, segments=["vip"])
    spread = queue(lapsed, lane=Lane.WINBACK, diverse=True)

    assert list(rich.customer_ids) == ["ida", "lea", "max"]
    assert list(vips.customer_ids) == ["ida"]
    assert list(spread.customer_ids) == ["ida", "lea", "max", "kim"]


def test_whose_value_nobody_knows_is_won_back_last(lapsed: CustomerBase) -> None:
    scores = score(lapsed)
    forgotten = pl.when(pl.col("customer_id") == "ida").then(None)
    frame = scores.frame.with_columns(lifetime_value=forgotten.otherwise(pl.col("lifetime_value")))

    found = select(
        lapsed, replace(scores, frame=frame), min_risk=None, min_value=None, lane=Lane.WINBACK
    )

    assert found.customer_ids[-1] == "ida"
