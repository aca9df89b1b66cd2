"""`procx outcome`: what became of what was done for a customer."""

import json
from datetime import time
from typing import Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import Who, moment_of, person
from procx_graph.domain.clock import SystemClock
from procx_graph.domain.outcome import OutcomeKind


def outcome(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Whom it is about.")],
    kind: Annotated[OutcomeKind, typer.Argument(metavar="KIND", help="What came about.")],
    value: Annotated[
        float | None,
        typer.Option("--value", help="1 to 5 for csat, 1 or 0 for retained_…; else 0 is no."),
    ] = None,
    run_id: Annotated[
        str | None,
        typer.Option(
            "--run", help="The run that it is about; without it, it counts for no trigger."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="When it came about.", show_default="now")
    ] = None,
    who: Who = None,
    note: Annotated[str | None, typer.Option("--note", help="Anything else.")] = None,
    store: StorePlace = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Keep what became of what was done for a customer; the same word twice counts once.

    `procx report` shows what comes of them all.

    Examples:

        procx outcome C100042 replied --run scan-0123456789ab:C100042

        procx outcome C100042 csat --value 4 --as survey --at 2025-10-12
    """
    from procx_graph.cli import console
    from procx_graph.cli.tracing import traced
    from procx_graph.outcomes import record_outcome

    moment = moment_of("--at", at, time()) or SystemClock().now()
    with open_store(store, create=False) as opened, traced() as tracer:
        kept = record_outcome(
            opened, customer_id, kind, at=moment, run_id=run_id, value=value,
            source=person(who), note=note, tracer=tracer,
        )  # fmt: skip
    if as_json:
        print(json.dumps(kept.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    told = f"{kept.customer_id}: {kept.kind.value} kept as {kept.outcome_id}"
    console.out().print(console.cell(told))
