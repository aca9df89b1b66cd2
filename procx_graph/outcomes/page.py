"""A report as one page of HTML that needs no network."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from procx_graph.assets import package_file
from procx_graph.errors import ConfigError
from procx_graph.outcomes.figures import Figures
from procx_graph.outcomes.pictures import Mark, draw_amounts, draw_shares
from procx_graph.outcomes.topics import Look, topics, written

_RAGGED = {Look.TEXT}
"""Looks that are flush left."""
_IN_WORDS = ("in words",)
"""Columns that stand above the table as sentences."""


def render_page(figures: Figures) -> str:
    """Give the report as HTML; every text from the data is escaped."""
    made = [written(topic, without=_IN_WORDS) for topic in topics(figures)]
    return _template().render(
        figures=figures, topics=made, pictures=_pictures(figures), ragged=_RAGGED
    )


def write_page(figures: Figures, path: Path) -> None:
    """Write the page.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        path.write_text(render_page(figures), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from error


@cache
def _template() -> Template:
    kitchen = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return kitchen.from_string(package_file("outcomes/page.html.jinja").read_text(encoding="utf-8"))


def _pictures(figures: Figures) -> dict[str, Markup]:
    """Give a picture for each topic that has something to draw."""
    shares = {
        "Triggers": ("Precision by trigger, with 95 % intervals", _precisions(figures)),
        "Uplift": ("Who stayed, with 95 % intervals", _stayed(figures)),
        "Deadlines": ("Answered in time, with 95 % intervals", _in_time(figures)),
    }
    drawn = {name: draw_shares(title, marks) for name, (title, marks) in shares.items() if marks}
    if states := _states(figures):
        drawn["Messages"] = draw_amounts("Messages by state", states)
    return drawn


def _precisions(figures: Figures) -> list[Mark]:
    return [
        Mark(one.name, right.share, right.low, right.high, of=f"{right.of:,}")
        for one in figures.triggers
        if (right := one.precision).share is not None
    ]


def _stayed(figures: Figures) -> list[Mark]:
    return [
        Mark(
            f"{one.experiment}: {whose}, {one.days} days", kept.share, kept.low, kept.high,
            f"{kept.of:,}", style,
        )
        for one in figures.uplifts
        for whose, style, arm in (("treated", "a", one.treated), ("held out", "b", one.held))
        if (kept := arm.retained).share is not None
    ]  # fmt: skip


def _in_time(figures: Figures) -> list[Mark]:
    return [
        Mark(one.team, kept.share, kept.low, kept.high, of=f"{kept.of:,}")
        for one in figures.teams
        if (kept := one.in_time).share is not None
    ]


def _states(figures: Figures) -> list[Mark]:
    counts: dict[str, int] = {}
    for one in figures.messages:
        counts[one.state] = counts.get(one.state, 0) + one.messages
    return [Mark(state, number) for state, number in sorted(counts.items())]
