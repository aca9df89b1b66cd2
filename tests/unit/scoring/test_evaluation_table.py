from datetime import UTC, datetime
from typing import Any

import pytest

from procx_graph.domain.learned import Labels
from procx_graph.scoring.evaluation import Evaluation, Figures, Method, Population, Row

FIRST, SECOND = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
REFUSED = "refused: 12 customers fell silent over the origins; at least 50 are needed"


def row(method: Method, cut_off: datetime = FIRST, why_not: str = "", **numbers: Any) -> Row:
    figures = None if why_not else Figures(**({"customers": 1_000, "base_rate": 0.3} | numbers))
    return Row(method, Population.ALL, cut_off, figures, why_not)


def told(*rows: Row, **changes: Any) -> Evaluation:
    values: dict[str, Any] = {
        "base": "shop",
        "as_of": datetime(2025, 7, 1, tzinfo=UTC),
        "horizon_days": 90,
        "labels": Labels.ORDERS,
        "profile": "default-v1",
        "profile_hash": "abc",
        "cut_offs": (FIRST, SECOND),
        "rows": rows,
    }
    return Evaluation(**(values | changes))


def test_figures_are_means_over_the_cut_offs() -> None:
    found = told(row(Method.MBG, auc=0.7), row(Method.MBG, SECOND, auc=0.8, customers=500))

    mean = found.mean("mbg", "all")
    assert mean.numbers["auc"] == pytest.approx(0.75)
    assert (mean.cut_offs, mean.customers, mean.note) == (2, 750, "")


def test_a_method_refused_everywhere_says_so_in_its_row() -> None:
    found = told(row(Method.MBG, auc=0.7), row(Method.LEARNED, why_not=REFUSED))

    (line,) = [line for line in str(found).splitlines() if line.startswith("learned ")]
    assert "refused: 12 customers fell silent" in line
    assert f"learned: {REFUSED}." in " ".join(str(found).split())
    assert found.mean("learned", "all").numbers["auc"] is None


def test_where_a_model_was_refused_at_one_cut_off_mbg_stands_in() -> None:
    found = told(
        row(Method.MBG, auc=0.7),
        row(Method.MBG, SECOND, auc=0.8),
        row(Method.LEARNED, why_not=REFUSED),
        row(Method.LEARNED, SECOND, auc=0.9),
    )

    mean = found.mean("learned", "all")
    assert mean.numbers["auc"] == pytest.approx(0.8)
    assert mean.note == f"not at 2025-01-01: {REFUSED}; mbg stands in there"


def test_other_methods_that_miss_a_cut_off_have_a_star() -> None:
    found = told(row(Method.RFM, why_not="too few"), row(Method.RFM, SECOND, auc=0.9))

    assert found.mean("rfm-logistic", "all").note == "not at 2025-01-01: too few"
    assert "rfm-logistic*" in str(found)
    assert "*: not judged alike" in str(found)


def test_the_text_fits_a_narrow_terminal() -> None:
    numbers: dict[str, Any] = dict.fromkeys(
        ("auc", "auc_low", "auc_high", "pr_auc", "brier", "ece", "captured10"), 0.1234
    )
    found = told(
        *(row(method, lift10=12.345, **numbers) for method in Method),
        row(Method.LEARNED, SECOND, why_not=REFUSED * 3),
        base="a_very_long_name_of_a_workbook_" * 2,
        notes=("a long remark " * 20,),
    )

    assert max(map(len, str(found).splitlines())) <= 80


def test_the_html_holds_no_markup_of_others() -> None:
    page = told(row(Method.MBG, why_not="<script>"), base="<b>shop")._repr_html_()

    assert "<script>" not in page
    assert "&lt;b&gt;shop" in page


def test_a_frame_has_the_means_or_every_cut_off() -> None:
    found = told(row(Method.MBG, auc=0.7), row(Method.MBG, SECOND, auc=0.8))

    assert found.to_frame()["auc"].to_list() == pytest.approx([0.75])
    each = found.to_frame(per_cut_off=True)
    assert each["cut_off"].to_list() == [FIRST, SECOND]
    assert each["auc"].to_list() == [0.7, 0.8]


def test_what_was_not_asked_for_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="learned on active"):
        told(row(Method.MBG)).mean("learned", "active")
