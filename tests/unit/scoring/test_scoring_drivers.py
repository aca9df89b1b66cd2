from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from procx_graph.domain.health import Driver, Factor, Measure
from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.engine import Scores, score
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.reasons.numbers import money
from procx_graph.scoring.reasons.wording import of_factor, of_term
from procx_graph.scoring.risk.odds import logit
from tests.unit.scoring.bases import (
    AS_OF,
    Tables,
    crowd,
    days_ago,
    messy,
    open_base,
    shop,
    told,
)


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

    for customer_id, one in scores.scores().items():
        entries = reasons(scores, customer_id).values()
        good = {factor for factor, value in one.sub_scores.items() if (value or 0) >= 0.75}
        harmful = sorted(d.contribution for d in entries if d.contribution < -0.05)[:3]
        helpful = sorted(
            d.contribution for d in entries if d.contribution > 0.05 and d.factor in good
        )[-1:]
        found = [d.contribution for d in one.drivers if d.of is Measure.HEALTH]
        assert found == pytest.approx([*harmful, *helpful], abs=1e-6)


def test_to_do_less_badly_than_most_is_no_good_news() -> None:
    bought = {f"c{number}": [300, 200, 100 + number] for number in range(40)}
    tables = shop(bought | {"a": [700, 650, 100]}, amount=100.0)
    tables["orders"].loc[tables["orders"]["customer_id"] == "a", "total_amount"] = 1.0
    scores = score(open_base(tables))

    trend = reasons(scores, "a")["spending_trend"]

    assert trend.contribution > 0.05
    assert trend.text.startswith("spent nothing in 90 days")
    assert trend.text not in [driver.text for driver in scores.score("a").drivers]


def test_a_silence_that_means_nothing_is_no_reason() -> None:
    scores = score(open_base(beside_others(list(range(1, 400, 10)))))

    silence = reasons(scores, "a", Measure.RISK)["silence"]

    assert 0.01 < silence.contribution < 0.1
    assert "silence" not in [driver.factor for driver in scores.score("a").drivers]


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


def test_a_silence_that_leaves_no_doubt_is_no_reason() -> None:
    often = {f"c{number}": list(range(3, 400, 4)) for number in range(40)}
    scores = score(open_base(shop(often | {"a": list(range(7, 307))})))

    silence = reasons(scores, "a", Measure.RISK)["silence"]

    assert silence.contribution > 0.1
    assert "over 99 % chance" in silence.text
    assert "silence" not in [driver.factor for driver in scores.score("a").drivers]


def test_a_rare_buyer_is_told_beside_the_typical_one() -> None:
    said = text_of(shop(crowd() | {"a": [310, 210, 110, 10]}), "rhythm")

    assert said.startswith("usually buys every 100 days (4 orders); typical here: ")
    assert 20 <= int(said.rsplit(" ", 1)[1]) <= 50


def test_today_is_called_today() -> None:
    scores = score(open_base(shop(crowd() | {"a": [0], "b": [0, 0]})))

    assert reasons(scores, "a")["order_frequency"].text == "one order, today"
    assert reasons(scores, "b")["order_frequency"].text == "2 orders, all today"
    assert reasons(scores, "a")["tenure"].text == "customer since today"


def test_who_bought_today_is_not_silent() -> None:
    words = pl.DataFrame(
        {
            "days_since_order": [0], "days_since_first_order": [105], "order_days": [8],
            "orders": [8], "p_alive": [0.95], "typical_gap_days": [30.0],
        }
    )  # fmt: skip

    said = words.select(of_term("silence", load_profile())).item()

    assert said == (
        "bought today; usually buys every 15 days (8 orders); 95 % chance of still being a customer"
    )


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


def paid(*failed: float) -> pd.DataFrame:
    """Payments that failed so many days ago, and one that did not."""
    return pd.DataFrame(
        {
            "payment_id": [f"P{number}" for number in range(len(failed) + 1)],
            "customer_id": "a",
            "payment_date": [*map(days_ago, failed), days_ago(3)],
            "status": [*("failed" for _ in failed), "success"],
        }
    )


@pytest.mark.parametrize(
    ("failed", "events", "said"),
    [
        (
            [2],
            [("payment_failed", 2, None, None)],
            "1 failed payment in 180 days; latest: payment failed 2 days ago",
        ),
        (
            [9],
            [("payment_failed", 9, None, None), ("order_delayed", 0, None, None)],
            "1 failed payment, 1 other problem in 180 days; latest: order delayed today",
        ),
        (
            [],
            [("review_negative", 4, None, None), ("dispute_opened", 30, None, None)],
            "2 problems in 180 days; latest: negative review 4 days ago",
        ),
        (
            [],
            [("review_negative", 4, None, 1), ("dispute_opened", 30, None, None)],
            "1 problem in 180 days; latest: dispute opened 30 days ago",
        ),
        ([9], [("payment_failed", 9, None, 3)], "1 failed payment in 180 days"),
        ([9], [("view", 2, None, None)], "1 failed payment in 180 days"),
        ([], [("dispute_opened", 9, None, 3)], "no trouble in 180 days"),
        ([], [("payment_failed", 9, None, None)], "no trouble in 180 days"),
    ],
)
def test_the_support_history_counts_what_was_told_and_cites_the_latest(
    failed: list[float], events: list[Any], said: str
) -> None:
    tables = shop({"a": [30]}) | {"payments": paid(*failed), "customer_events": told(*events)}
    counted = collect_features(open_base(tables), load_profile(), "polars")

    assert counted.select(of_factor("support_history", load_profile())).item() == said


def test_the_document_tells_nothing_but_tickets() -> None:
    tables = beside_others([30]) | {"customer_events": told(("dispute_opened", 1, None, None))}
    tables["support_tickets"] = pd.DataFrame(
        {"ticket_id": ["T1"], "customer_id": ["a"], "created_at": [days_ago(4)]}
    )

    assert text_of(tables, "support_history", profile="procx-seed") == "1 ticket so far"


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


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.4, "0"),
        (999.4, "999"),
        (1_000, "1,000"),
        (1_234_567.4, "1,234,567"),
        (1_000_000_000, "1,000,000,000"),
        (12_000_000_345, "12,000,000,345"),
    ],
)
def test_large_amounts_have_their_commas(value: float, told: str) -> None:
    assert pl.select(money(pl.lit(value) * 100)).item() == told


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2000.0, "lifetime value of 2,000, above 98 % of customers"),
        (1001.5, "lifetime value of 1,002, below 95 % of customers"),
        (1.0, "lifetime value of 1, the lowest of all customers"),
    ],
)
def test_a_lifetime_value_is_told_by_those_it_is_far_from(value: float, said: str) -> None:
    others = len(crowd())
    values = [*range(1000, 1000 + others), value]

    assert text_of(beside_others([30], lifetime_value=values), "ltv_percentile") == said


def test_the_document_tells_the_place_within_segment_and_tier() -> None:
    values = [*range(1000, 1000 + len(crowd())), 2000]
    tables = beside_others([30], lifetime_value=values, segment="VIP", loyalty_tier="Gold")

    assert text_of(tables, "ltv_percentile", profile="procx-seed") == (
        "lifetime value of 2,000, above 98 % of customers of the same segment and tier"
    )


def test_a_rise_beyond_tenfold_is_not_told_in_percent() -> None:
    tables = beside_others([100, 5])
    mine = tables["orders"]["customer_id"] == "a"
    tables["orders"].loc[mine, "total_amount"] = [0.02, 1_000_000.0]

    said = text_of(tables, "spending_trend", profile="procx-seed")

    assert said == "spent more than ten times as much in 90 days as in the 90 days before"


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
