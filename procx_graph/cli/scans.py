"""`procx scans`: the scans a store keeps; and what `procx scan` must know of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import DEFAULT, StorePlace, open_store, store_place
from procx_graph.domain.clock import SystemClock
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase
    from procx_graph.store import Store
    from procx_graph.store.scans import ScanSummary

KeptIn = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Keep the scan in this file or database: it can be resumed after a crash, and who "
        "waits for a person can be answered later with procx inbox.",
        show_default="PROCX_STORE_URL, or nothing is kept",
    ),
]


def scans(
    store: StorePlace = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the scans that a store keeps, the latest first.

    A scan is running, stopped (by Ctrl-C or an error), left (its process died), or finished. One
    that was stopped or left goes on with: procx scan --resume SCAN_ID

    Example:

        procx scans --store procx.db
    """
    from procx_graph.cli import console
    from procx_graph.store import Scans

    with open_store(store, create=False) as opened:
        found = [(scan, standing(opened, scan)) for scan in Scans(opened).summaries()]
    if as_json:
        told = [
            scan.model_dump(mode="json", exclude={"holder"}) | {"state": state}
            for scan, state in found
        ]
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    shown = console.table("!Scan", "!Started (UTC)", "Lane", "State", "Results")
    for scan, state in found:
        counts = ", ".join(f"{number} {status}" for status, number in sorted(scan.counts.items()))
        cells = (scan.scan_id, f"{scan.started_at:%Y-%m-%d %H:%M}", scan.lane, state, counts)
        shown.add_row(*(console.cell(cell) for cell in cells))
    console.out().print(shown)


def standing(store: "Store", scan: "ScanSummary") -> str:
    """Give how a scan stands: running, stopped, left or finished."""
    from procx_graph.monitor.store_journal import lease_of
    from procx_graph.store import Leases
    from procx_graph.store.scans import ScanState

    if scan.state is not ScanState.RUNNING:
        return scan.state.value
    live = Leases(store).find(lease_of(scan.scan_id), SystemClock().now())
    return "running" if live else "left"


def store_of_scan(place: str | None, *, resume: bool, dry_run: bool) -> "Store | None":
    """Open the store that a scan is kept in; `None` when it is kept nowhere.

    A dry run reads what is there and makes nothing.

    Raises:
        StoreError: It cannot be opened.
    """
    if place is None and Settings().store_url is None and not resume:
        return None
    if dry_run and not _is_there(place):
        return None
    return open_store(place, create=not (resume or dry_run))


def as_then(base: "CustomerBase", store: "Store", scan_id: str) -> "CustomerBase":
    """Give the base as the scan saw it, where it is the same data looked at from elsewhere.

    Raises:
        StoreError: The store has no such scan.
    """
    from procx_graph.store import Scans

    record = Scans(store).get(scan_id)
    if base.as_of == record.as_of or base.fingerprint != record.fingerprint:
        return base
    return base.at(record.as_of)


def remark_on_unfinished(store: "Store", place: str | None) -> None:
    """Point out on stderr which scan was left unfinished, and how to go on with it."""
    from procx_graph.cli import console
    from procx_graph.store import Scans

    left = [s for s in Scans(store).summaries() if standing(store, s) in {"stopped", "left"}]
    if not left:
        return
    latest, more = left[0], len(left) - 1
    told = f"note: scan {latest.scan_id} was left unfinished; go on with: "
    told += how_to_resume(latest.scan_id, place)
    if more:
        told += f" ({more} more: procx scans)"
    console.err().print(console.cell(told, "yellow"), soft_wrap=True)


def how_to_resume(scan_id: str, place: str | None) -> str:
    """Give the command that goes on with a scan; a URL may hold a password and is left out."""
    return f"procx scan --resume {scan_id}{named(place)}"


def how_to_answer(place: str | None, *, source: str | None, policy: str | None) -> str:
    """Give the command that lists who waits, and that the answers take their options from."""
    told = f"procx inbox list{named(place)}"
    if source not in {None, store_place(place)}:
        told += " --source URL" if "://" in str(source) else f" --source {source}"
    return told + (f" --policy {policy}" if policy else "")


def named(place: str | None) -> str:
    """Give the option that names the store again."""
    if place is None:
        return ""
    return " --store URL" if "://" in place else f" --store {place}"


def _is_there(place: str | None) -> bool:
    setting = Settings().store_url
    chosen = place or (setting.get_secret_value() if setting else DEFAULT)
    return "://" in chosen or Path(chosen).exists()
