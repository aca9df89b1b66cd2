"""Empty figures, a look for each method, and files."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from procx_graph.errors import ConfigError
from procx_graph.scoring.evaluation import Method

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS: dict[Method, tuple[str, str, str]] = {
    Method.CONSTANT: ("#999999", ":", "."),
    Method.RECENCY: ("#e69f00", "--", "v"),
    Method.SPEND: ("#8a6d3b", (0, (4, 2)), "x"),  # type: ignore[dict-item]
    Method.RFM: ("#009e73", "-.", "^"),
    Method.SEED: ("#cc79a7", "--", "s"),
    Method.MBG: ("#0072b2", "-", "o"),
    Method.LEARNED: ("#d55e00", "-", "D"),
}
"""Colour, line and marker of each method: told apart without colour too (after Okabe and Ito)."""
RESOLUTION = 144
"""Dots per inch of files."""


def two_panels(title: str) -> "tuple[Figure, Axes, Axes]":
    """Give a figure with two drawings side by side.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure = _picture()(figsize=(11, 5), layout="constrained")
    figure.suptitle(title, fontsize=12)
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, left, right


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG, making its folder where it is missing.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=RESOLUTION, metadata={"Software": None})
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from error


def _picture() -> "type[Figure]":
    """Give a kind of figure that a notebook shows without any setting of matplotlib's."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError(
            'drawing plots needs the plots extra: pip install "procx_graph[plots]"'
        ) from error

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            content = BytesIO()
            self.savefig(content, format="png", dpi=96)
            return content.getvalue()

    return Picture
