"""`procx event-driven`: deliveries, what they change, and the scan that sees it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.models import AgentNames, ModelName, helping_models
from procx_graph.cli.options import (
    MapFile,
    PolicyFile,
    ProfileName,
    Source,
    chosen_profile,
    open_base,
)
from procx_graph.cli.tracing import traced
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from procx_graph.base import CustomerBase
    from procx_graph.domain.risk import Score
    from procx_graph.events.settle import Change
    from procx_graph.monitor.replay import Step
    from procx_graph.report import CustomerResult, ScanReport
    from procx_graph.store import Store

_SHOWN = 900
"""Characters of a delivery that are shown."""


def event_driven(
    source: Source = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help="Deliveries, one JSON object on each line. Without it: a written story for a "
            "customer of the base.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            help="Keep everything in this store. Without it: in one that is thrown away.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many the scans act on.")] = 10,
    profile: ProfileName = None,
    policy: PolicyFile = None,
    map_file: MapFile = None,
    model: ModelName = None,
    agents: AgentNames = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print steps and report as JSON.")
    ] = False,
) -> None:
    """Play deliveries of other systems: JSON → description → what changes → the scan that sees it.

    The base is loaded into a store and scored. Then each delivery is taken in as a webhook would
    be, and its customer is scored again. At the end everybody is scanned. Nothing is sent.

    A line of the file is an event such as {"event_type": "payment.failed", "timestamp": …,
    "data": {"customer_id": …}}, or {"provider": "stripe", "headers": {…}, "body": {…}}.

    Examples:

        procx event-driven

        procx event-driven customers.xlsx --file events.jsonl --store procx.db
    """
    from procx_graph.cli import console
    from procx_graph.domain.clock import FixedClock
    from procx_graph.events import load_base
    from procx_graph.monitor import Monitor
    from procx_graph.monitor.history import record
    from procx_graph.monitor.replay import play, read_recorded
    from procx_graph.monitor.story import cast, story
    from procx_graph.outreach.policies import load_policy
    from procx_graph.scoring.engine import score

    out = None if as_json else console.out()
    chosen, rules = chosen_profile(profile), load_policy(policy or Settings().policy)
    recorded = None if file is None else read_recorded(file)
    base = open_base(source, mapping=map_file, as_of=None, strict=False)
    steps: list[Step] = []
    with _place(store) as opened:
        load_base(base, opened, at=base.as_of)
        scores = score(_live(opened, base.as_of), profile=chosen)
        record(scores, opened, at=base.as_of)
        if recorded is None:
            recorded = story(base, base.customer(cast(base, scores, rules, limit=limit)))
        for step in play(recorded, opened, since=base.as_of, profile=chosen):
            steps.append(step)
            if out is not None:
                _show(out, step)
        now = steps[-1].now if steps else base.as_of
        live = _live(opened, now)
        with traced() as tracer, Monitor(
            live, profile=chosen, policy=rules, clock=FixedClock(now),
            **helping_models(model, agents), tracer=tracer,
        ) as monitor:  # fmt: skip
            report = monitor.scan(limit, scan_id="event-driven")
            places = {one: monitor.scores.score(one) for one in _whom(steps)}
    before = {one: scores.score(one).rank for one in _whom(steps)}
    if out is None:
        told = {
            "steps": [step.model_dump(mode="json") for step in steps],
            "report": json.loads(report.to_json()),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _conclude(out, report, before, places)


@contextmanager
def _place(store: str | None) -> "Iterator[Store]":
    from procx_graph.store import Store

    if store is not None:
        with Store.open(store) as opened:
            yield opened
        return
    with TemporaryDirectory() as folder, Store.open(Path(folder, "procx.db")) as opened:
        yield opened


def _live(store: "Store", now: "datetime") -> "CustomerBase":
    from procx_graph.base import CustomerBase

    return CustomerBase.from_url(store.url, as_of=now)


def _whom(steps: "list[Step]") -> list[str]:
    """Give the customers whom the deliveries were about, in order."""
    return list(dict.fromkeys(one.customer_id for step in steps for one in step.rescored))


def _show(out: "Console", step: "Step") -> None:
    """Print a delivery, what it says, what it changed, and what that does to its customer."""
    from procx_graph.cli.console import cell, print_indented

    out.print()
    receipt = step.receipt
    out.rule(cell(f"{step.now:%Y-%m-%d %H:%M} UTC  {receipt.topic}", "bold"), align="left")
    raw = json.dumps(step.raw, ensure_ascii=False, indent=2)
    print_indented(out, cell(raw, "dim", limit=_SHOWN), 2)
    if not receipt.events:
        out.print(cell(f"  {receipt.outcome.value}: {receipt.remark or 'means nothing to us'}"))
    for event in receipt.events:
        whose = event.customer_id or event.standing.value
        out.print(cell(f"  → {whose}: {event.description}"))
    for change in receipt.changes:
        out.print(cell(f"    {_told(change)}", "cyan"))
    for one in step.rescored:
        risk = f"; churn risk {_share(one.churn_risk_before)} → {_share(one.churn_risk)}"
        queue = "; enters the queue" if one.entered else ""
        before = "-" if one.health_before is None else f"{one.health_before:.1f}"
        out.print(
            cell(f"    {one.customer_id}: health {before} → {one.health:.1f}{risk}{queue}", "bold")
        )
        for driver in one.drivers[:2]:
            out.print(cell(f"      {driver.text}", "dim"))


def _told(change: "Change") -> str:
    """Say what became of a row."""
    if change.table == "customer_events":
        return f"customer_events: {change.after.get('event_type', 'changed')}"
    values = (
        f"{name} {_word(change.before[name])} → {_word(value)}"
        if name in change.before
        else f"{name} {_word(value)}"
        for name, value in change.after.items()
        if value is not None or name in change.before
    )
    return f"{change.table}: {'new row, ' if change.made else ''}{', '.join(values)}"


def _conclude(
    out: "Console",
    report: "ScanReport",
    before: dict[str, int | None],
    now: "dict[str, Score]",
) -> None:
    """Print what the scan at the end made of the customers of the deliveries."""
    from procx_graph.cli.console import cell

    counts = report.counts
    out.print()
    out.rule(cell("the next scan", "bold"), align="left")
    out.print(
        f"{counts.scored:,} customers scored, {counts.processed} processed: {counts.drafted} "
        f"drafted, {counts.escalated} wait for a person, {counts.skipped} skipped"
    )
    results = {one.customer_id: one for one in report.results}
    for customer_id, score in now.items():
        place = f"place {before.get(customer_id) or '-'} → {score.rank or '-'} by revenue at risk"
        if score.rank is None:
            place = f"{score.state.value}, so not in the queue"
        result = results.get(customer_id)
        if result is None:
            out.print(cell(f"{customer_id}: {place}; not reached by this scan"))
            continue
        end = f"{result.status.value}, {result.reason}"
        out.print(cell(f"{customer_id}: {place}; {end}", "bold"))
        _message(out, result)


def _message(out: "Console", result: "CustomerResult") -> None:
    from procx_graph.cli.console import print_indented
    from procx_graph.cli.show import message_text

    if result.message is not None:
        print_indented(out, message_text(result.message), 4)


def _word(value: object) -> str:
    return "-" if value is None else str(value)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
