import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.health import Factor
from procx_graph.domain.profile import EvidenceRule, Profile
from procx_graph.scoring.engine import score
from procx_graph.scoring.health.weighing import Health, weighed
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.risk.evidence_shift import shifts
from procx_graph.scoring.risk.odds import logit
from tests.unit.scoring.bases import crowd, days_ago, messy, open_base, shop, told

RULE = EvidenceRule()
SHARE = st.none() | st.floats(0, 1)


def shifted(
    support: float | None = None,
    nps: float | None = None,
    failed: int | None = None,
    payments: int | None = None,
    rule: EvidenceRule = RULE,
) -> dict[str, float]:
    known = {Factor.SUPPORT_HISTORY: support, Factor.NPS: nps}
    sub_scores = pl.DataFrame({f.value: [known.get(f)] for f in Factor}).cast(pl.Float64)
    health = Health(weighed(sub_scores.lazy(), load_profile("default-v1")).collect())
    counts = pl.DataFrame(
        {"failed_payments": [failed], "payments": [payments]},
        schema={"failed_payments": pl.Int64, "payments": pl.Int64},
    )
    return {name: float(shift[0]) for name, shift in shifts(counts, health, rule).items()}


def without_shifts() -> Profile:
    profile = load_profile("default-v1")
    silent = profile.risk.model_copy(update={"evidence": EvidenceRule(bound=0)})
    return profile.model_copy(update={"risk": silent})


def test_what_is_unknown_shifts_nothing() -> None:
    assert shifted() == {"support": 0, "nps": 0, "payments": 0}


def test_the_shifts_are_those_of_the_specification() -> None:
    found = shifted(support=0.5, nps=0.25, failed=1, payments=3)

    assert found == pytest.approx({"support": 0.3, "nps": 0.21, "payments": 2 * (1.2 / 5 - 0.1)})


def test_who_did_not_pay_lately_is_not_shifted_by_payments() -> None:
    assert shifted(failed=0, payments=0)["payments"] == pytest.approx(0)


@given(support=SHARE, nps=SHARE, failed=st.integers(0, 9), more=st.integers(0, 9))
def test_shifts_together_stay_within_the_bound(
    support: float | None, nps: float | None, failed: int, more: int
) -> None:
    found = shifted(support, nps, failed, failed + more)

    assert abs(sum(found.values())) <= RULE.bound + 1e-12


def test_shifts_beyond_the_bound_shrink_in_proportion() -> None:
    small, large = EvidenceRule(bound=0.5), EvidenceRule(bound=100)
    free, bound = (shifted(0.0, 0.0, 9, 9, rule=rule) for rule in (large, small))

    assert sum(bound.values()) == pytest.approx(0.5)
    assert bound["support"] / bound["nps"] == pytest.approx(free["support"] / free["nps"])


def test_a_bound_of_zero_switches_the_shifts_off() -> None:
    base = open_base(messy(seed=3))

    scores = score(base, profile=without_shifts())

    bought = scores.features["p_silent"].is_not_null()
    silent = scores.features.filter(bought)["p_silent"].to_numpy().clip(1e-4, 1 - 1e-4)
    assert scores.risk.probability[bought.to_numpy()] == pytest.approx(silent, abs=1e-12)
    assert set(scores.risk.terms) == {"rhythm", "silence", "no_purchase"}


def test_a_ticket_and_a_failed_payment_raise_the_risk_of_the_same_customer() -> None:
    tables = shop(crowd())
    payments = tables["orders"][["order_id", "customer_id"]].assign(
        payment_date=tables["orders"]["order_date"], status="success"
    )
    calm = open_base(tables | {"payments": payments})
    failed = payments.assign(
        payment_date=days_ago(5), status=np.where(payments.index == 0, "failed", "success")
    )
    troubled = open_base(tables | {"payments": failed})
    who = payments["customer_id"][0]

    before, after = (score(base).score(who).churn_risk for base in (calm, troubled))

    assert after > before  # type: ignore[operator]


@pytest.mark.parametrize(
    "kind", ["order_delayed", "dispute_opened", "review_negative", "subscription_cancelled"]
)
def test_what_was_told_lowers_health_and_raises_risk_until_it_is_well_again(kind: str) -> None:
    tables = shop(crowd())
    payments = tables["orders"][["order_id", "customer_id"]].assign(
        payment_date=tables["orders"]["order_date"], status="success"
    )
    tables["payments"] = payments
    who = payments["customer_id"][0]
    open_one, ended = (told((kind, 5, None, end), of=who) for end in (None, 1))

    calm = score(open_base(tables)).score(who)
    during = score(open_base(tables | {"customer_events": open_one})).score(who)
    after = score(open_base(tables | {"customer_events": ended})).score(who)

    assert during.health < calm.health
    assert during.churn_risk > calm.churn_risk  # type: ignore[operator]
    assert (after.health, after.churn_risk) == (calm.health, calm.churn_risk)


def test_shifted_risks_and_their_terms_agree() -> None:
    risk = score(open_base(messy(seed=4))).risk

    total = sum(risk.terms.values())

    assert {"support", "nps", "payments"} < set(risk.terms)
    assert total == pytest.approx(logit(risk.probability) - logit(risk.baseline), abs=1e-9)
