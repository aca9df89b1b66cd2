"""`procx review`: one case that an earlier scan left with a person."""

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import (
    AsOf,
    MapFile,
    Now,
    PolicyFile,
    ProfileName,
    ScannedSource,
    chosen_profile,
    clock_of,
    open_base,
)
from procx_graph.cli.own_tables import source_of_cases
from procx_graph.cli.tracing import traced
from procx_graph.errors import ReviewError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.domain.review import ReviewCase
    from procx_graph.report import CustomerResult
    from procx_graph.store import Store


def answer(
    review_id: Annotated[str, typer.Argument(help="Id of the case, from the scan's report.")],
    said: Annotated[
        str | None,
        typer.Argument(
            metavar="[ANSWER]",
            help="approve, edit, reject, dismiss, or guidance such as 'in English'. Without it "
            "the case is shown, and you are asked.",
            show_default=False,
        ),
    ] = None,
    source: ScannedSource = None,
    store: StorePlace = None,
    profile: ProfileName = None,
    policy: PolicyFile = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    now: Now = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Answer a case that an earlier `procx scan --store` left with a person.

    Name the policy that the scan had, and its source unless that was the sample or the store's own
    tables. Nothing is sent.

    Examples:

        procx review rev_0123456789abcdef approve

        procx review rev_0123456789abcdef "in English" --source customers.xlsx --store procx.db
    """
    from procx_graph.cli import console
    from procx_graph.cli.review import Quit, ask, show_case, show_closed
    from procx_graph.monitor import Monitor
    from procx_graph.store import DurableLedger

    with ExitStack() as opened:
        kept = opened.enter_context(open_store(store, create=False))
        case = DurableLedger(kept).case(review_id)
        waiting = _result(kept, case)
        source = source_of_cases(source, kept, store)
        base = open_base(source, mapping=map_file, as_of=as_of, strict=False)
        monitor = opened.enter_context(
            Monitor(
                base,
                profile=chosen_profile(profile),
                policy=policy or Settings().policy,
                clock=clock_of(now, source=source, as_of=as_of, base=base),
                store=kept,
                tracer=opened.enter_context(traced()),
            )
        )
        talk = console.err() if as_json else console.out()
        closed: CustomerResult | Quit | None
        if said is None:
            show_case(talk, waiting)
            closed = ask(talk, monitor, waiting)
        else:
            closed = monitor.resolve(review_id, _worded(said, waiting))
    if closed is None or isinstance(closed, Quit):
        return
    if as_json:
        print(json.dumps(closed.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        show_closed(talk, closed)


def _result(store: "Store", case: "ReviewCase") -> "CustomerResult":
    """Give the result that waits for the answer.

    Raises:
        ReviewError: The case is answered, or no scan of the store made it.
    """
    from procx_graph.report import CustomerResult
    from procx_graph.store import Scans

    if not case.open:
        raise ReviewError(f"review {case.review_id!r} is already answered")
    run = Scans(store).run(case.run_id)
    if run is None or run.result is None:
        raise ReviewError(f"review {case.review_id!r} is of no scan in this store")
    return CustomerResult.model_validate_json(run.result)


def _worded(said: str, result: "CustomerResult") -> str | dict[str, str]:
    """Give an answer with the new text, where it needs one."""
    from procx_graph.cli.review import complete
    from procx_graph.domain.review import Verdict

    if said.strip().lower() != Verdict.EDIT:
        return said
    edited = complete(Verdict.EDIT, result)
    if edited is None:
        raise ReviewError("an edit needs the new text, and there was none")
    return edited
