"""`procx eval`: how well the agents decide and write in labelled situations."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.cli.models import AgentNames, ModelName, helping_models
from procx_graph.cli.options import require_writable
from procx_graph.domain.message import Language
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.evals import EvalReport, SituationSet
    from procx_graph.evals.situations import LabelledSituation
    from procx_graph.tracing.langfuse_tracer import LangfuseTracer

BELOW = 1
"""Exit code when too few decisions agree."""


def eval_situations(
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="SET",
            help="File or folder of labelled situations (TOML). Without it: tests/data/situations "
            "of a checkout; an installed wheel brings none.",
            show_default=False,
        ),
    ] = None,
    model: ModelName = None,
    agents: AgentNames = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="By rules alone, whatever model the settings name.")
    ] = False,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            help="Only customers of this language; may be given several times.",
            show_default=False,
            autocompletion=lambda: [code.value for code in Language],
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            help="Only situations with this tag, e.g. free_text or hostile; with each, when given "
            "several times.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many of them.")
    ] = None,
    json_file: Annotated[
        str | None,
        typer.Option("--json", help="Write the result as JSON to a file, or - for stdout."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Keep the result in this file beside the table: .json to compare with later, or "
            ".csv with a row for each situation.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare", help="Say what changed since this result (JSON).", show_default=False
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="EXPERIMENT",
            help="Of the experiment in Langfuse, which is recorded when its keys are set.",
            show_default="procx eval: SET",
        ),
    ] = None,
    example: Annotated[
        bool,
        typer.Option("--example", help="Print a set of one situation (TOML) to begin with."),
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under",
            min=0,
            max=1,
            metavar="AGREEMENT",
            help="Exit with 1 when a smaller share of the decisions agrees, e.g. 0.9.",
        ),
    ] = None,
) -> None:
    """Judge what the agents decide and write, on situations whose right answer is known.

    This is about decisions and messages. How well the churn risk foretells who leaves is compared
    by procx evaluate.

    Each situation is a made-up customer with a label: the right action, whether a person must look
    and why, the offers that fit, the language and the purpose. The real graph runs on it as a dry
    run, by rules or with a model. Shows agreement, how well cases for a person are found, what
    went wrong, and how messages do by a rubric.

    Examples:

        procx eval --rules

        procx eval --example > mine.toml

        procx eval --model openai:gpt-5-mini --tag free_text --out mini.json

        procx eval my-situations/ --compare mini.json --fail-under 0.9
    """
    from procx_graph.cli import console

    if example:
        from procx_graph.evals.example import EXAMPLE

        sys.stdout.write(EXAMPLE)
        return
    if rules and model not in {None, "none"}:
        raise ConfigError("--rules asks no model: leave out --model, or --rules")
    if json_file == "-" and compare is not None:
        raise ConfigError("--compare is told in words: leave out --json -")
    _require_files(json_file, out)
    from procx_graph.evals import EvalReport, load_situations
    from procx_graph.evals.langfuse_experiment import langfuse_tracer
    from procx_graph.evals.loading import default_set

    earlier = None if compare is None else EvalReport.read(compare)
    found = load_situations(default_set() if place is None else place)
    chosen = found.chosen(languages=language or (), tags=tag or (), limit=limit)
    if not chosen:
        raise ConfigError(f"no situation of {found.name} has {_asked_for(language, tag)}")
    tracer = langfuse_tracer(Settings())
    report = _evaluated(found, chosen, helping_models("none" if rules else model, agents))
    if json_file != "-":
        from procx_graph.cli.show_eval import show_comparison, show_eval

        show_eval(console.out(), report)
        if earlier is not None:
            from procx_graph.evals.compare import compare as compared

            show_comparison(console.out(), compared(earlier, report))
    if tracer is not None:
        _record(report, found, tracer, name or f"procx eval: {found.name}")
    _keep(report, json_file, out)
    share = report.summary.agreement.share or 0.0
    if fail_under is not None and share < fail_under:
        told = f"{share:.1%} of the decisions agree, fewer than {fail_under:.1%}"
        console.err().print(console.cell(told, "red"))
        raise typer.Exit(BELOW)


def _require_files(json_file: str | None, out: Path | None) -> None:
    """Refuse files that could not be written before the work is done."""
    if json_file not in {None, "-"}:
        require_writable(Path(str(json_file)))
    if out is not None:
        if out.suffix not in {".json", ".csv"}:
            raise ConfigError(f"--out {out}: name a file that ends in .json or .csv")
        require_writable(out)


def _asked_for(language: list[str] | None, tag: list[str] | None) -> str:
    told = [f"language {code}" for code in language or ()]
    return " and ".join([*told, *(f"tag {one}" for one in tag or ())]) or "anything"


def _evaluated(
    found: "SituationSet", chosen: "tuple[LabelledSituation, ...]", models: dict[str, Any]
) -> "EvalReport":
    """Evaluate, and move a bar on stderr."""
    from procx_graph.cli import console
    from procx_graph.evals import run_evals

    with console.progress("situations") as bar:
        task = bar.task_ids[0]
        return run_evals(
            found,
            chosen=chosen,
            tell=lambda done: bar.update(task, total=done.of, completed=done.number),
            **models,
        )


def _record(
    report: "EvalReport", found: "SituationSet", tracer: "LangfuseTracer", name: str
) -> None:
    """Record it, and say where; what goes wrong costs the result nothing."""
    from procx_graph.cli import console
    from procx_graph.evals.langfuse_experiment import record
    from procx_graph.tracing import breaker
    from procx_graph.tracing.unsaid import unsaid

    texts, host = found if tracer.content else None, tracer.address.base_url
    try:
        with unsaid(breaker.__name__):  # what it says of runs is none of ours: it is told below
            recorded = record(report, tracer, name=name, situations=texts)
    except Exception as error:  # noqa: BLE001 - an evaluation must not fail for its recording
        told = str(error) if isinstance(error, ConfigError) else type(error).__name__
        style, told = "yellow", f"not recorded in Langfuse: {told}"
    else:
        where = recorded.url or host
        style, told = "", f"recorded in Langfuse as “{recorded.name}”: {where}"
        if recorded.problem is not None:
            style, told = "yellow", f"not recorded in Langfuse: {host} {recorded.problem}"
    console.err().print(console.cell(told, style), soft_wrap=True)


def _keep(report: "EvalReport", json_file: str | None, out: Path | None) -> None:
    text = report.to_json() + "\n"
    if json_file == "-":
        sys.stdout.write(text)
    elif json_file is not None:
        _write(Path(json_file), text)
    if out is not None:
        _write(out, text if out.suffix == ".json" else report.to_frame().to_csv(index=False))


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {target}: {error.strerror}") from error
