"""`procx evaluate`: how well the churn risk did at moments in the past."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.cli.options import (
    AsOf,
    Engine,
    EngineName,
    MapFile,
    ProfileName,
    Source,
    Strict,
    is_sample,
    open_base,
    remark_on,
)
from procx_graph.domain.learned import Labels
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase
    from procx_graph.scoring.evaluation import Evaluation

FIGURES = Path("figures")
"""Folder of the plots where none is named."""


def evaluate(
    source: Source = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for calibration.png and lift.png.",
            show_default="figures; with --json no plots",
        ),
    ] = None,
    cut_offs: Annotated[
        int, typer.Option("--cut-offs", min=1, max=40, help="How many moments to look from.")
    ] = 3,
    every: Annotated[
        int, typer.Option("--every", min=1, max=3650, help="Days from one moment back to the next.")
    ] = 90,
    horizon: Annotated[
        int | None,
        typer.Option(
            "--horizon",
            min=1,
            max=3650,
            help="Days after a moment in which outcomes count.",
            show_default="the profile's",
        ),
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            help="Only this method, e.g. mbg; may be given several times.",
            show_default="all of them",
        ),
    ] = None,
    labels: Annotated[
        Labels,
        typer.Option("--labels", help="Who has left: no order in the horizon, or a dated label."),
    ] = Labels.ORDERS,
    profile: ProfileName = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    engine: Engine = EngineName.POLARS,
    strict: Strict = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Compare the churn risk with plainer and learned ones, on what then happened.

    This is about scores. What the agents decide and write is judged by procx eval.

    At each moment every method sees what was known then. Prints a table and draws whether the
    probabilities came true, and what working from the top of each ranking gains.

    Examples:

        procx evaluate customers.xlsx

        procx evaluate exports/ --cut-offs 2 --out figures/ --as-of 2025-06-30

        procx evaluate exports/ --method recency --method mbg --json
    """
    from procx_graph.cli import console

    if out is not None and out.exists() and not out.is_dir():
        raise ConfigError(f"cannot write plots to {out}: it is a file, name a folder")
    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    chosen = profile or Settings().profile or "default-v1"
    found = _evaluate(
        base,
        methods,
        profile=chosen,
        horizon=horizon,
        cut_offs=cut_offs,
        every=every,
        labels=labels,
        engine=engine.value,
    )
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        console.out().print(console.cell(found))
        remark_on(base, replay=is_sample(source) or as_of is not None)
    if out is not None or not as_json:
        told = _draw(found, out or FIGURES)
        (console.err() if as_json else console.out()).print(console.cell(f"\n{told}"))


def _evaluate(base: "CustomerBase", methods: list[str] | None, **asked: Any) -> "Evaluation":
    """Evaluate and tell on stderr what is worked on."""
    from procx_graph.cli import console
    from procx_graph.scoring.evaluation import Method
    from procx_graph.scoring.evaluation import evaluate as evaluate_base

    with console.progress("evaluating") as bar:

        def tell(step: str) -> None:
            bar.update(bar.task_ids[0], description=step)

        return evaluate_base(base, methods=methods or tuple(Method), progress=tell, **asked)


def _draw(found: "Evaluation", folder: Path) -> str:
    """Draw both plots; give where they are, or what is needed to draw them."""
    from procx_graph.scoring.plots import draw_calibration, draw_lift, save

    files = folder / "calibration.png", folder / "lift.png"
    try:
        figures = draw_calibration(found), draw_lift(found)
    except ConfigError as error:
        return f"No plots: {error}"
    for figure, file in zip(figures, files, strict=True):
        save(figure, file)
    return f"Plots: {files[0]} and {files[1]}"
