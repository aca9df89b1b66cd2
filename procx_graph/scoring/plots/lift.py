"""Lift: what is gained by working through customers from the top of a ranking."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from procx_graph.scoring.evaluation import Evaluation, Method, Population
from procx_graph.scoring.evaluation.figures import SHARES
from procx_graph.scoring.plots.canvas import LOOKS, two_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = Literal["lifts", "captures"]


def draw_lift(evaluation: Evaluation) -> "Figure":
    """Draw, for the active, the lift by risk and the lost spend found by risk × spend.

    Means over the cut-offs.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure, left, right = two_panels(
        f"{evaluation.base}: what is a ranking worth? ({evaluation.horizon_days} days)"
    )
    _lifts(left, evaluation)
    _captures(right, evaluation)
    for axes in (left, right):
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.legend(frameon=False)
    return figure


def _lifts(axes: "Axes", evaluation: Evaluation) -> None:
    axes.axhline(1, color="#555555", linewidth=1, label="at random")
    for method, values in _curves(evaluation, Population.ACTIVE, "lifts"):
        if method is not Method.CONSTANT:
            _line(axes, method, SHARES, values)
    axes.set(
        title="active customers, by risk",
        xlabel="share of customers, the riskiest first",
        ylabel="lift: rate among them / rate of all",
    )


def _captures(axes: "Axes", evaluation: Evaluation) -> None:
    axes.plot([0, 1], [0, 1], color="#555555", linewidth=1, label="at random")
    for method, values in _curves(evaluation, Population.ACTIVE, "captures"):
        if method is not Method.CONSTANT:
            _line(axes, method, (0.0, *SHARES), [0.0, *values])
    axes.axvline(0.1, color="#555555", linewidth=0.8, linestyle=":")
    axes.set(
        title="active customers, by risk × spend of the last 180 days",
        xlabel="share of customers, the most at stake first",
        ylabel="share of the lost customers' spend among them",
        ylim=(0, 1.02),
    )
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _line(axes: "Axes", method: Method, shares: tuple[float, ...], values: list[float]) -> None:
    colour, line, marker = LOOKS[method]
    axes.plot(
        shares,
        values,
        color=colour,
        linestyle=line,
        marker=marker,
        markersize=4,
        label=method.value,
    )


def _curves(
    evaluation: Evaluation, population: Population, name: Curve
) -> Iterator[tuple[Method, list[float]]]:
    for method in dict.fromkeys(row.method for row in evaluation.rows):
        known = [
            getattr(row.figures, name)
            for row in evaluation.rows
            if (row.method, row.population) == (method, population)
            and row.figures
            and getattr(row.figures, name)
        ]
        if known:
            yield method, np.mean(known, axis=0).tolist()
