"""The command line, `procx`."""

import os
import sys
from typing import Annotated

import typer

from procx_graph.cli import data, demo, scan, score
from procx_graph.errors import ProcxError

app = typer.Typer(
    name="procx",
    help="Find the customers a business is about to lose, and act before they complain.\n\n"
    "Works without a key, a network or a server. Start with: procx scan",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("scan")(scan.scan)
app.command("score")(score.score)
app.command("explain")(score.explain)
app.command("demo")(demo.demo)
app.command("validate")(data.validate)
app.command("sample")(data.sample)


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
    """Run the command line: an error of ours is one line on stderr and exit code 2."""
    try:
        app()
    except ProcxError as error:
        print(f"procx: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
