"""`procx scan`: score everybody and act on those at risk."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Language
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from procx_graph.monitor import CustomerFinished, Monitor
    from procx_graph.report import ScanReport


def scan(
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
) -> None:
    """Score every customer and act on those you are about to lose.

    Shows who is at risk and why, what was decided, the message in the customer's language, who
    waits for a person, and who was skipped and why. Nothing is sent.

    In the winback lane whoever agreed to marketing gets a draft that asks them back, everybody
    else only an answer to a concrete problem. In the retention lane the dormant are left out.

    Examples:

        procx scan

        procx scan customers.xlsx --limit 25 --segment VIP --json report.json

        procx scan --lane winback --limit 25

        procx scan postgresql+psycopg://host/shop --profile procx-seed --dry-run
    """
    from procx_graph.cli import console

    if dry_run and review:
        raise ConfigError("--review needs cases that wait; leave out --dry-run")
    if json_file not in {None, "-"}:
        require_writable(Path(json_file))
    settings = Settings()
    with console.progress("reading") as bar:
        from procx_graph.monitor import Monitor

        base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
        monitor = Monitor(
            base,
            profile=chosen_profile(profile, value),
            policy=policy or settings.policy,
            engine=engine.value,
            clock=clock_of(now, source=source, as_of=as_of, base=base),
        )
        report, stopped = _run(
            monitor,
            bar,
            limit,
            lane=lane,
            min_risk=min_risk,
            min_value=min_value,
            segments=tuple(segment or ()),
            diverse=diverse,
            dry_run=dry_run,
            language=language.value if language else None,
            channel=channel,
            scan_id=scan_id,
        )
    with monitor:
        to_stdout = json_file == "-"
        if not to_stdout:
            remark_on(base, replay=is_sample(source) or as_of is not None)
            from procx_graph.cli.show import show_report

            show_report(console.out(), report, base)
        if review and not stopped:
            from procx_graph.cli.review import review_waiting

            report = review_waiting(console.err() if to_stdout else console.out(), monitor, report)
        elif report.waiting and not dry_run and not to_stdout:
            console.out().print("Answer those who wait with --review, or in Python with resolve().")
    if json_file is not None:
        _write(report, json_file)
    if stopped:
        raise typer.Exit(STOPPED)


def _run(
    monitor: "Monitor", bar: "Progress", limit: int, **options: object
) -> "tuple[ScanReport, bool]":
    """Scan, moving the progress bar; give the report, and whether Ctrl-C stopped it half way."""
    from procx_graph.cli import console
    from procx_graph.monitor import CustomerFinished, ScanStarted

    task = bar.task_ids[0]
    bar.update(task, description="scoring")
    running = monitor.begin(limit, **options)
    try:
        for event in running:
            if isinstance(event, ScanStarted):
                bar.update(task, description="customers", total=event.limit)
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
