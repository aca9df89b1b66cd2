"""`procx events`: what was told, whose it is, and what nobody could be found for."""

import json
from pathlib import Path
from typing import Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import Who, person
from procx_graph.domain.clock import SystemClock
from procx_graph.errors import DataError

app = typer.Typer(
    name="events",
    help="Show what other systems told, and say whose it is.\n\n"
    "Examples:\n\n    procx events list --customer C100042",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.command("list")
def listed(
    store: StorePlace = None,
    customer_id: Annotated[
        str | None, typer.Option("--customer", help="Only those of this customer.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the events received last.

    Examples:

        procx events list --limit 50

        procx events list --customer C100042 --json
    """
    from procx_graph.cli import console
    from procx_graph.store.event_log import EventLog

    with open_store(store, create=False) as opened, opened.reading() as connection:
        found = EventLog(connection).latest(limit=limit, customer_id=customer_id)
    if as_json:
        shown = [one.model_dump(mode="json", exclude={"facts", "receipt_id"}) for one in found]
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = console.table("!When", "!Customer", "!Type", "From", "What")
    for one in found:
        whose = one.customer_id or one.standing.value
        when = f"{one.occurred_at:%Y-%m-%d %H:%M}"
        cells = (when, whose, one.type, one.provider, one.description)
        table.add_row(*map(console.cell, cells))
    console.out().print(table if found else "no event has been received")


@app.command("unmatched")
def unmatched(store: StorePlace = None, as_json: AsJson = False) -> None:
    """Show events whose customer nobody knows, and conflicts where two are named.

    They are tried again when an id, an order or a customer becomes known; `procx events link`
    says whose an id is.

    Example:

        procx events unmatched
    """
    from procx_graph.cli import console
    from procx_graph.events.unmatched import unmatched as parked

    with open_store(store, create=False) as opened:
        found = parked(opened)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    table = console.table("!Since", "Standing", "Why", "Accounts", "What")
    for one in found:
        cells = (
            f"{one.since:%Y-%m-%d %H:%M}",
            one.standing.value,
            one.why,
            "\n".join(one.accounts),
            "\n".join(one.descriptions),
        )
        table.add_row(*map(console.cell, cells))
    console.out().print(table if found else "everything received has found its customer")


@app.command("link")
def link(
    account: Annotated[
        str | None,
        typer.Argument(
            help="Whom a provider means, as provider|account|id: 'stripe||cus_1'.",
            show_default=False,
        ),
    ] = None,
    customer_id: Annotated[
        str | None, typer.Argument(help="Our customer.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="CSV of many, with the columns account and customer_id."),
    ] = None,
    store: StorePlace = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Say whose a provider's id is; what waited for that is settled at once.

    Of a file all ids are linked or, where one line is wrong, none.

    Examples:

        procx events link 'stripe||cus_NffrFeUfNV2Hib' C100042

        procx events link --file aliases.csv
    """
    from procx_graph.cli import console
    from procx_graph.events.unmatched import link_all

    pairs = _pairs(account, customer_id, file)
    actor, now = person(who), SystemClock().now()
    with open_store(store, create=False) as opened:
        changes = link_all(opened, pairs, now=now, who=actor)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in changes], indent=2))
        return
    ids = "1 id" if len(pairs) == 1 else f"{len(pairs):,} ids"
    rows = "1 row" if len(changes) == 1 else f"{len(changes):,} rows"
    console.out().print(f"{ids} linked, {rows} changed")


@app.command("settle")
def settle(store: StorePlace = None) -> None:
    """Work out again what all events change, and whose they are.

    `procx load` does this itself; it is needed after the tables were changed by other means.

    Example:

        procx events settle
    """
    from procx_graph.cli import console
    from procx_graph.events.loading import settle_all

    with open_store(store, create=False) as opened:
        changes = settle_all(opened, now=SystemClock().now())
    console.out().print(f"{len(changes):,} rows changed")


def _pairs(
    account: str | None, customer_id: str | None, file: Path | None
) -> list[tuple[str, str]]:
    if file is None:
        if account is None or customer_id is None:
            raise DataError("say which id and whose it is, or give many with --file")
        return [(account, customer_id)]
    import polars as pl

    try:
        frame = pl.read_csv(file, infer_schema=False).select("account", "customer_id")
    except (OSError, pl.exceptions.PolarsError) as error:
        why = str(error).splitlines()[0]
        raise DataError(f"cannot read {file}: {why}; it needs account and customer_id") from error
    for line, row in enumerate(frame.iter_rows(), start=2):
        if not all(row):
            raise DataError(f"cannot read {file}: line {line} has an empty cell")
    return list(frame.iter_rows())
