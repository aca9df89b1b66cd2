"""Calibration: whether a risk of 60 % comes true six times in ten."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from procx_graph.scoring.evaluation import Evaluation, Method, Population
from procx_graph.scoring.plots.canvas import LOOKS, two_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_calibration(evaluation: Evaluation) -> "Figure":
    """Draw probability against frequency for ten groups of customers, the means over cut-offs.

    On the diagonal a probability means what it says; methods that only rank are not drawn.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure, left, right = two_panels(
        f"{evaluation.base}: is the churn risk true? ({evaluation.horizon_days} days)"
    )
    for axes, population in ((left, Population.ACTIVE), (right, Population.ALL)):
        _panel(axes, evaluation, population)
    left.set_ylabel("share to whom it happened")
    return figure


def _panel(axes: "Axes", evaluation: Evaluation, population: Population) -> None:
    axes.plot([0, 1], [0, 1], color="#555555", linewidth=1, label="perfect")
    for method, points in _curves(evaluation, population):
        colour, line, marker = LOOKS[method]
        axes.plot(*points, color=colour, linestyle=line, marker=marker, label=method.value)
    axes.set(
        title=f"{population.value} customers, ten groups of equal size",
        xlabel="predicted churn risk",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend(loc="upper left", frameon=False)


def _curves(
    evaluation: Evaluation, population: Population
) -> Iterator[tuple[Method, tuple[list[float], list[float]]]]:
    """Give the points of each probability, averaged group by group over the cut-offs."""
    for method in dict.fromkeys(row.method for row in evaluation.rows):
        groups = [
            [point[:2] for point in row.figures.calibration]
            for row in evaluation.rows
            if (row.method, row.population) == (method, population)
            and row.figures
            and len(row.figures.calibration) > 1
        ]
        whole = [group for group in groups if len(group) == max(map(len, groups))]
        if whole and method is not Method.CONSTANT:
            predicted, found = np.mean(whole, axis=0).T.tolist()
            yield method, (predicted, found)
