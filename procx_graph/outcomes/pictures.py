"""Small pictures for the page, as SVG that follows its colours; nothing but text and shapes.

Drawn here rather than by matplotlib, because they must follow the light and the dark of the page,
and be the same bytes wherever they are made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDE, _MARGIN = 480, 18
_PLOT = _WIDE - 2 * _MARGIN
_ROW = 42
"""Height of a row: its name above, its mark below."""
_NAME, _MARK = 14, 28
"""Where those are in it."""
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a picture.

    Attributes:
        name: What it is.
        value: Where it is: a share of 1, or an amount.
        low: Where its interval begins, `None` without one.
        high: Where it ends.
        of: How many it is of, written behind it.
        style: The name of its colour: a, or b.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    of: str = ""
    style: str = "a"


def draw_shares(title: str, marks: Sequence[Mark]) -> Markup:
    """Draw shares as dots with their intervals, on a scale of 0 to 100 %."""
    height = _ROW * len(marks)
    rows = (_share(mark, _ROW * at) for at, mark in enumerate(marks))
    return _picture(title, height + 24, [*_scale(height), *rows])


def draw_amounts(title: str, marks: Sequence[Mark]) -> Markup:
    """Draw amounts as bars, the greatest as wide as the picture."""
    most = max((mark.value for mark in marks), default=0) or 1
    rows = [_bar(mark, _ROW * at, most) for at, mark in enumerate(marks)]
    return _picture(title, _ROW * len(marks), rows)


def _picture(title: str, height: int, parts: Sequence[Markup]) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return head.format(_WIDE, height, title) + Markup("").join(parts) + Markup("</svg>")


def _scale(height: int) -> Iterator[Markup]:
    line = Markup('<line class="grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/>')
    text = Markup('<text class="tick" x="{}" y="{}">{}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        yield line.format(_x(share), height)
        yield text.format(_x(share), height + 17, f"{share:.0%}")


def _share(mark: Mark, top: int) -> Markup:
    said = f"{mark.value:.0%}" + (f" of {mark.of}" if mark.of else "")
    parts, y = [_words(mark.name, said, top)], top + _MARK
    if mark.low is not None and mark.high is not None:
        line = Markup('<line class="reach {0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>')
        parts.append(line.format(mark.style, _x(mark.low), _x(mark.high), y))
    dot = Markup('<circle class="dot {}" cx="{}" cy="{}" r="6"/>')
    return Markup("").join([*parts, dot.format(mark.style, _x(mark.value), y)])


def _bar(mark: Mark, top: int, most: float) -> Markup:
    wide = max(1.0, round(_PLOT * mark.value / most, 1))
    bar = Markup('<rect class="bar {}" x="{}" y="{}" width="{}" height="12" rx="3"/>')
    words = _words(mark.name, f"{mark.value:,.0f}", top)
    return words + bar.format(mark.style, _MARGIN, top + _MARK - 6, wide)


def _words(name: str, said: str, top: int) -> Markup:
    """Write the name at the left of a row and its value at the right."""
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    text = Markup(
        '<text class="name" x="{}" y="{}">{}<title>{}</title></text>'
        '<text class="value" x="{}" y="{}">{}</text>'
    )
    return text.format(_MARGIN, top + _NAME, short, name, _WIDE - _MARGIN, top + _NAME, said)


def _x(share: float) -> float:
    return round(_MARGIN + _PLOT * share, 1)
