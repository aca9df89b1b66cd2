"""`procx inbox`: what waits for people, and their answers."""

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.casework.clock import Lateness
from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import (
    AsOf,
    MapFile,
    Now,
    PolicyFile,
    ProfileName,
    ScannedSource,
    Who,
    chosen_profile,
    clock_of,
    open_base,
    person,
)
from procx_graph.cli.own_tables import source_of_cases
from procx_graph.cli.tracing import traced
from procx_graph.errors import ReviewError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.domain.case import Case, CaseStep
    from procx_graph.monitor import Reviews
    from procx_graph.monitor.reviews import CaseFile, InboxItem
    from procx_graph.report import CustomerResult

app = typer.Typer(
    name="inbox",
    help="See what waits for people, share it out, and answer it.\n\n"
    "A case is open, assigned, in_progress, waiting_customer, then resolved or cancelled, and "
    "closed. Its clock runs in the team's business hours; `procx watch` and `procx inbox tick` "
    "warn of cases that run late and move overdue ones to the next level.\n\n"
    "Name the policy that the scan had, and its source unless that was the sample or the store's "
    "own tables.\n\n"
    "Examples:\n\n    procx inbox list --team 'CX Tier 2'\n\n"
    "    procx inbox take rev_0123456789abcdef\n\n    procx inbox approve rev_0123456789abcdef",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

_WHERE = {
    "source": ScannedSource,
    "store": StorePlace,
    "policy": PolicyFile,
    "profile": ProfileName,
    "map_file": MapFile,
    "as_of": AsOf,
    "now": Now,
}
"""Options of every command, by name."""
Id = Annotated[str, typer.Argument(metavar="REVIEW", help="Id of the case: rev_…")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Version = Annotated[
    int | None,
    typer.Option("--version", help="Only if the case is still at this version.", min=1),
]
_COLOURS = {
    Lateness.PAUSED: "dim",
    Lateness.IN_TIME: "green",
    Lateness.SOON: "yellow",
    Lateness.URGENT: "dark_orange",
    Lateness.OVERDUE: "bold red",
}


def _command(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command out of a function of an inbox, with the options that say which inbox."""

    def made(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def command(**given: Any) -> None:
            where = {option: given.pop(option) for option in _WHERE}
            with _opened(**where) as reviews:
                work(reviews, **given)

        own = [one for one in inspect.signature(work).parameters.values() if one.name != "reviews"]
        options = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for option, kind in _WHERE.items()
        ]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + options
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        del command.__dict__["__wrapped__"]
        return app.command(name)(command)

    return made


@contextmanager
def _opened(
    *,
    source: str | None,
    store: str | None,
    policy: str | None,
    profile: str | None,
    map_file: Path | None,
    as_of: str | None,
    now: str | None,
) -> "Iterator[Reviews]":
    from procx_graph.monitor import Monitor, Reviews

    with ExitStack() as opened:
        kept = opened.enter_context(open_store(store, create=False))
        source = source_of_cases(source, kept, store)
        base = open_base(source, mapping=map_file, as_of=as_of, strict=False)
        monitor = Monitor(
            base,
            profile=chosen_profile(profile),
            policy=policy or Settings().policy,
            clock=clock_of(now, source=source, as_of=as_of, base=base),
            store=kept,
            tracer=opened.enter_context(traced()),
        )
        yield Reviews(opened.enter_context(monitor))


@_command("list")
def listed(
    reviews: "Reviews",
    team: Annotated[str | None, typer.Option("--team", help="Only of this team.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that I have.")] = False,
    free: Annotated[bool, typer.Option("--free", help="Only those that nobody has.")] = False,
    standing: Annotated[
        Lateness | None, typer.Option("--standing", help="Only those that stand so.")
    ] = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """List what waits, by when it is due.

    Examples:

        procx inbox list --mine

        procx inbox list --standing overdue --json
    """
    from procx_graph.cli import console

    owner = "" if free else person(who) if mine else None
    found = reviews.waiting(team=team, assignee=owner, lateness=standing)
    if as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    wide = console.is_wide()
    more = ("State", "!Due (UTC)") if wide else ()
    table = console.table("!Review", "!Customer", "!Why", "Team", "Who", *more, "Standing")
    for one in found:
        case, colour = one.case, _COLOURS[one.lateness]
        cells = [
            console.cell(case.review_id),
            console.cell(case.customer_id),
            console.cell(f"{one.reason} · {case.priority.value}" if wide else one.reason),
            console.cell(f"{case.team} (level {case.level})" if wide else case.team),
            console.cell(case.assignee or "nobody"),
            console.cell(_standing(one, reviews.now), colour),
        ]
        if wide:
            due = f"{case.due_at:%Y-%m-%d %H:%M}"
            cells[-1:-1] = [console.cell(case.state.value.replace("_", " ")), console.cell(due)]
        table.add_row(*cells)
    console.out().print(table if found else "nothing waits")


@_command("show")
def show(
    reviews: "Reviews",
    review_id: Id,
    as_json: AsJson = False,
) -> None:
    """Show a case: the packet, the draft, and everything that was done.

    Example:

        procx inbox show rev_0123456789abcdef
    """
    file = reviews.show(review_id)
    result = None if as_json else _result(reviews, file)
    if as_json:
        print(json.dumps(file.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    _print_file(file, result)


@_command("take")
def take(
    reviews: "Reviews",
    review_id: Id,
    who: Who = None,
    version: Version = None,
) -> None:
    """Begin to work on a case that nobody else has.

    Example:

        procx inbox take rev_0123456789abcdef --as asha
    """
    _print_case(reviews.take(review_id, person(who), version=version))


@_command("assign")
def assign(
    reviews: "Reviews",
    review_id: Annotated[
        str | None,
        typer.Argument(metavar="REVIEW", help="Id of the case.", show_default=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Who is to do it.", show_default="whoever suits best"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every case that nobody has.")] = False,
    who: Who = None,
    version: Version = None,
) -> None:
    """Give a case to somebody, or to whoever of its team suits best.

    Who suits is read from the source's agent_profiles: team, language, seniority, load.

    Examples:

        procx inbox assign rev_0123456789abcdef --to agent_004

        procx inbox assign --all
    """
    if everything == (review_id is not None):
        raise ReviewError("name one case, or say --all")
    if review_id is None:
        given = reviews.distribute(by=person(who))
        for case in given:
            _print_case(case)
        if not given:
            typer.echo("nothing to assign, or nobody to assign it to")
        return
    _print_case(reviews.assign(review_id, to, by=person(who), version=version))


@_command("release")
def release(
    reviews: "Reviews",
    review_id: Id,
    who: Who = None,
    version: Version = None,
) -> None:
    """Give a case back, so that others can take it."""
    _print_case(reviews.release(review_id, person(who), version=version))


@_command("wait")
def wait(
    reviews: "Reviews",
    review_id: Id,
    who: Who = None,
    version: Version = None,
) -> None:
    """Note that the customer was asked: the clock stands still."""
    _print_case(reviews.wait(review_id, person(who), version=version))


@_command("resume")
def resume(
    reviews: "Reviews",
    review_id: Id,
    who: Who = None,
    version: Version = None,
) -> None:
    """Note that the customer answered: the clock runs again."""
    _print_case(reviews.go_on(review_id, person(who), version=version))


@_command("close")
def close(
    reviews: "Reviews",
    review_id: Id,
    who: Who = None,
    version: Version = None,
) -> None:
    """Note that nothing is left to do about a case that was answered."""
    _print_case(reviews.close(review_id, person(who), version=version))


Why = Annotated[str | None, typer.Option("--why", help="The reason, for the record.")]


@_command("approve")
def approve(
    reviews: "Reviews",
    review_id: Id,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Use the draft as it is.

    Gate and checks look at it once more; where they refuse, nothing is changed.

    Example:

        procx inbox approve rev_0123456789abcdef --as asha
    """
    _print_closed(reviews.approve(review_id, person(who), note=why), as_json=as_json)


@_command("edit")
def edit(
    reviews: "Reviews",
    review_id: Id,
    text: Annotated[
        str | None,
        typer.Option("--text", help="The new text.", show_default="asked for in $EDITOR"),
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="A new subject.")] = None,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Use another text, written in $VISUAL or $EDITOR; gate and checks read it too.

    Example:

        EDITOR=vim procx inbox edit rev_0123456789abcdef
    """
    from procx_graph.cli.review import edited

    if text is None:
        file = reviews.show(review_id)
        draft = file.review.packet.draft if file.review.packet else file.review.draft
        text = edited(draft.body if draft else "").strip()
    if not text.strip():
        raise ReviewError("an edit needs the new text, and there was none")
    done = reviews.edit(review_id, person(who), text, subject=subject, note=why)
    _print_closed(done, as_json=as_json)


@_command("respond")
def respond(
    reviews: "Reviews",
    review_id: Id,
    guidance: Annotated[str, typer.Argument(help="Such as 'in Hindi, warmer, no offer'.")],
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Have the draft written again as you say: tone, channel, language, no offer.

    Example:

        procx inbox respond rev_0123456789abcdef "in English, formal"
    """
    _print_closed(reviews.respond(review_id, person(who), guidance), as_json=as_json)


@_command("reject")
def reject(
    reviews: "Reviews",
    review_id: Id,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Write nothing to the customer."""
    _print_closed(reviews.reject(review_id, person(who), why=why), as_json=as_json)


@_command("dismiss")
def dismiss(
    reviews: "Reviews",
    review_id: Id,
    why: Why = None,
    false_alarm: Annotated[
        bool, typer.Option("--false-alarm", help="There was nothing to act on.")
    ] = False,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Drop the case: not ours, handled already, or a false alarm.

    `procx report` counts false alarms against what triggered them.
    """
    done = reviews.dismiss(review_id, person(who), why=why, false_alarm=false_alarm)
    _print_closed(done, as_json=as_json)


@_command("tick")
def tick(
    reviews: "Reviews",
    as_json: AsJson = False,
) -> None:
    """Look at the clocks once: warn of late cases, move overdue ones to the next level.

    `procx watch` does this by itself. Each warning is given once.

    Example, every five minutes from cron:

        procx inbox tick --store procx.db
    """
    steps = reviews.tick()
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in steps], indent=2))
        return
    for one in steps:
        _print_step(one)
    if not steps:
        typer.echo("nothing runs late that was not said before")


def _result(reviews: "Reviews", file: "CaseFile") -> "CustomerResult | None":
    from procx_graph.report import CustomerResult
    from procx_graph.store import Scans

    run = Scans(reviews.store).run(file.review.run_id)
    told = None if run is None else run.result
    return None if told is None else CustomerResult.model_validate_json(told)


def _standing(one: "InboxItem", now: datetime) -> str:
    """Say how a case stands, and how much of its time is left."""
    word = one.lateness.value.replace("_", " ")
    if one.lateness is Lateness.PAUSED:
        return "waits for the customer"
    hours = (one.case.due_at - now).total_seconds() / 3600
    left = f"{abs(hours):.0f} h" if abs(hours) < 72 else f"{abs(hours) / 24:.0f} d"
    return f"{word}, {left} {'left' if hours >= 0 else 'over'}"


def _as_json(one: "InboxItem") -> dict[str, object]:
    case = one.case.model_dump(mode="json")
    return {**case, "lateness": one.lateness.value, "reason": one.reason}


def _print_file(file: "CaseFile", result: "CustomerResult | None") -> None:
    from procx_graph.cli import console
    from procx_graph.cli.review import show_case, show_closed

    out = console.out()
    out.print(console.cell(_told(file.case), "bold"))
    if result is not None and result.review is not None:
        show_case(out, result)
    elif result is not None:
        show_closed(out, result)
    out.print(console.cell("History (UTC)", "bold"))
    for step in file.history:
        told = f"    {step.at:%Y-%m-%d %H:%M}  {_said(step)}"
        out.print(console.cell(told), soft_wrap=True)


def _print_case(case: "Case") -> None:
    from procx_graph.cli import console

    console.out().print(console.cell(_told(case)))


def _told(case: "Case") -> str:
    told = f"{case.review_id}: {case.state.value.replace('_', ' ')}, {case.team}, "
    told += case.assignee or "nobody"
    return told if case.state.over else f"{told}, due {case.due_at:%Y-%m-%d %H:%M} UTC"


def _print_step(step: "CaseStep") -> None:
    from procx_graph.cli import console

    told = f"{step.at:%Y-%m-%d %H:%M} UTC  {step.review_id}  {_said(step)}"
    console.out().print(console.cell(told), soft_wrap=True)


def _said(step: "CaseStep") -> str:
    """Say a step in words: who took it, and what it changed."""
    told = f"{step.step.value} by {step.actor}"
    detail = ", ".join(
        f"{key.removesuffix('_at').replace('_', ' ')} {_in_words(key, value)}"
        for key, value in step.detail.items()
        if value is not None
    )
    return f"{told}: {detail}" if detail else told


def _in_words(key: str, value: object) -> str:
    if key.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
    return f"{value:.0%}" if key == "share" else str(value)


def _print_closed(closed: "CustomerResult", *, as_json: bool) -> None:
    from procx_graph.cli import console
    from procx_graph.cli.review import show_closed

    if as_json:
        print(json.dumps(closed.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        show_closed(console.out(), closed)
