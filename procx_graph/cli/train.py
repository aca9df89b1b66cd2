"""`procx train`: learn a churn risk from the data's own past, or say why not."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from procx_graph.domain.learned import Labels, ModelKind
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase
    from procx_graph.scoring.learned.card import ModelCard
    from procx_graph.scoring.learned.training import Training


def train(
    source: Source = None,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the model, its card and its profile.")
    ] = Path("model"),
    kind: Annotated[
        ModelKind, typer.Option("--kind", help="What to fit; gbm needs the ml extra.")
    ] = ModelKind.LOGISTIC,
    labels: Annotated[
        Labels | None,
        typer.Option(
            "--labels",
            help="Who has left: no order in the horizon, or a dated label.",
            show_default="dated labels where there are enough, else orders",
        ),
    ] = None,
    origins: Annotated[
        int, typer.Option("--origins", min=2, max=40, help="Past moments to learn from.")
    ] = 4,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Let every input move the risk either way.")
    ] = False,
    profile: ProfileName = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    engine: Engine = EngineName.POLARS,
    strict: Strict = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Learn a churn risk from what happened to your customers, and keep it only if it is better.

    It is trained on older moments and judged on the latest one whose outcome is known. A refused
    model is no error: the folder then holds the card, which says why, and a profile without it.

    Examples:

        procx train customers.xlsx --out model/

        procx train exports/ --out model/ --kind additive --labels churn_labels
    """
    from procx_graph.cli import console
    from procx_graph.scoring.learned.files import check_folder, save

    check_folder(out)
    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    chosen = profile or Settings().profile or "default-v1"
    training = _train(base, chosen, labels, kind, origins, not unsigned, engine)
    save(training, out)
    if as_json:
        print(training.card.model_dump_json(indent=2))
        return
    _show(training.card)
    remark_on(base, replay=is_sample(source) or as_of is not None)
    shown = console.out()
    shown.print(console.cell(f"\nWritten to {out}: {', '.join(_written(out))}."))
    named = f"{shlex.quote(source)} " if source else ""
    after = f"procx score {named}--profile {shlex.quote(str(out))}"
    told = f"Next: {after}" if training.model else f"Next, with mbg: {after}"
    shown.print(console.cell(told), soft_wrap=True)


def _train(
    base: "CustomerBase",
    profile: str,
    labels: Labels | None,
    kind: ModelKind,
    origins: int,
    signed: bool,
    engine: EngineName,
) -> "Training":
    from procx_graph.cli import console
    from procx_graph.scoring.learned.training import train as train_base

    with console.progress("reading the past") as bar:
        task = bar.task_ids[0]
        bar.update(task, total=origins)
        return train_base(
            base,
            profile=profile,
            labels=labels,
            kind=kind,
            origins=origins,
            signed=signed,
            engine=engine.value,
            progress=lambda lesson: bar.update(
                task,
                advance=1,
                description=f"{lesson.origin:%Y-%m-%d}: {len(lesson.happened):,} customers, "
                f"{lesson.happened.sum():,} left",
            ),
        )


def _show(card: "ModelCard") -> None:
    """Print the card: the verdict and why, the origins, the figures, the remarks."""
    from procx_graph.cli import console
    from procx_graph.scoring.learned.rendering import HEADS, figure_rows, remarks, verdict

    out = console.out()
    out.print(console.cell(verdict(card), "bold green" if card.accepted else "bold yellow"))
    for check in card.checks:
        out.print(console.cell(f"  {'yes' if check.passed else 'no '}  {check.text}"))
    counts = console.table("Origin", ">Customers", ">Positives", ">Base rate")
    for count in card.origins:
        counts.add_row(
            f"{count.origin:%Y-%m-%d}",
            f"{count.customers:,}",
            f"{count.positives:,}",
            f"{count.base_rate:.1%}",
        )
    if card.origins:
        out.print(counts)
    for title, active in (("everyone", False), ("who had bought lately", True)):
        if rows := figure_rows(card, active=active):
            heads = (heading.capitalize() if heading.islower() else heading for heading in HEADS)
            first, *others = heads
            shown = console.table(
                first,
                *(f">{heading}" for heading in others),
                title=f"At the latest origin, {title}",
            )
            for row in rows:
                shown.add_row(*row)
            out.print(shown)
    for remark in remarks(card):
        out.print(console.cell(remark))


def _written(out: Path) -> list[str]:
    from procx_graph.scoring.learned.files import CARD, EXTENDED, MODEL, PROFILE, TOLD

    return [name for name in (MODEL, PROFILE, TOLD, CARD, EXTENDED) if (out / name).exists()]
