import numpy as np
import pandas as pd
import pytest

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import LevelRule, Yardstick
from procx_graph.domain.risk import RiskLevel, RiskMethod
from procx_graph.scoring.engine import score
from procx_graph.scoring.risk.levels import levels
from procx_graph.scoring.risk.odds import logit
from tests.unit.scoring.bases import Tables, crowd, days_ago, open_base, shop

ODDS = LevelRule(of=Yardstick.ODDS, medium=1.5, high=2.5, critical=4, certain_risk=0.9)
RISK = LevelRule(of=Yardstick.RISK, medium=0.6, high=0.7, critical=0.8)


def visits() -> Tables:
    """Customers of a business that keeps no orders."""
    return {
        "customers": pd.DataFrame({"customer_id": ["near", "far", "unseen"]}),
        "customer_events": pd.DataFrame(
            {
                "event_id": ["E1", "E2"],
                "customer_id": ["near", "far"],
                "event_type": "view",
                "event_time": [days_ago(2), days_ago(300)],
            }
        ),
    }


def test_longer_silence_never_lowers_the_risk() -> None:
    silent = {f"silent {days:03}": [days + 90, days + 55, days + 30, days] for days in range(300)}

    risks = score(open_base(shop(crowd() | silent))).frame.sort("customer_id").tail(300)

    assert risks["customer_id"][0] == "silent 000"
    assert (risks["churn_risk"].diff().drop_nulls() >= 0).all()


def test_a_large_enough_base_is_fitted_and_a_small_one_is_not() -> None:
    fitted = score(open_base(shop(crowd(60))))
    prior = score(open_base(shop(crowd(20))))

    assert (fitted.risk.method, prior.risk.method) == (RiskMethod.MBG, RiskMethod.MBG_PRIOR)


def test_who_never_bought_has_the_buyers_mean_risk() -> None:
    scores = score(open_base(shop(crowd() | {"never": []})))

    bought = scores.features["order_days"].to_numpy() > 0
    assert scores.score("never").churn_risk == pytest.approx(
        scores.risk.probability[bought].mean(), abs=1e-6
    )


def test_who_never_bought_is_not_singled_out_in_a_base_that_mostly_left() -> None:
    gone = {f"gone {days}": [days + 20, days] for days in range(500, 540)}
    bought = {f"here {days}": list(range(days, 400, 20)) for days in range(10)}
    scores = score(open_base(shop(gone | bought | {"never": []})))

    never = scores.score("never")

    assert never.churn_risk > 4 * scores.risk.baseline  # type: ignore[operator]
    assert never.risk_level is RiskLevel.LOW
    assert scores.score("gone 500").risk_level is RiskLevel.CRITICAL


def test_who_did_nothing_is_not_singled_out_by_the_rule() -> None:
    scores = score(open_base(visits()))

    assert scores.score("unseen").churn_risk > 1.5 * scores.score("near").churn_risk  # type: ignore[operator]
    assert scores.score("unseen").risk_level is RiskLevel.LOW
    assert scores.score("far").risk_level is RiskLevel.CRITICAL


def test_without_an_order_log_a_rule_reads_behaviour() -> None:
    scores = score(open_base(visits())).scores()

    assert {one.risk_method for one in scores.values()} == {RiskMethod.RULE}
    assert scores["near"].churn_risk < scores["unseen"].churn_risk < scores["far"].churn_risk  # type: ignore[operator]
    assert scores["unseen"].churn_risk == pytest.approx(0.2)


def test_without_an_order_log_activity_stands_in_for_purchases() -> None:
    scores = score(open_base(visits())).scores()

    assert [scores[name].state for name in ("near", "far", "unseen")] == [
        CustomerState.ACTIVE,
        CustomerState.DORMANT,
        CustomerState.NEW,
    ]


@pytest.mark.parametrize(
    ("segment", "ltv", "factor"),
    [("VIP", 100, 0.8), ("occasional", 100, 1.2), ("Loyal", 100, 1), ("VIP", 10_001, 0.88)],
)
def test_the_documents_risk_is_what_health_lacks_times_its_multipliers(
    segment: str, ltv: float, factor: float
) -> None:
    tables = shop({"a": [40, 3], "b": [9]}, segment=segment, lifetime_value=float(ltv))

    one = score(open_base(tables), profile="procx-seed").score("a")

    assert one.risk_method is RiskMethod.SEED
    assert one.churn_risk == pytest.approx(min((1 - one.health / 100) * factor, 1), abs=1e-6)


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("tables", [shop(crowd() | {"never": []}, segment="VIP"), visits()])
def test_terms_add_up_to_the_risk(tables: Tables, profile: str) -> None:
    risk = score(open_base(tables), profile=profile).risk

    total = sum(risk.terms.values())

    assert total == pytest.approx(logit(risk.probability) - logit(risk.baseline), abs=1e-9)


def test_levels_of_the_product_are_multiples_of_the_mean_odds() -> None:
    mean = 0.2
    risks = np.array([1.4, 1.5, 2.4, 2.6, 3.9, 4.1]) * mean / (1 - mean)
    risks = risks / (1 + risks) + 1e-12

    assert levels(risks, mean, ODDS).to_list() == [
        "low", "medium", "medium", "high", "high", "critical",
    ]  # fmt: skip


def test_a_near_certain_loss_is_critical_only_in_a_base_that_mostly_stays() -> None:
    certain = np.array([0.91])

    assert levels(certain, 0.49, ODDS).to_list() == ["critical"]
    assert levels(certain, 0.85, ODDS).to_list() == ["medium"]


def test_levels_of_the_document_are_risks() -> None:
    risks = np.array([0.59, 0.6, 0.7, 0.8, np.nan])

    assert levels(risks, 0.2, RISK).to_list() == ["low", "medium", "high", "critical", None]
