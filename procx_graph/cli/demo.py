"""`procx demo`: five written scenarios through the whole graph."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.cli.models import AgentNames, ModelName, helping_models
from procx_graph.cli.options import (
    AsOf,
    MapFile,
    Now,
    PolicyFile,
    ProfileName,
    Source,
    clock_of,
    open_base,
)
from procx_graph.cli.tracing import traced
from procx_graph.errors import DataError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from procx_graph.monitor import Monitor
    from procx_graph.monitor.demo import Scenario
    from procx_graph.report import CustomerResult, ScanReport


def demo(
    source: Source = None,
    count: Annotated[
        int, typer.Option("--count", min=1, max=5, help="How many of the five to play.")
    ] = 5,
    profile: ProfileName = None,
    policy: PolicyFile = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    now: Now = None,
    model: ModelName = None,
    agents: AgentNames = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Play written scenarios with real customers of the base, agent by agent.

    A VIP's complaint, a loyal customer's late order, a newcomer's question, a valuable customer
    about to leave, and praise. Nothing is sent.

    Example:

        procx demo --count 2
    """
    from procx_graph.cli import console
    from procx_graph.cli.console import cell
    from procx_graph.cli.show import show_remarks
    from procx_graph.monitor import Monitor
    from procx_graph.monitor.demo import SCENARIOS

    settings = Settings()
    base = open_base(source, mapping=map_file, as_of=as_of, strict=False)
    out, reports = console.out(), []
    with (
        traced() as tracer,
        Monitor(
            base,
            profile=profile or settings.profile,
            policy=policy or settings.policy,
            clock=clock_of(now, source=source, as_of=as_of, base=base),
            **helping_models(model, agents),
            tracer=tracer,
        ) as monitor,
    ):
        cast, left_out = _cast(monitor, SCENARIOS[:count])
        if not cast:
            raise DataError(f"{left_out[0]}; it takes consenting, active customers")
        for remark in left_out:
            console.err().print(cell(f"left out: {remark}", "yellow"))
        for scenario, customer_id in cast:
            report = _play(None if as_json else out, monitor, scenario, customer_id)
            reports.append((scenario.name, report))
    if as_json:
        told = [
            {"scenario": name, "result": report.results[0].model_dump(mode="json")}
            for name, report in reports
        ]
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        show_remarks(out, _together([report for _, report in reports]))


def _together(reports: "Sequence[ScanReport]") -> "ScanReport":
    """Give one report with the results, the use of models and the notes of all."""
    used = [report.usage for report in reports if report.usage is not None]
    notes = dict.fromkeys(note for report in reports for note in report.notes)
    return reports[0].model_copy(
        update={
            "results": tuple(result for report in reports for result in report.results),
            "usage": sum(used[1:], used[0]) if used else None,
            "notes": tuple(notes),
        }
    )


def _cast(
    monitor: "Monitor", scenarios: "Sequence[Scenario]"
) -> "tuple[list[tuple[Scenario, str]], list[str]]":
    """Give each scenario a customer of its own, and why some have none."""
    from procx_graph.monitor.demo import pick_customer

    cast: list[tuple[Scenario, str]] = []
    left_out = []
    for scenario in scenarios:
        try:
            cast.append((scenario, pick_customer(monitor, scenario, {name for _, name in cast})))
        except DataError as error:
            left_out.append(str(error))
    return cast, left_out


def _play(
    out: "Console | None", monitor: "Monitor", scenario: "Scenario", customer_id: str
) -> "ScanReport":
    """Run one scenario and tell what each agent gives as it comes."""
    from procx_graph.cli.console import cell
    from procx_graph.monitor import AgentFinished

    if out is not None:
        customer = monitor.base.customer(customer_id)
        out.print()
        out.rule(cell(scenario.name, "bold"), align="left")
        out.print(
            cell(f"{customer_id}, {customer.segment}, language {customer.language}: ").append(
                f"“{scenario.event.description}”", style="italic"
            )
        )
    running = monitor.process(
        customer_id,
        event=scenario.event.model_dump(mode="json"),
        scan_id=f"demo-{scenario.name}",
    )
    for event in running:
        if out is not None and isinstance(event, AgentFinished):
            _show_agent(out, event.agent, _tell(event.agent, event.update))
    report = running.report()
    if out is not None:
        _conclude(out, report.results[0])
    return report


def _show_agent(out: "Console", agent: str, lines: list[str]) -> None:
    """Print an agent's name and, beside it, what it found."""
    from rich.table import Table

    from procx_graph.cli.console import cell

    grid = Table.grid(padding=(0, 1), pad_edge=False)
    grid.add_column(width=12)
    grid.add_column(overflow="fold")
    for number, line in enumerate(lines):
        grid.add_row(cell("" if number else f"  {agent}", "bold cyan"), cell(line))
    out.print(grid)


def _tell(agent: str, update: dict[str, Any]) -> list[str]:
    """Say in a line or two what an agent found."""
    if agent == "context":
        situation = update["situation"]
        return [
            f"{situation['kind']}, {situation['sentiment']}, urgency {situation['urgency']} of 5",
            situation["summary"],
        ]
    if agent == "pattern":
        pattern = update["pattern"]
        risk = pattern["churn_risk"]
        told = [
            f"{pattern['name']}; churn risk {'unknown' if risk is None else f'{risk:.0%}'}, "
            f"spending {pattern['trend']}, {len(pattern['similar'])} similar customers"
        ]
        if pattern["resolutions"]:
            told.append(f"what helped before: {pattern['resolutions'][0]['resolution']}")
        return told
    if agent == "decision":
        decision = update["decision"]
        via = decision["channel"] or "no channel"
        told = [f"{decision['action']}, priority {decision['priority']}, {via}"]
        told += [f"to a person, {r['code']}: {r['text']}" for r in decision["reasons"]]
        return told
    if agent == "escalation" and "packet" in update:
        packet = update["packet"]
        due = packet["sla_due"][:16].replace("T", " ")
        return [f"{packet['team']}, due {due} UTC; {packet['recommended']}"]
    message = update.get("message")
    if message is None:
        return ["no message"]
    found = ", ".join(f["code"] for f in message["findings"]) or "none"
    return [f"{message['language']}, {message['tone']}, {message['purpose']}; findings: {found}"]


def _conclude(out: "Console", result: "CustomerResult") -> None:
    from procx_graph.cli.console import cell, print_indented
    from procx_graph.cli.show import message_text

    waits = f" as {result.review.review_id}" if result.review else ""
    out.print(cell(f"  {'→':<11}{result.status.value}{waits}", "bold"))
    if result.message is not None:
        print_indented(out, message_text(result.message), 13)
