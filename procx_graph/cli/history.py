"""`procx history`: what a customer scored over time, and what changed; filling the history."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.domain.clock import SystemClock
from procx_graph.errors import ConfigError, StoreError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from procx_graph.base import CustomerBase
    from procx_graph.domain.profile import Profile
    from procx_graph.scoring.scores import Scores
    from procx_graph.store import ScoreHistory, Store

DEFAULT = "procx.db"
"""The store of commands that are told of none, in the current folder."""
CHANGES = (30, 90)
"""Days over which changes are told."""
_KINDS = {
    "entered_queue": "entered the queue",
    "left_queue": "left the queue",
    "risk_rose": "risk rose",
    "health_fell": "health fell",
    "level_rose": "level rose",
    "level_fell": "level fell",
}

LISTED = 50
"""Alerts on the terminal."""
StorePlace = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="File or database URL of the store.",
        show_default=f"PROCX_STORE_URL or {DEFAULT}",
    ),
]


def history(
    customer_id: Annotated[
        str | None, typer.Argument(help="Id of the customer.", show_default=False)
    ] = None,
    store: StorePlace = None,
    alerts: Annotated[
        bool, typer.Option("--alerts", help="Tell what changed since the scoring before.")
    ] = False,
    capacity: Annotated[
        str,
        typer.Option(
            "--capacity",
            help="Size of the queue: a share of the active customers such as 0.1, or a number "
            "of customers such as 50.",
        ),
    ] = "0.1",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what a customer scored over time, or what changed for everybody.

    The history is filled by: procx score --history weekly --since 2025-01-01

    Examples:

        procx history C100042

        procx history --alerts --capacity 50
    """
    from procx_graph.store import ScoreHistory

    if (customer_id is None) is not alerts:
        raise ConfigError("name one customer, or ask for --alerts")
    size = _capacity(capacity)
    with open_store(store, create=False) as opened:
        kept = ScoreHistory(opened)
        if customer_id is None:
            _tell_alerts(kept, size, as_json=as_json)
        else:
            _tell_customer(kept, customer_id, as_json=as_json)


def store_place(place: str | None) -> str:
    """Give the store a command names: the option, else PROCX_STORE_URL, else the default file.

    Raises:
        ConfigError: The option is empty.
    """
    if place == "":
        raise ConfigError("the store is empty: name a file such as procx.db, or a database URL")
    setting = Settings().store_url
    return place or (setting.get_secret_value() if setting else DEFAULT)


def open_store(place: str | None, *, create: bool, migrate: bool = True) -> "Store":
    """Open the store a command names, and say which when it names none."""
    from procx_graph.cli import console
    from procx_graph.store import Store

    opened = Store.open(store_place(place), create=create, migrate=migrate)
    if place is None:
        told = "PROCX_STORE_URL" if Settings().store_url else "in this folder"
        console.err().print(console.cell(f"store: {opened.name} ({told})", "dim"))
    return opened


def require_store(place: str) -> None:
    """Open and close the store, so that what is wrong with it is told before the work.

    Raises:
        StoreError: It cannot be opened.
    """
    open_store(place, create=True).close()


def keep(scores: "Scores", place: str) -> None:
    """Record the scores of a base in the store."""
    from procx_graph.cli import console
    from procx_graph.monitor.history import record

    with open_store(place, create=True) as store:
        number = record(scores, store, at=SystemClock().now())
        told = "there already" if number is None else f"recorded as scoring {number}"
        console.out().print(console.cell(f"{store.name}: {told}", "dim"))


def fill(
    base: "CustomerBase",
    place: str | None,
    *,
    profile: "Profile",
    every: str,
    since: str,
    engine: Any,
    dry_run: bool,
) -> None:
    """Score the past of a base into the store, or only list the moments."""
    from procx_graph.cli import console
    from procx_graph.monitor.history import backfill, moments

    cadence = int(every) if every.isdecimal() else every
    planned = moments(base, since=since, every=cadence)
    out = console.out()
    if dry_run:
        for moment in planned:
            out.print(f"{moment:%Y-%m-%d %H:%M}")
        out.print(f"{len(planned):,} moments to score; nothing was done")
        return
    with open_store(place, create=True) as store, console.progress("scoring the past") as bar:

        def advance(done: int, of: int, moment: "datetime") -> None:
            task = bar.task_ids[0]
            bar.update(
                task, completed=done, total=of, description=f"scoring the past {moment:%Y-%m-%d}"
            )

        came = backfill(
            base, store, profile=profile, since=since, every=cadence, engine=engine,
            at=SystemClock().now(), on_progress=advance,
        )  # fmt: skip
    told = f"{len(came.recorded):,} moments recorded in {store.name}"
    told += f", {len(came.skipped):,} were there already" if came.skipped else ""
    told += f", {len(came.empty):,} without customers" if came.empty else ""
    out.print(console.cell(f"{told}; from {planned[0]:%Y-%m-%d} to {planned[-1]:%Y-%m-%d}"))


def _capacity(text: str) -> float:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError as error:
        raise ConfigError(
            f"--capacity {text!r} is neither a share such as 0.1 nor a number of customers"
        ) from error


def _tell_customer(kept: "ScoreHistory", customer_id: str, *, as_json: bool) -> None:
    from procx_graph.cli.show_history import show_changes, show_moments, show_trend
    from procx_graph.store.changes import deltas

    found = kept.of(customer_id)
    if found.is_empty():
        raise StoreError(f"the store {kept.store.name} has no score of customer {customer_id!r}")
    since = {days: deltas(found, days).tail(1).row(0, named=True) for days in CHANGES}
    line = kept.trend(customer_id)
    if as_json:
        told = {
            "customer_id": customer_id,
            "store": kept.store.name,
            "moments": found.to_dicts(),
            "changes": {str(days): change for days, change in since.items()},
            "trend": line.model_dump(mode="json"),
        }
        _print_json(told)
        return
    show_moments(found, deltas(found, 0))
    show_changes(since)
    show_trend(line.health_per_30_days, line.log_odds_per_30_days)


def _tell_alerts(kept: "ScoreHistory", capacity: float, *, as_json: bool) -> None:
    from procx_graph.cli import console

    found = kept.alerts(capacity=capacity)
    if as_json:
        _print_json(found.to_dicts())
        return
    out = console.out()
    if found.is_empty():
        out.print("nothing to tell: too little is recorded, or nothing changed enough")
        return
    first = found.row(0, named=True)
    out.print(
        console.cell(
            f"new on {first['as_of']:%Y-%m-%d %H:%M} UTC (scoring {first['scoring_id']}); "
            "jumps of risk and health are told against a month before",
            "dim",
        )
    )
    shown = console.table("Customer", "What", ">Before", ">Now", "Since")
    for row in found.head(LISTED).iter_rows(named=True):
        sides = (_amount(row["kind"], row[side]) for side in ("before", "now"))
        shown.add_row(
            console.cell(row["customer_id"]),
            _KINDS[row["kind"]],
            *(console.cell(x) for x in sides),
            f"{row['since']:%Y-%m-%d}",
        )
    out.print(shown)
    if len(found) > LISTED:
        out.print(f"and {len(found) - LISTED:,} more; --json tells all")


def _amount(kind: str, value: float | None) -> str:
    """Write what an alert counts as its kind does."""
    from procx_graph.domain.risk import RiskLevel

    if value is None:
        return "-"
    if kind.startswith("level"):
        return list(RiskLevel)[int(value)].value
    if kind.startswith("health"):
        return f"{value:.0f}"
    return f"top {value:.1%}" if kind.endswith("queue") else f"{value:.0%}"


def _print_json(told: object) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
