"""`procx watch`: scans of a live store on a schedule."""

import json
import re
import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.models import AgentNames, MaxCost, MaxTokens, ModelName, helping_models
from procx_graph.cli.options import PolicyFile, ProfileName, chosen_profile
from procx_graph.cli.tracing import traced
from procx_graph.domain.clock import SystemClock
from procx_graph.domain.lane import Lane
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.monitor.rescoring import Listener, Rescored
    from procx_graph.report import ScanReport

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})([smhd])")


def read_span(text: str) -> timedelta:
    """Read a span of time such as 30s, 5m, 2h or 1d.

    Raises:
        ConfigError: It is none, or 0.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise ConfigError(f"a span of time is written 30s, 5m, 2h or 1d, not {text!r}")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def watch(
    store: StorePlace = None,
    every: Annotated[
        str, typer.Option("--every", help="From one scan to the next: 30s, 5m, 2h, 1d.")
    ] = "5m",
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many to act on in each scan.")
    ] = 10,
    lane: Annotated[Lane, typer.Option("--lane", help="Whom to act on.")] = Lane.RETENTION,
    scans: Annotated[
        int | None, typer.Option("--scans", min=1, help="End after so many scans.")
    ] = None,
    profile: ProfileName = None,
    policy: PolicyFile = None,
    model: ModelName = None,
    agents: AgentNames = None,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each report as a line of JSON.")
    ] = False,
) -> None:
    """Scan a live store (see procx load) every few minutes, until stopped (Ctrl-C or SIGTERM).

    Whom a scan did something for rests for the policy's cooldown, unless something happens to them.
    Between scans, customers to whom something happened are scored again at once. Only one process
    watches a store at a time; another one waits until it ends. Nothing is sent.

    Examples:

        procx watch --store procx.db --every 5m

        procx watch --store postgresql+psycopg://host/shop --every 1h --limit 50 --json
    """
    from procx_graph.base import CustomerBase
    from procx_graph.cli import console
    from procx_graph.monitor import Monitor

    span, stop = read_span(every), threading.Event()
    clock = SystemClock()
    with open_store(store, create=False) as opened, traced() as tracer:
        monitor = Monitor(
            CustomerBase.from_url(opened.url, as_of=clock.now()),
            store=opened,
            profile=chosen_profile(profile),
            policy=policy or Settings().policy,
            clock=clock,
            **helping_models(model, agents),
            tracer=tracer,
        )
        stop_on_signals(stop)
        with monitor:
            reports = monitor.watch(
                span, limit=limit, stop=stop, on_at_risk=_at_risk(as_json), lane=lane,
                max_tokens=max_tokens, max_cost=max_cost,
            )  # fmt: skip
            for number, report in enumerate(reports, start=1):
                _tell(report, as_json)
                if scans is not None and number >= scans:
                    stop.set()
    if scans is None:
        console.err().print("stopped")


def stop_on_signals(stop: threading.Event) -> None:
    """Let Ctrl-C and SIGTERM end the work after what is under way."""

    def end(*_: object) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)


def _at_risk(as_json: bool) -> "Listener":
    from procx_graph.cli import console

    def tell(one: "Rescored") -> None:
        if as_json:
            told = {"event": "customer.at_risk", "customer": one.model_dump(mode="json")}
            print(json.dumps(told, ensure_ascii=False), flush=True)
            return
        risk = "-" if one.churn_risk is None else f"{one.churn_risk:.0%}"
        why = next((driver.text for driver in one.drivers), "")
        line = f"customer.at_risk {one.customer_id}: risk {risk}; {why}"
        console.out().print(console.cell(line, "yellow"))

    return tell


def _tell(report: "ScanReport", as_json: bool) -> None:
    from procx_graph.cli import console

    if as_json:
        told = {"event": "scan", "report": json.loads(report.to_json())}
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return
    out, counts = console.out(), report.counts
    out.print(
        console.cell(
            f"{report.as_of:%Y-%m-%d %H:%M:%S} UTC  {report.scan_id}: {counts.scored:,} scored, "
            f"{counts.drafted} drafted, {counts.escalated} escalated, {counts.skipped} skipped, "
            f"{counts.failed} failed",
            "bold",
        )
    )
    for result in report.results:
        if result.status.value != "skipped":
            out.print(
                console.cell(f"  {result.customer_id}  {result.status.value}  {result.reason}")
            )
    for remark in report.remarks:
        out.print(console.cell(f"  {remark}", "dim"), soft_wrap=True)
