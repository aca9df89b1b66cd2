"""`procx load`: bringing a base into a store, where events keep it up to date."""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store, store_place
from procx_graph.cli.options import AsOf, MapFile, Source, Strict, named_source, open_base
from procx_graph.domain.clock import SystemClock
from procx_graph.errors import ConfigError

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase
    from procx_graph.store.loading import StoreLoad


def load(
    source: Source = None,
    store: StorePlace = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    strict: Strict = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Load customer tables into a store, which is then a source like any other.

    The same load again changes nothing, and data of an earlier moment never replaces later data. A
    store that is not there is made. A load that is stopped leaves the store as it was. What events
    told of the customers since holds on.

    Examples:

        procx load customers.xlsx --store procx.db

        procx load exports/ --map ours.toml --store procx.db --dry-run

        procx scan procx.db
    """
    _require_two_places(source, store)
    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    with ExitStack() as gone:
        place = _empty_one(gone, store) if dry_run else store
        loaded = _load(base, place, dry_run=dry_run)
    if as_json:
        print(json.dumps(loaded.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    _show(loaded)


def _require_two_places(source: str | None, store: str | None) -> None:
    """Refuse to load a store into itself: what events made would be taken for loaded.

    Raises:
        ConfigError: The source is the store.
        StoreError: The store cannot be there.
    """
    from procx_graph.store.address import read_address

    given, url = str(named_source(source)), read_address(store_place(store))
    if "://" not in given:
        given = f"sqlite:///{given}"
    if _same_place(given, url.render_as_string(hide_password=False)):
        raise ConfigError("the source is the store itself: name the data that it is filled from")


def _same_place(one: str, other: str) -> bool:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        urls = [make_url(text) for text in (one, other)]
    except (ArgumentError, ValueError):
        return False
    if {url.get_backend_name() for url in urls} == {"sqlite"}:
        files = [Path(str(url.database)).resolve() for url in urls]
        return files[0] == files[1]
    places = [(url.get_backend_name(), url.host, url.port, url.database, url.query) for url in urls]
    return places[0] == places[1]


def _empty_one(gone: ExitStack, place: str | None) -> str | None:
    """Give another, empty place for a dry run into a SQLite store that is not there yet."""
    from procx_graph.store import Store
    from procx_graph.store.address import read_address

    url = read_address(store_place(place))
    if url.get_backend_name() != "sqlite" or Path(str(url.database)).exists():
        return place
    folder = gone.enter_context(TemporaryDirectory())
    other = str(Path(folder, Path(str(url.database)).name))
    Store.open(other).close()
    return other


def _load(base: "CustomerBase", place: str | None, *, dry_run: bool) -> "StoreLoad":
    from procx_graph.cli import console
    from procx_graph.events import load_base

    with (
        open_store(place, create=not dry_run, migrate=not dry_run) as store,
        console.progress("loading") as bar,
    ):

        def advance(name: str, done: int, of: int) -> None:
            bar.update(bar.task_ids[0], completed=done, total=of, description=f"loading {name}")

        return load_base(base, store, at=SystemClock().now(), dry_run=dry_run, on_progress=advance)


def _show(loaded: "StoreLoad") -> None:
    from procx_graph.cli import console

    out = console.out()
    deed = "loaded into" if loaded.kept else "would go into"
    told = f"{loaded.source} as of {loaded.as_of:%Y-%m-%d %H:%M} UTC {deed} {loaded.store}"
    out.print(console.cell(told if loaded.kept else f"{told}; nothing was done"))
    shown = console.table(
        "Table", ">Rows", ">New", ">Changed", ">Unchanged", ">Older", ">Removed", ">Set aside"
    )
    for table in loaded.tables:
        counts = (
            table.rows,
            table.new,
            table.changed,
            table.unchanged,
            table.older,
            table.removed,
            table.set_aside,
        )
        shown.add_row(
            console.cell(table.name), *(console.cell(f"{n:,}" if n else "-") for n in counts)
        )
    out.print(shown)
    if older := sum(table.older for table in loaded.tables):
        out.print(
            console.cell(f"{older:,} rows stay as they are: the store has them from later data")
        )
