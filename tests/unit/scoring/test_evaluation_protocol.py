import json
from datetime import timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest

from procx_graph.domain.learned import Labels, LearnedFeature, LearnedModel, ModelKind
from procx_graph.errors import ConfigError, DataError
from procx_graph.scoring.engine import score
from procx_graph.scoring.evaluation import Evaluation, Method, Population, evaluate
from procx_graph.scoring.evaluation.methods import NO_ORDERS
from procx_graph.scoring.lookback import look_back
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import AS_OF, Tables, crowd, days_ago, open_base, shop

QUICK = (Method.RECENCY, Method.MBG)


@cache
def of_a_crowd() -> Evaluation:
    return evaluate(open_base(shop(crowd(150))), cut_offs=2)


def labelled(days: dict[str, int]) -> Tables:
    """A shop whose customers left, by label, so many days ago."""
    tables = shop(crowd(80))
    rows = [(who, True, days_ago(ago)) for who, ago in days.items()]
    columns = ["customer_id", "is_churn", "churn_date"]
    return tables | {"churn_labels": pd.DataFrame(rows, columns=columns)}


def test_every_method_has_a_row_for_each_population_and_cut_off() -> None:
    found = of_a_crowd()

    asked = {(m, p, c) for m in Method for p in Population for c in found.cut_offs}
    assert {(row.method, row.population, row.cut_off) for row in found.rows} == asked
    assert len(found.rows) == len(asked)


def test_the_latest_cut_off_lies_a_horizon_before_the_end() -> None:
    assert of_a_crowd().cut_offs == (AS_OF - timedelta(days=180), AS_OF - timedelta(days=90))


def test_a_cut_off_is_judged_as_the_scores_of_that_day_and_what_came_of_them() -> None:
    base = open_base(shop(crowd(150)))
    (outlook,) = look_back(base, origins=1, labels=Labels.ORDERS)

    (row,) = [
        row
        for row in evaluate(base, cut_offs=1, methods=["mbg"]).rows
        if row.population is Population.ALL
    ]

    risk = outlook.scores.risk.probability[outlook.known]
    wrong = ((risk - outlook.happened[outlook.known]) ** 2).mean()
    assert row.figures is not None
    assert row.figures.brier == pytest.approx(wrong, abs=1e-12)


def test_the_risk_beats_chance_and_the_constant() -> None:
    found = of_a_crowd()

    risk, constant = (found.mean(name, "all").numbers for name in ("mbg", "constant"))
    assert (risk["auc_low"] or 0) > 0.5
    assert constant["auc"] == pytest.approx(0.5)
    assert (risk["brier"] or 1) < (constant["brier"] or 0)


def test_rows_after_as_of_change_nothing() -> None:
    tables = shop(crowd(80))
    later = tables["orders"].assign(
        order_id=lambda rows: "later" + rows["order_id"],
        order_date=lambda rows: rows["order_date"] + timedelta(days=500),
    )
    extended = tables | {"orders": pd.concat([tables["orders"], later])}

    ask: Any = {"cut_offs": 1, "methods": ["recency", "rfm-logistic", "procx-seed", "mbg"]}
    then, now = (evaluate(open_base(given), **ask).rows for given in (tables, extended))

    assert then == now


def test_a_snapshot_column_that_knows_the_future_helps_nobody() -> None:
    tables = shop(crowd(80))
    plain = evaluate(open_base(tables), cut_offs=1, methods=["procx-seed"])
    stayed = tables["orders"].groupby("customer_id")["order_date"].max() > days_ago(90)
    tables["customers"]["lifetime_value"] = stayed.reindex(tables["customers"]["customer_id"])
    tables["customers"]["lifetime_value"] = [9e4 if s else 1.0 for s in stayed]
    tables["customers"]["segment"] = ["VIP" if s else "Occasional" for s in stayed]

    leaky = evaluate(open_base(tables), cut_offs=1, methods=["procx-seed"])

    assert leaky.rows == plain.rows


def test_methods_that_learn_say_what_they_lack() -> None:
    young = shop({who: [day for day in days if day < 110] for who, days in crowd(80).items()})

    found = evaluate(open_base(young), cut_offs=1, methods=["constant", "rfm-logistic", "learned"])

    notes = {mean.method: mean.note for mean in found.means(Population.ALL)}
    assert "before the cut-off" in notes[Method.CONSTANT]
    assert "before the cut-off" in notes[Method.RFM]
    assert notes[Method.LEARNED].startswith("refused: ")


def test_a_learned_model_of_the_profile_is_left_out_because_it_may_know_the_outcomes() -> None:
    base, plain = open_base(shop(crowd(80))), load_profile()
    silly = LearnedModel(
        kind=ModelKind.LOGISTIC,
        labels=Labels.ORDERS,
        horizon_days=90,
        as_of=AS_OF,
        fingerprint="",
        profile_hash="",
        inputs_hash="",
        features=(LearnedFeature(name="silence", sign=1, mean=0.0, sd=1.0, beta=0.0),),
        intercept=0.0,
    )
    profile = plain.model_copy(update={"risk": plain.risk.model_copy(update={"learned": silly})})

    found = evaluate(base, profile=profile, cut_offs=1, methods=QUICK)

    assert found.rows == evaluate(base, cut_offs=1, methods=QUICK).rows
    assert "is left out" in found.notes[0]


def test_the_horizon_can_be_another_than_the_profiles() -> None:
    found = evaluate(open_base(shop(crowd(80))), horizon=30, cut_offs=1, methods=QUICK)

    assert found.horizon_days == 30
    assert found.cut_offs == (AS_OF - timedelta(days=30),)


def test_dated_churn_labels_can_be_the_outcome() -> None:
    base = open_base(labelled({f"c{number:03}": 20 + number for number in range(40)}))

    found = evaluate(base, cut_offs=1, labels="churn_labels", methods=QUICK)

    assert found.labels is Labels.CHURN
    assert found.mean("mbg", "all").numbers["base_rate"] == pytest.approx(40 / 80)


def test_labels_without_an_order_log_leave_the_methods_that_need_one_without_figures() -> None:
    tables = labelled({f"c{number:03}": 20 + number for number in range(40)})
    del tables["orders"]

    asked = ("rfm-logistic", "procx-seed", "mbg")
    found = evaluate(open_base(tables), cut_offs=1, labels="churn_labels", methods=asked)

    notes = {mean.method.value: mean.note for mean in found.means(Population.ALL)}
    assert notes == {"rfm-logistic": NO_ORDERS, "procx-seed": "", "mbg": NO_ORDERS}


def test_a_base_without_purchases_cannot_be_judged_by_silence() -> None:
    tables = shop(crowd(20))

    with pytest.raises(ConfigError, match="no table orders"):
        evaluate(open_base({"customers": tables["customers"]}), methods=QUICK)


@pytest.mark.parametrize(
    "purchases",
    [{"a": [400, 300, 5]}, {"a": [3], "b": [2]}, {f"c{n}": [200, 20] for n in range(40)}],
    ids=["one customer", "two days of history", "all customers the same"],
)
def test_too_little_to_judge_is_an_error_that_says_what_lacks(purchases: Any) -> None:
    with pytest.raises(DataError, match="some left and some stayed"):
        evaluate(open_base(shop(purchases)), methods=QUICK)


def test_cut_offs_without_history_are_left_out_and_told() -> None:
    found = evaluate(open_base(shop(crowd(80))), cut_offs=8, methods=QUICK)

    assert len(found.cut_offs) < 8
    assert found.notes == (f"{len(found.cut_offs)} of 8 cut-offs have customers of both outcomes",)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"cut_offs": 0}, "cut_offs=0"),
        ({"cut_offs": 41}, "cut_offs=41"),
        ({"every": 0}, "every=0"),
        ({"horizon": -1}, "horizon=-1"),
        ({"methods": ["tarot"]}, "'tarot'; known are constant"),
        ({"methods": []}, "no methods given"),
        ({"labels": "moods"}, "'moods'; known are orders"),
        ({"profile": "nobody"}, "nobody"),
        ({"engine": "abacus"}, "abacus"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named(setting: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        evaluate(open_base(shop(crowd(40))), **setting)


def test_only_a_base_can_be_evaluated() -> None:
    with pytest.raises(ConfigError, match="not of a DataFrame"):
        evaluate(pd.DataFrame())  # type: ignore[arg-type]


def test_progress_tells_every_step() -> None:
    steps: list[str] = []

    evaluate(open_base(shop(crowd(40))), cut_offs=1, methods=QUICK, progress=steps.append)

    assert steps[-2:] == ["recency at 2025-04-01", "mbg at 2025-04-01"]


def test_engines_agree() -> None:
    base = open_base(shop(crowd(40)))

    found = [evaluate(base, cut_offs=1, methods=QUICK, engine=e).rows for e in ("polars", "pandas")]

    assert found[0] == found[1]


def test_an_evaluation_is_json() -> None:
    found = json.loads(json.dumps(of_a_crowd().to_dict(), allow_nan=False))

    assert found["profile"]["name"] == "default-v1"
    assert len(found["means"]) == 2 * len(Method)
    assert len(found["rows"]) == 4 * len(Method)


def test_the_scores_of_an_evaluated_base_are_what_they_were() -> None:
    base = open_base(shop(crowd(40)))
    before = score(base).frame

    evaluate(base, cut_offs=1, methods=QUICK)

    assert score(base).frame.equals(before)
