"""An evaluation as text of 80 columns, and as HTML."""

from collections.abc import Iterator, Sequence
from html import escape
from textwrap import shorten, wrap

from procx_graph.domain.learned import Labels
from procx_graph.scoring.evaluation.figures import Population
from procx_graph.scoring.evaluation.rows import Mean

WIDTH = 80
HEADINGS = ("method", "AUC (95 % interval)", "PR-AUC", "lift", "Brier", "ECE", "captured")
LEGEND = (
    "AUC: right pairs, .5 is chance. PR-AUC: chance is the share above. lift: rate in the riskiest "
    "10 % over that share. Brier and ECE: distance of probability and outcome, 0 is best; a "
    "ranking has none. captured: share of the lost customers' spend of the 180 days before that "
    "the top 10 % by risk × spend holds."
)
LEFT = {Labels.ORDERS: "fell silent", Labels.CHURN: "left"}
STAR = "*: not judged alike at every cut-off, so compare its means with care."
UNKNOWN = "–"

Tables = Sequence[tuple[str, Sequence[Mean]]]


def text(title: str, tables: Tables, notes: Sequence[str]) -> str:
    """Give the tables with their titles, a legend and the notes."""
    lines = wrap(title, WIDTH)
    for about, means in tables:
        lines += ["", *wrap(about, WIDTH), *_lines(means)]
    lines += ["", *wrap(LEGEND, WIDTH)]
    for note in _notes(tables, notes):
        lines += wrap(note, WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def html(title: str, tables: Tables, notes: Sequence[str]) -> str:
    """Give the same as HTML; nothing in it is taken for markup."""
    parts = [f"<h4>{escape(title)}</h4>"]
    for about, means in tables:
        parts += [f"<p>{escape(about)}</p>", _table(means)]
    told = [LEGEND, *_notes(tables, notes)]
    return "".join([*parts, *(f"<p><small>{escape(line)}</small></p>" for line in told)])


def whom(means: Sequence[Mean], labels: Labels) -> str:
    """Say whom a table is about, and how many of them left."""
    active = means[0].population is Population.ACTIVE
    about = "Active customers" if active else "All customers"
    judged = next((mean for mean in means if mean.cut_offs), None)
    if judged is None:
        return f"{about}:"
    rate = judged.numbers["base_rate"] or 0.0
    usual = "on average " if judged.cut_offs > 1 else ""
    return f"{about}: {usual}{judged.customers:,}, of whom {rate:.1%} {LEFT[labels]}"


def _lines(means: Sequence[Mean]) -> Iterator[str]:
    """Give the lines of a table; a method without figures has its reason there, shortened."""
    rows = [_cells(mean) for mean in means]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for mean, (name, *numbers) in zip((None, *means), (HEADINGS, *rows), strict=True):
        first = name.ljust(widths[0])
        if mean is not None and not mean.cut_offs:
            yield f"{first}  {shorten(mean.note, WIDTH - len(first) - 2, placeholder=' …')}"
            continue
        right = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join([first, *right])


def _notes(tables: Tables, notes: Sequence[str]) -> list[str]:
    """Give every note once: why methods were not judged, what a star means, and the rest."""
    means = [mean for _, found in tables for mean in found if mean.note]
    told = dict.fromkeys(f"{mean.method.value}{_star(mean)}: {mean.note}." for mean in means)
    fewer = [STAR] if any(_star(mean) for mean in means) else []
    return [*told, *fewer, *(f"Note: {note}." for note in notes)]


def _star(mean: Mean) -> str:
    return "*" if mean.note and mean.cut_offs else ""


def _table(means: Sequence[Mean]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    rows = "".join(f"<tr>{_row(mean)}</tr>" for mean in means)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(mean: Mean) -> str:
    name, *numbers = _cells(mean)
    if not mean.cut_offs:
        told = f'<td colspan="{len(numbers)}" style="text-align:left">{escape(mean.note)}</td>'
        return f"<td>{escape(name)}</td>{told}"
    hint = f' title="{escape(mean.note)}"' if mean.note else ""
    cells = "".join(f"<td>{escape(number)}</td>" for number in numbers)
    return f"<td{hint}>{escape(name)}</td>{cells}"


def _cells(mean: Mean) -> list[str]:
    """Give a row of the table; a star says that a note explains it."""
    numbers = mean.numbers
    auc = _number(numbers["auc"])
    if numbers["auc_low"] is not None:
        auc += f" ({_number(numbers['auc_low'])} to {_number(numbers['auc_high'])})"
    others = ("pr_auc", "lift10", "brier", "ece", "captured10")
    return [mean.method.value + _star(mean), auc, *(_number(numbers[name]) for name in others)]


def _number(value: float | None) -> str:
    """Give three decimals without the zero before them, two from 1 on."""
    if value is None:
        return UNKNOWN
    short = f"{value:.3f}"
    return short.removeprefix("0") if short < "1" else f"{value:.2f}"
