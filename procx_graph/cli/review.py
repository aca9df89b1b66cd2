"""Answering the cases that wait, one after the other, at the terminal."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markdown import Markdown

from procx_graph.cli.console import cell, print_indented, safe
from procx_graph.cli.show import message_text
from procx_graph.domain.review import Verdict
from procx_graph.errors import ConfigError, ReviewError
from procx_graph.graphs.retention.escalation import describe

if TYPE_CHECKING:
    from procx_graph.monitor import Monitor
    from procx_graph.report import CustomerResult, ScanReport

_KEYS = {
    "a": Verdict.APPROVE,
    "e": Verdict.EDIT,
    "r": Verdict.RESPOND,
    "x": Verdict.REJECT,
    "d": Verdict.DISMISS,
}
_ASK = "[a]pprove [e]dit [r]espond with guidance [x] reject [d]ismiss [s]kip [q]uit"


def review_waiting(
    out: Console, monitor: "Monitor", report: "ScanReport", *, kept: bool = False
) -> "ScanReport":
    """Ask about each case; give the report with the answered ones closed, however it ends.

    Args:
        out: Where to show them.
        monitor: What takes the answers.
        report: Of the scan.
        kept: Whether those without an answer wait beyond this command.
    """
    waiting = report.waiting
    for number, result in enumerate(waiting, 1):
        out.rule(f"Review {number} of {len(waiting)}")
        show_case(out, result)
        try:
            closed = ask(out, monitor, result)
        except (typer.Abort, EOFError, KeyboardInterrupt):
            break
        if closed is None:
            continue
        if isinstance(closed, Quit):
            break
        report = report.replace(closed)
        show_closed(out, closed)
    if report.waiting:
        rest = "they keep waiting in the store" if kept else "they end with this command"
        out.print(cell(f"{len(report.waiting)} left without an answer; {rest}"))
    return report


def show_closed(out: Console, closed: "CustomerResult") -> None:
    """Print how a case ended, and the message it led to."""
    out.print(cell(f"closed: {closed.detail}", "green"))
    if closed.message is not None:
        print_indented(out, message_text(closed.message), 4)


class Quit:
    """The reviewer stops here; what is not answered keeps waiting."""


def show_case(out: Console, result: "CustomerResult") -> None:
    """Print the packet and the draft of a case."""
    assert result.review is not None
    if result.review.packet is not None:
        out.print(Markdown(safe(describe(result.review.packet)), hyperlinks=False))
    if result.message is not None:
        out.print(cell("Draft", "bold"))
        print_indented(out, message_text(result.message), 4)


def ask(
    out: Console, monitor: "Monitor", result: "CustomerResult"
) -> "CustomerResult | Quit | None":
    """Ask until an answer is taken; an answer that is refused says why and is asked again."""
    assert result.review is not None
    assert result.review.review_id is not None
    while True:
        key = typer.prompt(_ASK, default="s", show_default=False, err=True).strip().lower()[:1]
        if key == "s":
            return None
        if key == "q":
            return Quit()
        if key not in _KEYS:
            out.print("a, e, r, x, d, s or q")
            continue
        try:
            answer = complete(_KEYS[key], result)
            if answer is not None:
                return monitor.resolve(result.review.review_id, answer)
        except (ReviewError, ConfigError) as error:
            out.print(cell(f"not taken: {error}", "red"))


def complete(verdict: Verdict, result: "CustomerResult") -> dict[str, str] | None:
    """Get the text or guidance an answer needs; `None` when the reviewer gave none."""
    answer = {"verdict": verdict.value}
    if verdict is Verdict.RESPOND:
        note = typer.prompt("Guidance (tone, channel, language, 'no offer')", err=True).strip()
        return {**answer, "note": note} if note else None
    if verdict is Verdict.EDIT:
        body = edited(result.message.body if result.message else "").strip()
        return {**answer, "body": body} if body else None
    return answer


def edited(text: str) -> str:
    """Let the reviewer change a text in $VISUAL or $EDITOR, or type a new one line by line.

    Raises:
        ConfigError: The editor cannot be run.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor is None:
        how = "New text, ended by a line with a single dot (set EDITOR to change the draft):"
        typer.echo(how, err=True)
        return "\n".join(iter(lambda: input().rstrip("\n"), "."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "message.txt"
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)  # noqa: S603 - the reviewer's own editor
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise ConfigError(f"the editor {editor!r} gave no text: {error}") from error
