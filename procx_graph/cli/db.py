"""`procx db`: the database of a store, brought up to date and looked over."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store, store_place

if TYPE_CHECKING:
    from procx_graph.store.checkup import Checkup

AMISS = 1
"""Exit code when a store is not as this version needs it."""

app = typer.Typer(
    name="db",
    help="The database of a store: bring its tables up to date, and look it over.\n\n"
    "Examples:\n\n    procx db check --store procx.db",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command("upgrade")
def upgrade(store: StorePlace = None) -> None:
    """Bring the tables of a store to what this version of procx_graph works with.

    Commands that write do so by themselves. What a store holds is kept.

    Examples:

        procx db upgrade --store procx.db
    """
    from procx_graph.cli import console
    from procx_graph.store.checkup import look_over

    before = look_over(store_place(store)).revision
    with open_store(store, create=False) as opened:
        name = opened.name
    after = look_over(store_place(store)).revision
    told = f"is at revision {after} already"
    if before != after:
        told = f"brought from revision {before or 'none'} to {after}"
    console.out().print(console.cell(f"{name}: {told}"))


@app.command("check")
def check(
    store: StorePlace = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Tell what a store holds, and whether its tables are current and its file is sound.

    The exit code is 1 when they are not. A SQLite file is read from end to end.

    Examples:

        procx db check --store procx.db

        procx db check --json
    """
    from procx_graph.store.checkup import look_over

    found = look_over(store_place(store))
    if as_json:
        told = found.model_dump(mode="json") | {
            "is_current": found.is_current,
            "is_sound": found.is_sound,
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show(found)
    if not (found.is_current and found.is_sound):
        raise typer.Exit(AMISS)


def _show(found: "Checkup") -> None:
    from procx_graph.cli import console

    out = console.out()
    for damage in found.damages:
        out.print(console.cell(f"damaged: {damage}", "red"))
    if found.damages:
        out.print(console.cell(f"{found.store} is damaged: restore it from a copy"))
        return
    if found.rows:
        shown = console.table("Table", ">Rows", "Live")
        for name, rows in found.rows.items():
            held = "held" if name in found.held else ""
            shown.add_row(console.cell(name), console.cell(f"{rows:,}"), held)
        out.print(shown)
    if found.is_current:
        sound = ", the file is sound" if found.kind == "sqlite" else ""
        out.print(console.cell(f"{found.store}: revision {found.revision}{sound}"))
        return
    state = f"is at revision {found.revision}" if found.revision else "has no tables of procx_graph"
    todo = "run `procx db upgrade --store PLACE`"
    if found.revision and found.revision > found.head:
        todo = "install a newer version"
    out.print(
        console.cell(
            f"{found.store} {state}, and this version works with {found.head}: {todo}", "yellow"
        )
    )
