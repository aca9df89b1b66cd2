"""Who is looked at first, and how everybody else is counted."""

from typing import Any

import pytest

from procx_graph import CustomerBase
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
