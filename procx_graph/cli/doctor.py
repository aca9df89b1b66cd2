"""`procx doctor`: what is there, what is set, and whether what was asked for works."""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import DEFAULT
from procx_graph.doctor.finding import Finding, State, Subject

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.text import Text

BROKEN = 1
"""Exit code when something that was asked for does not work."""
_STYLES = {State.OK: "green", State.OFF: "dim", State.WARNING: "yellow", State.BROKEN: "bold red"}


def _subjects(incomplete: str) -> list[str]:
    return [subject.value for subject in Subject if subject.value.startswith(incomplete.lower())]


def doctor(
    only: Annotated[
        list[Subject] | None,
        typer.Option(
            "--only",
            metavar="SUBJECT",
            help="Only this subject, in full; may be given several times: " + ", ".join(Subject),
            show_default=False,
            autocompletion=_subjects,
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nothing outside: no model, server or database.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say whether what is set works: packages, settings, data, store, model, channels, Langfuse.

    Each model that is named is asked one tiny question. No message is sent, no row is read, and
    nothing is changed. Secrets are never shown. What is not set is off, and that is fine.

    The exit code is 1 when something that is set does not work.

    Examples:

        procx doctor

        procx doctor --only model --only store

        procx doctor --offline --json
    """
    chosen = tuple(only or ())
    found = _examined(chosen, offline=offline)
    if as_json:
        _print_json(found)
    else:
        _show(found, chosen)
    if any(finding.state is State.BROKEN for finding in found):
        raise typer.Exit(BROKEN)


def _examined(only: "Collection[Subject]", *, offline: bool) -> list[Finding]:
    from procx_graph.cli import console
    from procx_graph.doctor import Asked, examine, readable_settings
    from procx_graph.doctor.checks import CHECKS

    settings, wrong = readable_settings()
    asked = Asked(
        settings=settings,
        wrong=wrong,
        surroundings=os.environ,
        offline=offline,
        store=Path(DEFAULT),
    )
    with console.progress("looking") as bar, _quiet():

        def tell(subject: Subject) -> None:
            bar.update(bar.task_ids[0], description=f"looking at {subject.value}")

        return list(examine(asked, CHECKS, only=only, on_subject=tell))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what is logged on the way from stderr: each failure is a finding."""
    ours, nowhere = logging.getLogger("procx_graph"), logging.NullHandler()
    ours.addHandler(nowhere)
    try:
        yield
    finally:
        ours.removeHandler(nowhere)


def _print_json(found: list[Finding]) -> None:
    from procx_graph import __version__

    counts = Counter(finding.state for finding in found)
    told = {
        "version": __version__,
        "ok": not counts[State.BROKEN],
        "counts": {state.value: counts[state] for state in State},
        "findings": [finding.model_dump(mode="json") for finding in found],
    }
    print(json.dumps(told, ensure_ascii=False, indent=2))


def _show(found: list[Finding], only: "Collection[Subject]") -> None:
    from procx_graph.cli import console

    table = console.table("!State", "!Subject", "Found")
    for finding in found if only else _folded(found):
        told = f"{finding.part}: {finding.found}" if finding.part else finding.found
        cell = console.cell(told)
        if finding.todo:
            cell.append_text(console.cell(f"\n→ {finding.todo}", _STYLES[finding.state]))
        state = console.cell(finding.state.value, _STYLES[finding.state])
        table.add_row(state, finding.subject.value, cell)
    out = console.out()
    out.print(table)
    out.print()
    out.print(_summary(found))


def _summary(found: list[Finding]) -> "Text":
    from procx_graph.cli import console

    counts = Counter(finding.state for finding in found)
    broken, warnings = counts[State.BROKEN], counts[State.WARNING]
    where = dict.fromkeys(one.subject.value for one in found if one.state is State.BROKEN)
    told = f"{broken} broken ({', '.join(where)})" if broken else "nothing is broken"
    if warnings:
        told += f", {warnings} warning{'' if warnings == 1 else 's'}"
    return console.cell(told, "bold red" if broken else "bold")


def _folded(found: list[Finding]) -> Iterator[Finding]:
    """Join what needs no attention where several findings of a subject say the same."""
    for subject, group in groupby(found, lambda one: one.subject):
        alike: dict[tuple[State, str], list[Finding]] = {}
        for one in group:
            # of packages the versions differ, and stand in one line all the same
            text = "" if subject is Subject.PACKAGES else one.found
            quiet = one.state in {State.OK, State.OFF}
            alike.setdefault((one.state, text if quiet else repr(one)), []).append(one)
        for several in sorted(alike.values(), key=lambda these: these[0].state is State.OFF):
            yield several[0] if len(several) == 1 else _joined(several)


def _joined(several: list[Finding]) -> Finding:
    first = several[0]
    parts = ", ".join(one.part for one in several)
    if first.subject is Subject.PACKAGES:
        versions = ", ".join(f"{one.part} {one.found}" for one in several)
        return first.model_copy(update={"part": "", "found": versions})
    if first.subject is Subject.SETTINGS and first.state is State.OFF:
        told = f"{len(several)} are not set; --only settings lists them"
        return first.model_copy(update={"part": "", "found": told})
    return first.model_copy(update={"part": parts})
