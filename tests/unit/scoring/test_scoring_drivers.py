from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from procx_graph.domain.health import Driver, Factor, Measure
from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.engine import Scores, score
from procx_graph.scoring.risk import logit
from tests.unit.scoring.bases import AS_OF, Tables, crowd, days_ago, messy, open_base, shop


def reasons(scores: Scores, customer_id: str, of: Measure = Measure.HEALTH) -> dict[str, Driver]:
    ledger = scores.ledger(customer_id)
    entries = ledger.health if of is Measure.HEALTH else ledger.risk
    return {driver.factor: driver for driver in entries}


def text_of(tables: Tables, factor: str, *, profile: str = "default-v1") -> str:
    """What is said about customer "a", beside a base that makes every factor differ."""
    scores = score(open_base(tables), profile=profile)
    of = Measure.HEALTH if factor in set(Factor) else Measure.RISK
    return reasons(scores, "a", of)[factor].text


def beside_others(bought: list[int], **columns: Any) -> Tables:
    return shop(crowd() | {"a": bought}, **columns)


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
def test_a_ledger_adds_up_to_health_and_risk(profile: str) -> None:
    scores = score(open_base(messy(seed=5)), profile=profile)

    for customer_id in scores.frame["customer_id"]:
        ledger = scores.ledger(customer_id)
        of_health = sum(driver.contribution for driver in ledger.health)
        of_risk = sum(driver.contribution for driver in ledger.risk)

        assert ledger.health_baseline + of_health == pytest.approx(ledger.health_score, abs=1e-9)
        if ledger.churn_risk is not None:
            total = float(logit(ledger.risk_baseline)) + of_risk
            assert total == pytest.approx(float(logit(ledger.churn_risk)), abs=1e-9)


def test_drivers_are_the_three_worst_and_the_one_best_of_each_measure() -> None:
    scores = score(open_base(messy(seed=5)))

    for customer_id, drivers in scores.drivers().items():
        entries = reasons(scores, customer_id).values()
        harmful = sorted(d.contribution for d in entries if d.contribution < -0.05)[:3]
        helpful = sorted(d.contribution for d in entries if d.contribution > 0.05)[-1:]
        found = [d.contribution for d in drivers if d.of is Measure.HEALTH]
        assert found == pytest.approx([*harmful, *helpful], abs=1e-6)


def test_drivers_of_a_few_are_those_of_the_whole_scan() -> None:
    scores = score(open_base(messy(seed=2)))
    everyone = scores.drivers()

    for customer_id in ("c7", "c1"):
        assert scores.drivers([customer_id]) == {customer_id: everyone[customer_id]}


def test_the_frame_carries_the_same_drivers_as_plain_dicts() -> None:
    scores = score(open_base(messy(seed=2)))

    frame = scores.to_frame().set_index("customer_id")

    for customer_id, drivers in scores.drivers().items():
        assert frame.loc[customer_id, "drivers"] == [d.model_dump(mode="json") for d in drivers]


def test_the_churned_have_no_reasons_for_a_risk_they_do_not_have() -> None:
    tables = shop(crowd())
    tables["churn_labels"] = pd.DataFrame(
        {"customer_id": ["c001"], "is_churn": [True], "churn_date": [days_ago(5)]}
    )
    scores = score(open_base(tables))

    assert {driver.of for driver in scores.drivers(["c001"])["c001"]} == {Measure.HEALTH}


def test_an_unknown_customer_is_named() -> None:
    scores = score(open_base(shop({"a": [3]})))

    with pytest.raises(UnknownCustomer, match="'nobody'"):
        scores.drivers(["a", "nobody"])


def test_silence_and_rhythm_are_told_apart() -> None:
    purchases = [63 + 21 * number for number in range(8)]
    scores = score(open_base(beside_others(purchases)))

    risk = reasons(scores, "a", Measure.RISK)

    assert risk["rhythm"].text == "usually buys every 21 days (8 orders)"
    assert risk["rhythm"].contribution < 0
    assert risk["silence"].text.startswith(
        "silent 63 days; usually buys every 21 days (8 orders); "
    )
    assert risk["silence"].text.endswith(" % chance of still being a customer")
    assert risk["silence"].contribution > 0


@pytest.mark.parametrize(
    ("bought", "habit"),
    [
        ([40], "bought once"),
        ([40, 40], "bought on a single day"),
        ([41, 40], "bought on two days, 1 day apart"),
    ],
)
def test_a_habit_is_not_claimed_of_who_bought_once_or_twice(bought: list[int], habit: str) -> None:
    assert text_of(beside_others(bought), "rhythm") == habit


def test_who_never_bought_is_said_so() -> None:
    assert text_of(beside_others([]), "no_purchase") == (
        "has not bought yet, so the buyers' mean risk stands in"
    )


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ([300, 300, 300, 108], "spent 57 % less in 90 days than their own quarterly average"),
        ([30, 30, 30, 300], "spent 211 % more in 90 days than their own quarterly average"),
        ([100, 100, 100, 0], "spent nothing in 90 days against their own quarterly average of 74"),
    ],
)
def test_the_trend_is_told_in_percent_of_the_own_average(amounts: list[int], said: str) -> None:
    tables = beside_others([364, 300, 200, 20])
    mine = tables["orders"]["customer_id"] == "a"
    tables["orders"]["total_amount"] = np.where(mine, np.nan, 50.0)
    tables["orders"].loc[mine, "total_amount"] = amounts

    assert text_of(tables, "spending_trend") == said


def test_troubles_are_listed_with_their_counts_and_the_rating() -> None:
    tables = beside_others([30])
    tables["support_tickets"] = pd.DataFrame(
        {
            "ticket_id": ["T1", "T2", "T3"],
            "customer_id": ["a", "a", "c001"],
            "created_at": days_ago(4),
            "csat_score": [2, 2, None],
        }
    )
    tables["payments"] = pd.DataFrame(
        {
            "payment_id": ["P1"],
            "customer_id": ["a"],
            "payment_date": [days_ago(3)],
            "status": ["failed"],
        }
    )

    assert text_of(tables, "support_history") == "2 tickets, 1 failed payment in 180 days, CSAT 2.0"


def test_a_survey_answer_is_told_with_its_age() -> None:
    tables = beside_others([30])
    tables["nps_survey"] = pd.DataFrame(
        {
            "survey_id": ["S1", "S2", "S3"],
            "customer_id": ["a", "c001", "c002"],
            "date": [days_ago(1), AS_OF, AS_OF],
            "nps_score": [4, 9, 9],
        }
    )

    assert text_of(tables, "nps") == "NPS score 4, given 1 day ago"


def test_large_amounts_have_their_commas() -> None:
    others = len(crowd())
    values = [*range(1000, 1000 + others), 1_234_567.4]

    said = text_of(beside_others([30], lifetime_value=values), "ltv_percentile")

    assert said == "lifetime value of 1,234,567, above 98 % of customers"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "active today"), (1, "last active yesterday"), (80, "last active 80 days ago")],
)
def test_recency_is_told_in_days(days: int, said: str) -> None:
    assert text_of(beside_others([200, days]), "recency") == said


def test_neutral_values_are_said_to_be_unknown() -> None:
    segments = ["VIP"] * len(crowd())

    said = text_of(beside_others([30], segment=[*segments, None]), "segment", profile="procx-seed")

    assert said == "segment unknown"


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("seed", range(3))
def test_no_reason_is_without_words(seed: int, profile: str) -> None:
    scores = score(open_base(messy(seed=seed)), profile=profile)

    texts = pl.Series([d.text for drivers in scores.drivers().values() for d in drivers])

    assert not texts.str.contains("null|nan|None").any()
    assert (texts.str.len_chars() > 3).all()
