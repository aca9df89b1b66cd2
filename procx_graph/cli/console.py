"""The terminal: consoles, and text from outside made harmless."""

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 140
"""Columns of output that does not go to a terminal."""
WIDE = 110
"""Columns from which tables show all they have; narrower ones leave out what can be missed."""


def is_wide() -> bool:
    """Whether results have room for wide tables."""
    return out().width >= WIDE


def out() -> Console:
    """Give the console of results; plain and of fixed width when it is not a terminal."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if terminal else PLAIN_WIDTH,
        highlight=False,
        emoji=False,
    )


def err() -> Console:
    """Give the console of progress and remarks."""
    return Console(file=sys.stderr, highlight=False, emoji=False)


def safe(value: object, *, limit: int | None = None) -> str:
    """Give text without control characters (terminal escapes among them), cut if asked.

    Line breaks stay; invisible direction marks go, the joiners that Indic scripts need stay.
    """
    text = "".join(
        char
        for char in str(value)
        if char in "\n\u200c\u200d" or unicodedata.category(char)[0] != "C"
    )
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def cell(value: object, style: str = "", *, limit: int | None = None) -> Text:
    """Give a table cell in which markup means nothing."""
    return Text("" if value is None else safe(value, limit=limit), style=style)


def table(*columns: str, title: str | None = None) -> Table:
    """Give an empty table of the house's look.

    A column named `>x` is set flush right, one named `!x` is never broken.
    """
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD if sys.stdout.isatty() else box.ASCII2,
        pad_edge=False,
        show_edge=False,
    )
    for column in columns:
        right = column.startswith(">")
        made.add_column(
            column.lstrip(">!"),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=right or column.startswith("!"),
        )
    return made


def print_indented(out: Console, text: Text, columns: int) -> None:
    """Print text moved to the right, wrapped, without blanks after its lines."""
    for line in text.wrap(out, max(20, out.width - columns)):
        line.rstrip()
        out.print(Text(" " * columns).append_text(line) if line else "", soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show a progress bar on stderr while working; nothing when it is not a terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=err(),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        bar.add_task(title, total=None)
        yield bar
