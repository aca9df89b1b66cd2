import json

import pytest

from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.engine import score
from procx_graph.scoring.explain import explain_customer
from tests.unit.scoring.bases import crowd, open_base, shop


def test_an_explanation_lists_everything_behind_both_numbers() -> None:
    base = open_base(shop(crowd(), segment="VIP"))

    explained = explain_customer(base, "c001")

    text = str(explained)
    assert text.startswith("c001, ")
    assert "Health: " in text
    assert "Churn risk: " in text
    assert all(driver.text in text for driver in explained.ledger.health)


def test_an_explanation_is_json_and_adds_up() -> None:
    explained = explain_customer(open_base(shop(crowd())), "c001").to_dict()

    health = json.loads(json.dumps(explained))["health"]
    total = sum(driver["contribution"] for driver in health["contributions"])
    assert health["baseline"] + total == pytest.approx(health["score"], abs=1e-9)


def test_scores_at_hand_are_not_made_again() -> None:
    base = open_base(shop(crowd()))
    scores = score(base, profile="procx-seed")

    assert explain_customer(base, "c001", scores=scores).profile == "procx-seed"


def test_the_html_of_an_explanation_is_escaped() -> None:
    tables = shop(crowd() | {"<b>a": [3]}, segment="VIP")
    tables["customers"]["segment"] = ["VIP"] * 50 + ["<script>"] * 11
    base = open_base(tables)

    page = explain_customer(base, "<b>a")._repr_html_()

    assert "<b>" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;a" in page


def test_an_unknown_customer_is_refused() -> None:
    with pytest.raises(UnknownCustomer, match="'nobody'"):
        explain_customer(open_base(shop({"a": [3]})), "nobody")
