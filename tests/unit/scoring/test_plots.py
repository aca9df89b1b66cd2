import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procx_graph.domain.learned import Labels
from procx_graph.errors import ConfigError
from procx_graph.scoring.evaluation import Evaluation, Figures, Method, Population, Row
from procx_graph.scoring.evaluation.figures import SHARES
from procx_graph.scoring.plots import draw_calibration, draw_lift, save

pytest.importorskip("matplotlib", reason="the plots extra is not installed")

CUT_OFF = datetime(2025, 4, 1, tzinfo=UTC)
WITHOUT = """
import sys
sys.modules["matplotlib"] = None
from procx_graph.errors import ConfigError
from procx_graph.scoring.plots.canvas import two_panels
try:
    two_panels("nothing")
except ConfigError as error:
    print(error)
"""


def figures(*, probability: bool = True, risk: bool = True) -> Figures:
    groups = tuple((0.05 + 0.1 * g, 0.1 * g, 10) for g in range(10))
    return Figures(
        customers=100,
        base_rate=0.3,
        calibration=groups if probability else (),
        lifts=tuple(2 - share for share in SHARES) if risk else (),
        captures=SHARES,
    )


@pytest.fixture(scope="module")
def found() -> Evaluation:
    kinds = {
        Method.CONSTANT: figures(),
        Method.RECENCY: figures(probability=False),
        Method.SPEND: figures(probability=False, risk=False),
        Method.MBG: figures(),
        Method.LEARNED: None,
    }
    rows = [Row(m, p, CUT_OFF, f) for m, f in kinds.items() for p in Population]
    return Evaluation(
        "shop", CUT_OFF, 90, Labels.ORDERS, "default-v1", "abc", (CUT_OFF,), tuple(rows)
    )


def names(axes: object) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[attr-defined]


def test_calibration_draws_probabilities_and_no_rankings(found: Evaluation) -> None:
    left, right = draw_calibration(found).axes

    assert names(left) == names(right) == ["perfect", "mbg"]
    assert left.get_xlabel() == "predicted churn risk"


def test_lift_draws_rankings_and_queues_by_value(found: Evaluation) -> None:
    left, right = draw_lift(found).axes

    assert names(left) == ["at random", "recency", "mbg"]
    assert names(right) == ["at random", "recency", "spend", "mbg"]


def test_methods_are_told_apart_without_colour(found: Evaluation) -> None:
    lines = draw_lift(found).axes[1].get_lines()[1:4]

    assert len({line.get_marker() for line in lines}) == 3


def test_an_evaluation_of_few_methods_is_drawn_too(found: Evaluation) -> None:
    few = Evaluation("shop", CUT_OFF, 90, Labels.ORDERS, "default-v1", "abc", (), found.rows[-1:])

    assert names(draw_calibration(few).axes[0]) == ["perfect"]
    assert names(draw_lift(few).axes[1]) == ["at random"]


def test_a_notebook_shows_a_figure_as_it_is(found: Evaluation) -> None:
    assert draw_lift(found)._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_figure_is_written_as_png_and_its_folder_is_made(
    found: Evaluation, tmp_path: Path
) -> None:
    file = tmp_path / "new" / "lift.png"

    save(draw_lift(found), file)

    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_place_that_cannot_be_written_is_named(found: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=r"cannot write .*lift\.png"):
        save(draw_lift(found), tmp_path / "file" / "lift.png")


@pytest.mark.slow
def test_without_matplotlib_the_extra_is_named() -> None:
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT], check=True, capture_output=True, text=True
    )

    assert 'pip install "procx_graph[plots]"' in told.stdout
