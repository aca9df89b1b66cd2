"""The command line, `procx`."""

import os
import sys
from typing import Annotated, Any

import typer

from procx_graph.cli import (
    answer,
    data,
    db,
    demo,
    doctor,
    eval_situations,
    evaluate,
    event_driven,
    events,
    history,
    inbox,
    listen,
    load,
    outbox,
    outcome,
    policy,
    report,
    rescore,
    scan,
    scans,
    score,
    train,
    watch,
)
from procx_graph.cli.options import STOPPED
from procx_graph.errors import ProcxError

_UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of every complaint about options and arguments."""

app = typer.Typer(
    name="procx",
    help="Find the customers a business is about to lose, and act before they complain.\n\n"
    "Works without a key, a network or a server. Start with: procx scan",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("scan")(scan.scan)
app.command("scans")(scans.scans)
app.command("review")(answer.answer)
app.command("score")(score.score)
app.command("explain")(score.explain)
app.command("rescore")(rescore.rescore)
app.command("history")(history.history)
app.command("outcome")(outcome.outcome)
app.command("report")(report.report)
app.command("eval")(eval_situations.eval_situations)
app.command("evaluate")(evaluate.evaluate)
app.command("train")(train.train)
app.command("demo")(demo.demo)
app.command("load")(load.load)
app.command("listen")(listen.listen)
app.command("watch")(watch.watch)
app.command("event-driven")(event_driven.event_driven)
app.command("doctor")(doctor.doctor)
app.command("validate")(data.validate)
app.command("sample")(data.sample)
app.add_typer(db.app)
app.add_typer(events.app)
app.add_typer(inbox.app)
app.add_typer(outbox.app)
app.add_typer(policy.app)


def _version(asked: bool) -> None:
    if asked:
        from procx_graph import __version__

        print(f"procx {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool,
        typer.Option("--version", help="Say the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Set what holds for every command."""


def main() -> None:
    """Run the command line: an error is one line on stderr and exit code 2."""
    try:
        code = app(standalone_mode=False)
        if code == STOPPED:  # typer makes that of Ctrl-C
            raise KeyboardInterrupt
        sys.exit(code)
    except ProcxError as error:
        _complain(str(error))
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "procx"
        told = str(error.format_message()).replace("Value error, ", "")
        if not told.strip():  # help was asked for by giving nothing, and has been shown
            sys.exit(2)
        _complain(f"{told.rstrip('.')} (see {command} --help)")
    except (typer.Abort, KeyboardInterrupt):
        print("procx: stopped", file=sys.stderr)
        sys.exit(STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _complain(message: str) -> None:
    from procx_graph.cli.console import safe

    print(f"procx: {safe(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(2)
