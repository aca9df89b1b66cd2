"""`procx report`: what became of what was done, and what treatment is worth."""

import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import MapFile, moment_of, open_base, require_writable
from procx_graph.domain.clock import SystemClock
from procx_graph.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from procx_graph.outcomes.figures import Figures
    from procx_graph.outcomes.topics import Topic
    from procx_graph.outcomes.uplift import Expectation
    from procx_graph.store import Store

_NARROW = {
    "Triggers": ("kind", "rated"),
    "Uplift": (
        "known of treated",
        "held out and contacted",
        "needed",
        "missing",
        "p of the sizes",
        "in words",
    ),
}
"""Columns that a terminal has no room for; all are in the files."""


def report(
    store: StorePlace = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="Only what began from here on, e.g. 2025-01-01.",
            show_default="the beginning",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            help="Only what began until here, e.g. 2025-03-31 (the end of that day).",
            show_default="the moment of the report",
        ),
    ] = None,
    observe: Annotated[
        str | None,
        typer.Option(
            "--observe",
            metavar="SOURCE",
            help="First record, from the orders of this workbook, folder, store or database URL, "
            "who of an experiment bought within 30, 60 and 90 days.",
            show_default=False,
        ),
    ] = None,
    map_file: MapFile = None,
    holdout_share: Annotated[
        float, typer.Option("--holdout-share", help="Share that was to be held out.")
    ] = 0.1,
    window: Annotated[
        int, typer.Option("--window", help="Days of the window that decides: 30, 60 or 90.")
    ] = 90,
    churn: Annotated[
        float, typer.Option("--churn", help="Share expected to leave when left alone.")
    ] = 0.2,
    reduced_to: Annotated[
        float,
        typer.Option(
            "--reduced-to", help="Share that makes treatment worth while: the least effect to see."
        ),
    ] = 0.16,
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the figures as JSON; - is stdout, and only that."
        ),
    ] = None,
    excel: Annotated[
        Path | None,
        typer.Option("--excel", help="Write a workbook (.xlsx) with a sheet per topic."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one page of HTML that needs no network.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(
            "--now", help="Moment of the report, e.g. 2025-10-09T09:00.", show_default="the clock"
        ),
    ] = None,
) -> None:
    """Tell what became of what was done: was it right to act, and did customers stay?

    Per trigger: how often it proved right, who was reached, replied, accepted, and how they rated
    it. Then what was offered and what that costs, whether people answered in time, where messages
    stand, and whether treated customers stay more often than those left alone. An uplift is only
    told where the arms are as declared and large enough. Suggestions are for a person to decide;
    nothing changes by itself.

    Examples:

        procx report --store procx.db

        procx report --since 2025-01-01 --until 2025-03-31 --excel q1.xlsx --html q1.html

        procx report --observe orders/ --holdout-share 0.05 --json -
    """
    from procx_graph.cli import console
    from procx_graph.outcomes.gather import gather

    expected = _expectation(holdout_share, window, churn, reduced_to)
    begin = moment_of("--since", since, time.min)
    end = moment_of("--until", until, time.max)
    moment = moment_of("--now", now, time.max) or SystemClock().now()
    if json_file == "" or "" in {str(path) for path in (excel, html) if path is not None}:
        raise ConfigError("the file to write is not named")
    for target in (Path(json_file) if json_file not in {None, "-"} else None, excel, html):
        if target is not None:
            require_writable(target)
    if excel is not None and excel.suffix.lower() != ".xlsx":
        raise ConfigError(f"--excel {excel} is no workbook: name it .xlsx")
    with open_store(store, create=False) as opened:
        if observe is not None:
            _observe(opened, observe, map_file, moment)
        figures = gather(opened, moment, since=begin, until=end, expected=expected)
    # files first: whoever pages through what is printed may end the command early
    _write(figures, json_file, excel, html)
    if json_file != "-":
        show(console.out(), figures)


def show(out: "Console", figures: "Figures") -> None:
    """Print the figures on the terminal."""
    from procx_graph.cli.console import cell, safe
    from procx_graph.outcomes.topics import topics, written

    span = f"from {figures.since:%Y-%m-%d %H:%M} " if figures.since else ""
    until = figures.until or figures.at
    out.print(cell(f"{figures.store}: what began {span}until {until:%Y-%m-%d %H:%M} UTC", "dim"))
    if figures.is_empty:
        out.print(
            "Nothing to report yet: no run, offer, message, case or experiment began in this span. "
            "Scans with --store are kept here, and procx_graph.record_outcome tells what became "
            "of them."
        )
        return
    for topic in topics(figures):
        out.print()
        _show_topic(out, written(topic, without=_NARROW.get(topic.name, ())))
        for one in figures.uplifts if topic.name == "Uplift" else ():
            if not one.declared and one.difference is None:
                continue
            out.print(cell(f"{safe(one.experiment)}, {one.days} days: {one.text}"), soft_wrap=True)
    if figures.suggestions:
        out.print()
        out.print(cell("For a person to decide", "bold"))
        for text in figures.suggestions:
            out.print(cell(f"- {text}"), soft_wrap=True)


def _show_topic(out: "Console", topic: "Topic") -> None:
    from procx_graph.cli.console import cell, table
    from procx_graph.outcomes.topics import Look

    out.print(cell(topic.name, "bold").append(f"  {topic.about}", "dim"), soft_wrap=True)
    columns = (name if look is Look.TEXT else f">{name}" for name, look in topic.columns)
    made = table(*columns)
    for row in topic.rows:
        made.add_row(*map(cell, row))
    out.print(made)


def _write(
    figures: "Figures", json_file: str | None, excel: Path | None, html: Path | None
) -> None:
    if json_file == "-":
        sys.stdout.write(figures.to_json() + "\n")
    elif json_file is not None:
        try:
            Path(json_file).write_text(figures.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot write {json_file}: {error.strerror}") from error
    if excel is not None:
        from procx_graph.outcomes.excel import write_workbook

        write_workbook(figures, excel)
    if html is not None:
        from procx_graph.outcomes.page import write_page

        write_page(figures, html)


def _observe(store: "Store", source: str, mapping: Path | None, now: datetime) -> None:
    from procx_graph.cli import console
    from procx_graph.outcomes.retention import observe_retention

    base = open_base(source, mapping=mapping, as_of=None, strict=False)
    seen = observe_retention(base, store, now)
    told = f"{seen.recorded:,} windows observed, {seen.known:,} known before, "
    told += f"{seen.running:,} not over"
    if seen.unknown:
        told += f", {seen.unknown:,} of customers that {base.name} does not know"
    console.err().print(console.cell(told, "dim"), soft_wrap=True)


def _expectation(
    holdout_share: float, window: int, churn: float, reduced_to: float
) -> "Expectation":
    from procx_graph.outcomes.uplift import Expectation

    given = {
        "holdout_share": holdout_share, "days": window, "churn": churn, "reduced_to": reduced_to
    }  # fmt: skip
    try:
        return Expectation.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        option = "".join(f"--{part}: ".replace("_", "-") for part in first["loc"])
        raise ConfigError(option + first["msg"].removeprefix("Value error, ")) from error
