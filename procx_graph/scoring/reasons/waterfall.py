"""Contributions drawn as steps from a baseline to a score: inline SVG, without any library.

Text takes the colour of the page, so that a drawing reads on light and on dark. Good news is
blue and bad news orange, and the sign of every step stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from math import exp, log

from procx_graph.domain.health import Driver, Measure

GOOD, BAD = "#3b82c4", "#d9730d"
ROW, BAR, TOP, AXIS = 24, 14, 8, 34
"""Heights in pixels: of a row, of its bar, above the first row, of the axis below the last."""
PLOT, LETTER, GAP = 380, 7.4, 12
"""Widths in pixels: of the plot, of a letter of 13 px at most, between columns."""
APART = 48
"""Pixels between two labels of the axis at least."""
ROOM = 0.06
"""Share of the plot left free on either side."""
NARROWEST = {Measure.HEALTH: 4.0, Measure.RISK: 0.5}
"""Least range that is drawn: points, log-odds."""
CHANCES = (0.5, 0.1, 0.01, 0.001, 0.3, 0.4, 0.2, 0.05, 0.02, 0.005, 0.25, 0.35, 0.45, 0.15)
"""Probabilities that an axis of risk may name, and their complements; the first have priority."""


@dataclass(frozen=True)
class Step:
    """One contribution in its place.

    Attributes:
        name: Of the factor or term.
        start: Where it begins: points of health, or log-odds of risk.
        end: Where it ends.
        harmful: Whether it is bad news.
        hint: The evidence, shown when pointed at.
    """

    name: str
    start: float
    end: float
    harmful: bool
    hint: str


@dataclass(frozen=True)
class Scale:
    """Where values lie: from `low` to `high`, in pixels from the left edge of the picture."""

    low: float
    high: float
    left: float

    def place(self, value: float) -> float:
        """Give the x of a value."""
        return round(self.left + PLOT * (value - self.low) / (self.high - self.low), 1)


def steps(contributions: Sequence[Driver], baseline: float) -> list[Step]:
    """Put contributions one after the other, the strongest first.

    Args:
        contributions: Of one measure; those that are 0 are left out.
        baseline: Where the first begins, in the unit of the contributions.
    """
    strongest = sorted(
        (driver for driver in contributions if driver.contribution),
        key=lambda driver: -abs(driver.contribution),
    )
    ends = list(accumulate((d.contribution for d in strongest), initial=baseline))
    return [
        Step(driver.factor.replace("_", " "), start, end, driver.harmful, driver.text)
        for driver, start, end in zip(strongest, ends, ends[1:], strict=False)
    ]


def draw(
    measure: Measure, contributions: Sequence[Driver], *, baseline: float, score: float
) -> str:
    """Draw the way from the baseline to the score as an SVG element.

    Args:
        measure: Health in points, or risk, whose contributions are log-odds.
        contributions: Everything that adds up to the difference.
        baseline: Health 0 to 100, or a probability in (0, 1).
        score: Likewise; a risk of 0 or 1 is drawn where its contributions lead.
    """
    is_risk = measure is Measure.RISK
    made = steps(contributions, _log_odds(baseline) if is_risk else baseline)
    start = made[0].start if made else _log_odds(baseline) if is_risk else baseline
    end = made[-1].end if made else start
    told = (f"{baseline:.1%}", f"{score:.1%}") if is_risk else (f"{baseline:.1f}", f"{score:.1f}")
    names = ["typical" if not is_risk else "baseline", *(s.name for s in made), _title(measure)]
    values = [told[0], *(f"{step.end - step.start:+.2f}" for step in made), told[1]]
    left = GAP + LETTER * max(len(name) for name in names)
    width = left + GAP + PLOT + GAP + LETTER * max(len(value) for value in values)
    scale = _scale(measure, [start, *(step.end for step in made)], left + GAP)
    middle = [TOP + ROW * (place + 0.5) for place in range(len(names))]
    parts = [
        *_axis(measure, scale, len(names)),
        *(_row(*row, left=left, right=width) for row in zip(names, values, middle, strict=True)),
        *(_bar(step, scale, y) for step, y in zip(made, middle[1:], strict=False)),
        _dot(scale.place(start), middle[0], filled=False),
        _dot(scale.place(end), middle[-1], filled=True),
    ]
    label = f"{_title(measure)}: from {told[0]} to {told[1]}"
    return _svg(label, width, TOP + ROW * len(names) + AXIS, "".join(parts))


def _title(measure: Measure) -> str:
    return "churn risk" if measure is Measure.RISK else "health"


def _svg(label: str, width: float, height: float, content: str) -> str:
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" style="max-width:100%;height:auto;display:block" '
        f'font-family="system-ui,sans-serif" font-size="13" fill="currentColor">{content}</svg>'
    )


def _row(name: str, value: str, y: float, *, left: float, right: float) -> str:
    return (
        f'<text x="{left:.1f}" y="{y + 4.5:.1f}" text-anchor="end">{escape(name)}</text>'
        f'<text x="{right - 1:.1f}" y="{y + 4.5:.1f}" text-anchor="end">'
        f"{escape(value.replace('-', '−'))}</text>"
    )


def _bar(step: Step, scale: Scale, y: float) -> str:
    """Draw a step, and the line that leads from it to the next row."""
    start, end = scale.place(step.start), scale.place(step.end)
    return (
        f'<rect x="{min(start, end)}" y="{y - BAR / 2}" width="{max(abs(end - start), 1):.1f}" '
        f'height="{BAR}" rx="2" fill="{BAD if step.harmful else GOOD}">'
        f"<title>{escape(step.hint)}</title></rect>"
        f'<path d="M{end} {y - BAR / 2}V{y + ROW}" stroke="currentColor" stroke-opacity=".45"/>'
    )


def _dot(x: float, y: float, *, filled: bool) -> str:
    inside = "currentColor" if filled else "none"
    line = "" if filled else f'<path d="M{x} {y + 5}v{ROW - 5}" stroke-opacity=".45"/>'
    return (
        f'<g stroke="currentColor" stroke-width="1">'
        f'<circle cx="{x}" cy="{y}" r="5" fill="{inside}" stroke-width="2"/>{line}</g>'
    )


def _axis(measure: Measure, scale: Scale, rows: int) -> list[str]:
    """Draw the grid and its labels, as many as there is room for."""
    ticks = _chances(scale) if measure is Measure.RISK else _rounds(scale)
    placed: dict[float, str] = {}
    for value, label in ticks:
        x = scale.place(value)
        if all(abs(x - other) >= APART for other in placed):
            placed[x] = label
    bottom = TOP + ROW * rows
    return [
        f'<path d="M{x} {TOP}V{bottom}" stroke="currentColor" stroke-opacity=".14"/>'
        f'<text x="{x}" y="{bottom + 16}" text-anchor="middle" font-size="11" '
        f'fill-opacity=".75">{label}</text>'
        for x, label in placed.items()
    ]


def _scale(measure: Measure, values: Sequence[float], left: float) -> Scale:
    low, high = min(values), max(values)
    missing = max(0.0, NARROWEST[measure] - (high - low)) / 2
    low, high = low - missing, high + missing
    room = ROOM * (high - low)
    return Scale(low - room, high + room, left)


def _rounds(scale: Scale) -> list[tuple[float, str]]:
    """Give round healths, about six of them."""
    step = next((s for s in (1, 2, 5, 10) if (scale.high - scale.low) / s <= 7), 20)
    first = int(-(-scale.low // step))
    rounds = (step * place for place in range(first, int(scale.high // step) + 1))
    return [(float(value), str(value)) for value in rounds if 0 <= value <= 100]


def _chances(scale: Scale) -> list[tuple[float, str]]:
    """Give round probabilities, where their log-odds lie."""
    both = dict.fromkeys(p for chance in CHANCES for p in (chance, round(1 - chance, 3)))
    placed = [(_log_odds(chance), f"{100 * chance:.3g}%") for chance in both]
    inside = [(value, label) for value, label in placed if scale.low <= value <= scale.high]
    middle = (scale.low + scale.high) / 2
    return inside or [(middle, f"{100 / (1 + exp(-middle)):.3g}%")]


def _log_odds(chance: float) -> float:
    return log(chance) - log(1 - chance)
