"""`procx outbox`: messages on their way; sending them, and having the last word on each."""

import json
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import PolicyFile, ProfileName, Who, chosen_profile, person
from procx_graph.cli.watch import read_span, stop_on_signals
from procx_graph.domain.clock import Clock, FixedClock, SystemClock
from procx_graph.domain.outbound import OutboundMessage, OutboxState
from procx_graph.errors import ConfigError, DataError, ProcxError, StoreError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.outreach.sending import OutboxSender, SendReport, SendResult
    from procx_graph.store import Store

app = typer.Typer(
    name="outbox",
    help="Send what was approved, and see what became of every message.\n\n"
    "A message is drafted (waits for a yes), approved (goes out with the next send), sending, "
    "sent, failed (a dead letter), suppressed (a person, the gate or a check said no), or unclear "
    "(the process died while the channel had it).\n\n"
    "Examples:\n\n    procx outbox list --state approved\n\n    procx outbox send --dry-run",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def _states(incomplete: str) -> list[str]:
    return [state.value for state in OutboxState if state.value.startswith(incomplete.lower())]


AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
MessageId = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="Id of the message: msg_…", show_default=False)
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", help="Moment of sending, e.g. 2025-10-09T09:00.", show_default="the clock"
    ),
]


@app.command("list")
def listed(
    store: StorePlace = None,
    state: Annotated[
        OutboxState | None,
        typer.Option("--state", help="Only those in this state.", autocompletion=_states),
    ] = None,
    customer_id: Annotated[
        str | None, typer.Option("--customer", help="Only those to this customer.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show messages, the newest first.

    Examples:

        procx outbox list --state unclear

        procx outbox list --customer C100042 --json
    """
    from procx_graph.cli import console
    from procx_graph.store.outbox import Outbox

    with open_store(store, create=False) as opened:
        outbox = Outbox(opened)
        found = outbox.messages(state=state, customer_id=customer_id, limit=limit)
        counts = outbox.counts()
    if as_json:
        shown = [one.model_dump(mode="json", exclude={"basis", "holder"}) for one in found]
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if not found:
        console.out().print("no such message")
        return
    wide = console.is_wide()
    kind, when = (("Channel", "Purpose"), ("!When (UTC)",)) if wide else ((), ())
    table = console.table("!Message", "!Customer", *kind, "!State", "Why", *when)
    for one in found:
        about = (one.channel.value, one.purpose.value) if wide else ()
        cells = [one.message_id, one.customer_id, *about, one.state.value, one.reason or ""]
        cells += [_when(one)] if wide else []
        table.add_row(*map(console.cell, cells))
    console.out().print(table)
    told = ", ".join(f"{counts[state]:,} {state.value}" for state in OutboxState if state in counts)
    console.out().print(console.cell(f"in all: {told}", "dim"))


@app.command("show")
def show(message_id: MessageId, store: StorePlace = None, as_json: AsJson = False) -> None:
    """Show one message and every step of it.

    The customer's name is filled in only when it is sent, so the text has {first_name}.

    Example:

        procx outbox show msg_0123456789abcdef01234567
    """
    from procx_graph.cli import console
    from procx_graph.store.outbox import Outbox

    with open_store(store, create=False) as opened:
        outbox = Outbox(opened)
        found, steps = outbox.get(message_id), outbox.history(message_id)
    if as_json:
        told = found.model_dump(mode="json") | {
            "history": [step.model_dump(mode="json") for step in steps]
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    out = console.out()
    out.print(console.cell(f"{found.message_id}: {found.state.value}", "bold"))
    about = f"{found.purpose.value} by {found.channel.value} to customer {found.customer_id}"
    out.print(console.cell(f"{about}, run {found.run_id}, attempts {found.attempts}"))
    if found.detail:
        out.print(console.cell(f"{found.reason}: {found.detail}"))
    for line in filter(None, (found.message.subject, found.message.body)):
        out.print()
        console.print_indented(out, console.cell(line), 4)
    table = console.table("!When (UTC)", "Who", "!Was", "!Became", "Why")
    for step in steps:
        cells = (
            f"{step.at:%Y-%m-%d %H:%M:%S}",
            step.actor,
            step.was.value if step.was else "",
            step.became.value,
            ": ".join(filter(None, (step.reason, step.detail))),
        )
        table.add_row(*map(console.cell, cells))
    out.print()
    out.print(table)


@app.command("send")
def send(
    store: StorePlace = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            help="Customer tables with consent and addresses: a workbook, folder or database URL.",
            show_default="the store's own tables",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many at most.", show_default="all")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go out, and what would not.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            help="Go on until stopped, and look again after 30s, 5m, 2h.",
            show_default="once",
        ),
    ] = None,
    policy: PolicyFile = None,
    profile: ProfileName = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Send the approved messages that are due.

    Right before each one it is looked at again: whether a person has a case of the customer, who
    agreed to what, quiet hours, and the text with the name in it. What may no longer go is
    suppressed and says why. Several senders may run at once.

    Where messages go is set by PROCX_OUTBOX_EMAIL, _SMS and _WHATSAPP: file:FOLDER (the default is
    file:outbox), console:, smtp://user@host:587 for e-mail, or https://… of your own gateway; see
    .env.example.

    Examples:

        procx outbox send --dry-run

        procx outbox send --store procx.db --every 30s
    """
    span = None if every is None else read_span(every)
    clock, stop = _clock(now), threading.Event()
    with (
        open_store(store, create=False) as opened,
        _sender(opened, source=source, policy=policy, profile=profile, clock=clock) as sender,
    ):
        _tell(_sent(sender, limit, dry_run=dry_run, stop=stop), as_json=as_json, span=span)
        _remark_on_unclear(opened)
        if span is not None:
            stop_on_signals(stop)
        while span is not None and not stop.wait(span.total_seconds()):
            try:
                report = _sent(sender, limit, dry_run=dry_run, stop=stop)
            except (DataError, StoreError) as error:
                _complain(error)
            else:
                _tell(report, as_json=as_json, span=span)


@app.command("approve")
def approve(
    message_id: MessageId, store: StorePlace = None, who: Who = None, as_json: AsJson = False
) -> None:
    """Let a draft go out with the next send.

    A draft on which a case waits is approved with that: procx inbox approve.

    Example:

        procx outbox approve msg_0123456789abcdef01234567
    """
    from procx_graph.store.outbox import Outbox

    with open_store(store, create=False) as opened:
        told = Outbox(opened).approve(message_id, who=person(who), at=SystemClock().now())
    _say(told, as_json)


@app.command("veto")
def veto(
    message_id: MessageId,
    why: Annotated[str, typer.Option("--why", help="The reason, for the record.")],
    store: StorePlace = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Forbid a message, as long as it was not sent.

    Example:

        procx outbox veto msg_0123456789abcdef01234567 --why "she called us"
    """
    from procx_graph.store.outbox import Outbox

    with open_store(store, create=False) as opened:
        told = Outbox(opened).veto(message_id, who=person(who), why=why, at=SystemClock().now())
    _say(told, as_json)


@app.command("retry")
def retry(
    message_id: MessageId, store: StorePlace = None, who: Who = None, as_json: AsJson = False
) -> None:
    """Try a failed message again from the beginning, or a delayed one at once.

    Example:

        procx outbox retry msg_0123456789abcdef01234567
    """
    from procx_graph.store.outbox import Outbox

    with open_store(store, create=False) as opened:
        told = Outbox(opened).retry(message_id, who=person(who), at=SystemClock().now())
    _say(told, as_json)


@app.command("settle")
def settle(
    message_id: MessageId,
    sent: Annotated[
        bool | None,
        typer.Option("--sent/--not-sent", help="Whether it went out.", show_default=False),
    ] = None,
    store: StorePlace = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Say whether an unclear message went out; one that did not is sent with the next send.

    Until then nothing else is sent to its customer.

    Examples:

        procx outbox list --state unclear

        procx outbox settle msg_0123456789abcdef01234567 --sent
    """
    from procx_graph.store.outbox import Outbox

    if sent is None:
        raise ConfigError("say whether the message went out: --sent or --not-sent")
    at = SystemClock().now()
    with open_store(store, create=False) as opened:
        told = Outbox(opened).settle(message_id, sent=sent, who=person(who), at=at)
    _say(told, as_json)


def _sender(
    store: "Store", *, source: str | None, policy: str | None, profile: str | None, clock: Clock
) -> "OutboxSender":
    from procx_graph.outreach.channels import carriers_of
    from procx_graph.outreach.policies import load_policy
    from procx_graph.outreach.sending import OutboxSender
    from procx_graph.outreach.unsubscribe import unsubscribe_of

    settings = Settings()
    try:
        return OutboxSender(
            store,
            policy=load_policy(policy or settings.policy),
            carriers=carriers_of(settings, show=_show),
            clock=clock,
            profile=chosen_profile(profile),
            source=source,
            unsubscribe=unsubscribe_of(settings),
        )
    except DataError as error:
        if source is not None:
            raise
        raise DataError(f"{error}, or name the customers' tables with --source") from error


def _show(text: str) -> None:
    from procx_graph.cli import console

    console.err().print(console.cell(text))


def _sent(
    sender: "OutboxSender", limit: int | None, *, dry_run: bool, stop: threading.Event
) -> "SendReport":
    """Send, with a progress bar."""
    from procx_graph.cli import console

    with console.progress("sending") as bar:

        def on_result(_: "SendResult") -> None:
            bar.advance(bar.task_ids[0])

        return sender.send_due(limit, dry_run=dry_run, on_result=on_result, stopped=stop.is_set)


def _remark_on_unclear(store: "Store") -> None:
    """Point out on stderr that a person must look."""
    from procx_graph.cli import console
    from procx_graph.store.outbox import Outbox

    number = Outbox(store).counts().get(OutboxState.UNCLEAR, 0)
    if number:
        told = f"note: {number:,} unclear, and nothing more goes to these customers until somebody "
        told += "says what became of it: procx outbox list --state unclear"
        console.err().print(console.cell(told, "yellow"), soft_wrap=True)


def _complain(error: ProcxError) -> None:
    """Say what failed; it is tried again at the next round."""
    from procx_graph.cli import console

    console.err().print(console.cell(f"procx: {error}", "yellow"), soft_wrap=True)


def _tell(report: "SendReport", *, as_json: bool, span: timedelta | None) -> None:
    """Print a report; of many rounds each is a line of JSON, and an empty one is not told."""
    from procx_graph.cli import console

    if span is not None and not report.results:
        return
    if as_json:
        told = report.model_dump(mode="json") | {"counts": report.counts}
        print(json.dumps(told, ensure_ascii=False, indent=None if span else 2), flush=True)
        return
    out = console.out()
    if not report.results:
        out.print("nothing is due")
        return
    table = console.table("!Message", "!Customer", "Channel", "!State", "Why")
    for one in report.results:
        state = one.state.value
        if report.dry_run and one.state is OutboxState.SENDING:
            state = "would go"
        why = ": ".join(filter(None, (one.reason, one.detail)))
        if one.not_before is not None:
            why += f" (not before {one.not_before:%Y-%m-%d %H:%M} UTC)"
        cells = (one.message_id, one.customer_id, one.channel.value, state, why)
        table.add_row(*map(console.cell, cells))
    out.print(table)
    counts = ", ".join(f"{number:,} {state}" for state, number in report.counts.items())
    if report.dry_run:
        counts = f"dry run, nothing was sent: {counts.replace('sending', 'would go')}"
    out.print(console.cell(counts))


def _say(message: OutboundMessage, as_json: bool) -> None:
    from procx_graph.cli import console

    if as_json:
        print(message.model_dump_json(exclude={"basis", "holder"}, indent=2))
        return
    told = f"{message.message_id} is {message.state.value}"
    if message.state is OutboxState.SENDING:
        told += ": the channel has it right now; should it fail, it is not tried again"
    console.out().print(console.cell(told))


def _when(one: OutboundMessage) -> str:
    if one.state is OutboxState.APPROVED and one.not_before is not None:
        return f"from {one.not_before:%Y-%m-%d %H:%M}"
    return f"{one.changed_at:%Y-%m-%d %H:%M}"


def _clock(now: str | None) -> Clock:
    if now is None:
        return SystemClock()
    try:
        return FixedClock(datetime.fromisoformat(now))
    except ValueError as error:
        raise ConfigError(f"--now {now!r} is no moment: write 2025-10-09T09:00") from error
