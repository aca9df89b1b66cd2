import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest

from procx_graph.domain.health import Driver, Measure
from procx_graph.errors import UnknownCustomer
from procx_graph.scoring.engine import score
from procx_graph.scoring.reasons.explain import explain_customer
from procx_graph.scoring.reasons.waterfall import BAD, GOOD, draw, steps
from tests.unit.scoring.bases import AS_OF, crowd, open_base, shop


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


def drawings(page: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page)]


def texts(drawing: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in drawing.iter("text")]


def test_health_and_risk_are_drawn_as_waterfalls() -> None:
    explained = explain_customer(open_base(shop(crowd(), segment="VIP")), "c001")

    health, risk = drawings(explained._repr_html_())

    assert len(list(health.iter("rect"))) == len(explained.ledger.health)
    assert len(list(risk.iter("rect"))) == len(explained.ledger.risk)
    assert health.get("role") == "img"
    assert (health.get("aria-label") or "").startswith("health: from ")


def test_the_steps_lead_from_the_baseline_to_the_score() -> None:
    ledger = explain_customer(open_base(shop(crowd())), "c001").ledger

    made = steps(ledger.health, ledger.health_baseline)

    assert made[0].start == ledger.health_baseline
    assert all(before.end == after.start for before, after in pairwise(made))
    assert made[-1].end == pytest.approx(ledger.health_score, abs=1e-9)
    sizes = [abs(step.end - step.start) for step in made]
    assert sizes == sorted(sizes, reverse=True)


def test_good_and_bad_are_told_apart_by_colour_and_by_sign() -> None:
    driver = Driver(of="risk", factor="silence", contribution=0.8, unit="log-odds", text="long")
    relief = driver.model_copy(update={"factor": "support", "contribution": -0.3})

    (drawing,) = drawings(draw(Measure.RISK, [driver, relief], baseline=0.2, score=0.29))

    assert [rect.get("fill") for rect in drawing.iter("rect")] == [BAD, GOOD]
    assert {"+0.80", "−0.30", "20.0%", "29.0%"} <= set(texts(drawing))


@pytest.mark.parametrize("name", ["silence", "a_name_that_is_longer_than_any_we_know_of_today"])
def test_no_label_leaves_the_picture(name: str) -> None:
    driver = Driver(of="health", factor=name, contribution=-12.0, unit="points", text="x")

    (drawing,) = drawings(draw(Measure.HEALTH, [driver], baseline=50.0, score=38.0))

    width = float((drawing.get("viewBox") or "").split()[2])
    for text in drawing.iter("text"):
        place, size = float(text.get("x") or 0), 7.0 * len(text.text or "")
        left = place - (size if text.get("text-anchor") == "end" else size / 2)
        assert left >= 0
        assert left + size <= width


def test_risks_at_the_very_ends_can_be_drawn() -> None:
    driver = Driver(of="risk", factor="health", contribution=9.0, unit="log-odds", text="x")

    for baseline, reached in ((0.0001, 1.0), (0.9999, 1.0), (0.5, 0.0)):
        (drawing,) = drawings(draw(Measure.RISK, [driver], baseline=baseline, score=reached))
        assert list(drawing.iter("rect"))


def test_a_score_at_its_baseline_is_two_dots() -> None:
    (drawing,) = drawings(draw(Measure.HEALTH, [], baseline=50.0, score=50.0))

    assert not list(drawing.iter("rect"))
    assert len(list(drawing.iter("circle"))) == 2


def test_the_text_of_a_drawing_is_escaped() -> None:
    driver = Driver(of="health", factor="<b>x", contribution=1.0, unit="points", text='"<i>&')

    page = draw(Measure.HEALTH, [driver], baseline=50.0, score=51.0)

    assert "<b>" not in page
    assert "<i>" not in page
    assert drawings(page)


def test_the_risk_of_a_customer_who_left_is_not_drawn() -> None:
    tables = shop(crowd())
    label = {"customer_id": ["c001"], "is_churn": [True], "churn_date": [AS_OF]}
    base = open_base(tables | {"churn_labels": pd.DataFrame(label)})

    page = explain_customer(base, "c001")._repr_html_()

    assert len(drawings(page)) == 1
    assert "the customer has left" in page
