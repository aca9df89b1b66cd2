"""The result of `procx eval` on the terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from procx_graph.cli.console import cell, print_indented, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from procx_graph.domain.model_use import Usage
    from procx_graph.evals import EvalReport
    from procx_graph.evals.compare import Change, Comparison
    from procx_graph.evals.judging import Detection, Judged, Proportion
    from procx_graph.evals.report import Summary


def show_eval(out: "Console", report: "EvalReport") -> None:
    """Print an evaluation: the figures, then what went wrong, then the messages."""
    summary = report.summary
    out.print(
        cell(f"{_plural(len(report.situations), 'labelled situation')}, by {report.models}", "bold")
    )
    out.print()
    _headline(out, summary)
    _detections(out, summary)
    _groups(out, "By language", summary.languages)
    _groups(out, "By tag", summary.tags)
    _confusion(out, summary.confusion)
    _disagreements(out, report.disagreements)
    _messages(out, summary)
    if summary.usage is not None:
        out.print(cell(f"Models: {_spent(summary.usage, summary.degraded)}"), soft_wrap=True)


def show_comparison(out: "Console", found: "Comparison") -> None:
    """Print what changed."""
    out.print()
    out.print(cell(f"Compared with the earlier result, by {found.earlier}", "bold"))
    out.print(
        cell(
            f"  agreement {_percent(found.before)} → {_percent(found.after)}, "
            f"message rubric {_percent(found.rubric_before)} → {_percent(found.rubric_after)}, "
            f"over {found.after.of} situations of both"
        ),
        soft_wrap=True,
    )
    _changes(out, "now right", found.mended, "green")
    _changes(out, "now wrong", found.broken, "red")
    _changes(out, "otherwise", found.different, "")
    for told, ids in (("only now", found.added), ("only then", found.gone)):
        if ids:
            out.print(cell(f"  {told}: {', '.join(ids)}"), soft_wrap=True)
    if not (found.mended or found.broken or found.different):
        out.print(cell("  every decision is the same"))


def _headline(out: "Console", summary: "Summary") -> None:
    grid = table("", ">share", ">right", ">of", "!95 %")
    rows = {
        "decisions that agree": summary.agreement,
        "  without free text": summary.agreement_structured,
    } | {f"  {aspect.value}": one for aspect, one in summary.aspects.items()}
    for told, one in rows.items():
        grid.add_row(cell(told, "bold" if told[0] != " " else ""), *_cells(one))
    grid.add_row(cell("message rubric", "bold"), *_cells(summary.rubric))
    out.print(grid)
    if summary.failed:
        out.print(cell(f"{_plural(summary.failed, 'run')} failed", "red"))


def _detections(out: "Console", summary: "Summary") -> None:
    """Print precision and recall of a person being called, and of each reason."""
    out.print()
    grid = table("A person must look", ">precision", "!95 %", ">recall", "!95 %")
    _detection(grid, "for any reason", summary.escalation)
    for code, one in summary.reasons.items():
        _detection(grid, f"  {code.value}", one)
    out.print(grid)


def _detection(grid: "Table", told: str, one: "Detection") -> None:
    cells = []
    for share in (one.precision, one.recall):
        cells += [cell(f"{share.count} of {share.of}"), cell(_interval(share), "dim")]
    grid.add_row(cell(told), *cells)


def _groups(out: "Console", title: str, groups: "Mapping[str, Proportion]") -> None:
    out.print()
    grid = table(title, ">agree", ">right", ">of", "!95 %")
    for name, one in sorted(groups.items()):
        grid.add_row(cell(name), *_cells(one))
    out.print(grid)


def _confusion(out: "Console", confusion: Mapping[str, Mapping[str, int]]) -> None:
    """Print decisions that came out as another one; those that came out right are the rest."""
    mixed = [
        (wanted, got, count)
        for wanted, given in confusion.items()
        for got, count in given.items()
        if wanted != got
    ]
    if not mixed:
        return
    out.print()
    grid = table("Expected", "given instead", ">times")
    for wanted, got, count in sorted(mixed, key=lambda one: -one[2]):
        grid.add_row(cell(wanted), cell(got), cell(count))
    out.print(grid)


def _disagreements(out: "Console", wrong: "Iterable[Judged]") -> None:
    wrong = list(wrong)
    out.print()
    if not wrong:
        out.print(cell("Every decision agrees.", "green"))
        return
    out.print(cell(_plural(len(wrong), "disagreement"), "bold"))
    for one in wrong:
        out.print(cell(f"  {one.id}", "bold"))
        print_indented(out, cell(one.about, "dim"), 4)
        _why(out, one.why)


def _messages(out: "Console", summary: "Summary") -> None:
    if not summary.criteria:
        return
    out.print()
    grid = table("Messages by criterion", ">met", ">right", ">of", "!95 %")
    for criterion, one in summary.criteria.items():
        grid.add_row(cell(criterion.value), *_cells(one))
    out.print(grid)
    if summary.findings:
        told = ", ".join(f"{code} {count}×" for code, count in summary.findings.items())
        out.print(cell(f"Check findings: {told}"), soft_wrap=True)
    else:
        out.print(cell("Check findings: none"))


def _changes(out: "Console", told: str, changes: "tuple[Change, ...]", style: str) -> None:
    for one in changes:
        moved = one.before if one.before == one.after else f"{one.before} → {one.after}"
        out.print(cell(f"  {told}: ", style).append(f"{one.id}, {moved}"))
        if not one.is_right:
            _why(out, one.why)


def _why(out: "Console", why: str) -> None:
    for line in why.split("; "):
        print_indented(out, cell(line), 6)


def _cells(one: "Proportion") -> "tuple[Text, ...]":
    return cell(_percent(one)), cell(one.count), cell(one.of), cell(_interval(one), "dim")


def _percent(one: "Proportion") -> str:
    return "-" if one.share is None else f"{one.share:.1%}"


def _interval(one: "Proportion") -> str:
    return "" if not one.of else f"{one.low:.0%} to {one.high:.0%}"


def _spent(usage: "Usage", degraded: int) -> str:
    tokens = usage.tokens
    told = (
        f"{_plural(usage.asked, 'question')}, {tokens.prompt:,} tokens read "
        f"({tokens.cached:,} cached) and {tokens.completion:,} written"
    )
    if usage.cost is not None:
        told += f", {usage.cost:.4f} {usage.currency or ''}".rstrip()
    if usage.failed:
        told += (
            f"; {usage.failed} without a usable answer, "
            f"rules stood in for {_plural(degraded, 'situation')}"
        )
    return told


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
