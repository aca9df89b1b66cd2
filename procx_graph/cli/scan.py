"""`procx scan`: score everybody and act on those at risk."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.models import AgentNames, MaxCost, MaxTokens, ModelName, helping_models
from procx_graph.cli.options import (
    STOPPED,
    AsOf,
    Engine,
    EngineName,
    MapFile,
    Now,
    PolicyFile,
    ProfileName,
    Segments,
    Source,
    Strict,
    Value,
    chosen_profile,
    clock_of,
    is_sample,
    open_base,
    remark_on,
    require_writable,
)
from procx_graph.cli.own_tables import source_of_scan
from procx_graph.cli.scans import (
    KeptIn,
    as_then,
    how_to_answer,
    how_to_resume,
    remark_on_unfinished,
    store_of_scan,
)
from procx_graph.cli.tracing import traced
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Language
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from procx_graph.monitor import CustomerFinished
    from procx_graph.monitor.running import RunningScan
    from procx_graph.report import ScanReport


_WITH_RESUME = {
    *("source", "profile", "value", "policy", "map_file", "as_of", "engine", "strict"),
    *("json_file", "review", "store", "resume", "model", "agents"),
}
"""Options that say where things are and what to show, not what the scan is."""


def scan(
    context: typer.Context,
    source: Source = None,
    lane: Annotated[
        Lane,
        typer.Option(
            "--lane",
            help="Whom to act on. retention: active customers, by revenue at risk. winback: "
            "dormant ones, who bought nothing for long, by churn risk × lifetime value.",
        ),
    ] = Lane.RETENTION,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many to act on, counted after the gate.")
    ] = 10,
    min_risk: Annotated[
        float | None,
        typer.Option("--min-risk", min=0, max=1, help="Only from this churn risk on, 0 to 1."),
    ] = None,
    min_value: Annotated[
        float | None, typer.Option("--min-value", min=0, help="Only from this lifetime value on.")
    ] = None,
    segment: Segments = None,
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Spread over segments and languages.")
    ] = False,
    profile: ProfileName = None,
    value: Value = None,
    policy: PolicyFile = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    now: Now = None,
    engine: Engine = EngineName.POLARS,
    strict: Strict = False,
    language: Annotated[
        Language | None, typer.Option("--language", help="Write in this language.")
    ] = None,
    channel: Annotated[
        Channel | None, typer.Option("--channel", help="Use this channel where it reaches them.")
    ] = None,
    model: ModelName = None,
    agents: AgentNames = None,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    json_file: Annotated[
        str | None,
        typer.Option("--json", help="Write the report as JSON to a file, or - for stdout."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide and draft, but open no review.")
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Ask here about each case that waits.")
    ] = False,
    scan_id: Annotated[
        str | None,
        typer.Option(
            "--scan-id", help="Name the scan: the same name, data and --now give the same bytes."
        ),
    ] = None,
    store: KeptIn = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="SCAN_ID",
            help="Go on with a scan of the store as it was started, and report on all of it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Score every customer and act on those you are about to lose.

    A scan with --store and without a source reads the tables that were loaded into the store.

    Shows who is at risk and why, what was decided, the message in the customer's language, who
    waits for a person, and who was skipped and why. Nothing is sent.

    In the winback lane whoever agreed to marketing gets a draft that asks them back, everybody
    else only an answer to a concrete problem. In the retention lane the dormant are left out.

    Examples:

        procx scan

        procx scan customers.xlsx --limit 25 --segment VIP --json report.json

        procx scan --lane winback --limit 25

        procx scan postgresql+psycopg://host/shop --profile procx-seed --dry-run

        procx scan customers.xlsx --model openai:gpt-5-mini --max-tokens 50000

        procx scan customers.xlsx --store procx.db

        procx scan customers.xlsx --store procx.db --resume scan-0123456789ab
    """
    from procx_graph.cli import console

    if resume is not None:
        _require_nothing_new(context)
    if dry_run and review:
        raise ConfigError("--review needs cases that wait; leave out --dry-run")
    if json_file not in {None, "-"}:
        require_writable(Path(json_file))
    chosen = {
        "lane": lane, "min_risk": min_risk, "min_value": min_value,
        "segments": tuple(segment or ()), "diverse": diverse, "dry_run": dry_run,
        "language": language.value if language else None, "channel": channel, "scan_id": scan_id,
        "max_tokens": max_tokens, "max_cost": max_cost,
    }  # fmt: skip
    with ExitStack() as opened:
        kept = store_of_scan(store, resume=resume is not None, dry_run=dry_run)
        if kept is not None:
            opened.enter_context(kept)
        with console.progress("reading") as bar:
            from procx_graph.monitor import Monitor

            source = source_of_scan(source, kept, store, resume=resume)
            base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
            if kept is not None and resume is not None:
                base = as_then(base, kept, resume) if as_of is None else base
            elif kept is not None:
                remark_on_unfinished(kept, store)
            monitor = Monitor(
                base,
                profile=chosen_profile(profile, value),
                policy=policy or Settings().policy,
                engine=engine.value,
                clock=clock_of(now, source=source, as_of=as_of, base=base),
                store=kept,
                **helping_models(model, agents),
                tracer=opened.enter_context(traced()),
            )
            opened.enter_context(monitor)
            running = (
                monitor.begin(limit, **chosen) if resume is None else monitor.begin(resume=resume)
            )
            report, stopped = _follow(running, bar)
        to_stdout = json_file == "-"
        durable = kept is not None and not dry_run
        if stopped and durable:
            told = f"go on with: {how_to_resume(report.scan_id, store)}"
            console.err().print(console.cell(told), soft_wrap=True)
        if not to_stdout:
            remark_on(base, replay=is_sample(source) or bool(as_of or now))
            from procx_graph.cli.show import show_report

            show_report(console.out(), report, base)
        if review and not stopped:
            from procx_graph.cli.review import review_waiting

            report = review_waiting(
                console.err() if to_stdout else console.out(), monitor, report, kept=durable
            )
        elif report.waiting and not dry_run and not to_stdout:
            later = f"with: {how_to_answer(store, source=source, policy=policy)}"
            how = later if durable else "with --review, or in Python with resolve()."
            console.out().print(console.cell(f"Answer those who wait {how}"), soft_wrap=True)
    if json_file is not None:
        _write(report, json_file)
    if stopped:
        sys.exit(STOPPED)  # said already


def _require_nothing_new(context: typer.Context) -> None:
    """Refuse options that a resumed scan has from its start."""
    given = sorted(
        f"--{name.replace('_', '-')}"
        for name in context.params.keys() - _WITH_RESUME
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    )
    if given:
        raise ConfigError(f"a scan is resumed as it was started: leave out {', '.join(given)}")


def _follow(running: "RunningScan", bar: "Progress") -> "tuple[ScanReport, bool]":
    """Move the progress bar; give the report, and whether Ctrl-C stopped the scan half way."""
    from procx_graph.cli import console
    from procx_graph.monitor import CustomerFinished, ScanStarted

    if running.note is not None:
        console.err().print(console.cell(f"note: {running.note}", "yellow"), soft_wrap=True)
    task = bar.task_ids[0]
    try:
        for event in running:
            if isinstance(event, ScanStarted):
                bar.update(task, description="customers", total=event.limit, completed=event.done)
            elif isinstance(event, CustomerFinished) and not _is_skipped(event):
                bar.advance(task)
    except KeyboardInterrupt:
        running.stop()
        console.err().print("stopped: this is what was done until then")
        return running.report(), True
    return running.report(), False


def _is_skipped(event: "CustomerFinished") -> bool:
    from procx_graph.report import Status

    return event.result.status is Status.SKIPPED


def _write(report: "ScanReport", target: str) -> None:
    text = report.to_json() + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {target}: {error.strerror}") from error
