"""A model card as Markdown, and the words that the terminal shares with it."""

from collections.abc import Iterator, Sequence

from procx_graph.scoring.learned.card import ModelCard

METHODS = ("learned", "mbg", "recency", "constant")
"""Rows of the tables of figures, in their order."""
HEADS = ("method", "AUC", "95 % interval", "PR-AUC", "lift 10 %", "Brier", "ECE")
"""Columns of the tables of figures."""
DIRECTIONS = {-1: "never raises the risk", 0: "free", 1: "never lowers the risk"}


def verdict(card: ModelCard) -> str:
    """Say in one sentence whether the model is used."""
    if card.accepted:
        return "Accepted: this model gives the churn risk."
    return "Refused: no model is used, the churn risk stays what the profile says (mbg)."


def figure_rows(card: ModelCard, *, active: bool) -> list[tuple[str, ...]]:
    """Give the table of figures among everyone, or among those who had bought lately."""
    found = card.active if active else card.everyone
    return [
        (
            name,
            written(found[name].auc),
            f"{written(found[name].auc_low)} to {written(found[name].auc_high)}",
            written(found[name].pr_auc),
            written(found[name].lift_10, 2),
            written(found[name].brier, 4),
            written(found[name].ece),
        )
        for name in METHODS
        if name in found
    ]


def remarks(card: ModelCard) -> list[str]:
    """Give what else a reader must know, a sentence each."""
    found = []
    conflicts = [slope for slope in card.slopes if slope.conflicts]
    if conflicts:
        told = ", ".join(f"{s.name} ({s.free:+.2f} per sd)" for s in conflicts)
        effect = (
            "their effect is held to 0" if card.signed else "the model is unsigned and lets them"
        )
        found.append(f"Sign conflict: the data moves these the other way: {told}; {effect}.")
    if card.left_out:
        found.append(
            f"Not read: {', '.join(card.left_out)}; values without a date move "
            "them today, and no past moment knows those."
        )
    if card.calibration:
        found.append(f"Calibration: {card.calibration}.")
    if (other := card.external) is not None:
        warning = "Warning, " if other.leaks else ""
        found.append(
            f"{warning}predicted_churn_score has AUC {written(other.auc)} "
            f"({written(other.auc_low)} to {written(other.auc_high)}): {other.text}."
        )
    if (status := card.status) is not None:
        found.append(
            f"Labels without dates, told apart from today's inputs (status, no forecast): "
            f"{status.positives:,} of {status.customers:,}, five-fold AUC {written(status.auc)}, "
            f"Brier {written(status.brier, 4)} against {written(status.constant_brier, 4)}."
        )
    return found


def as_markdown(card: ModelCard) -> str:
    """Write a card down."""
    return "\n".join(_lines(card)) + "\n"


def written(number: float | None, decimals: int = 3) -> str:
    """Write a number; a dash where it cannot be told."""
    return "–" if number is None else f"{number:.{decimals}f}"


def _lines(card: ModelCard) -> Iterator[str]:
    yield from ("# Model card: learned churn risk", "", f"**{verdict(card)}**", "")
    yield from (f"- [{'x' if check.passed else ' '}] {check.text}" for check in card.checks)
    yield from ("", "## What it is", "")
    yield from (f"- {name}: {value}" for name, value in _facts(card))
    yield from ("", "## What it was trained on", "")
    counts = [
        (
            f"{count.origin:%Y-%m-%d}",
            f"{count.customers:,}",
            f"{count.positives:,}",
            f"{count.base_rate:.1%}",
        )
        for count in card.origins
    ]
    yield from _table(("origin", "customers", "positives", "base rate"), counts)
    for title, active in (("everyone", False), ("who had bought lately", True)):
        if rows := figure_rows(card, active=active):
            yield from ("", f"## How good it is, {title}", "")
            yield "The model of the older origins, at the latest one."
            yield ""
            yield from _table(HEADS, rows)
    if card.slopes:
        yield from ("", "## Inputs", "")
        yield from _table(
            ("input", "direction", "log-odds per sd", "without signs", "standard error"),
            [
                (
                    slope.name,
                    DIRECTIONS[slope.sign if card.signed else 0],
                    written(slope.beta),
                    f"{slope.free:.3f}",
                    f"{slope.free_error:.3f}",
                )
                for slope in card.slopes
            ],
        )
    if told := remarks(card):
        yield from ("", "## Remarks", "", *(f"- {remark}" for remark in told))


def _facts(card: ModelCard) -> list[tuple[str, str]]:
    left = "no purchase" if card.labels == "orders" else "a dated churn label"
    return [
        ("kind", f"{card.kind}, {'signed' if card.signed else 'unsigned'}"),
        ("predicts", f"{left} within {card.horizon_days} days"),
        ("source", f"{card.source}, as of {card.as_of:%Y-%m-%d %H:%M} UTC"),
        ("data fingerprint", card.fingerprint),
        ("profile", f"{card.profile} ({card.profile_hash})"),
        (
            "rows",
            f"{card.customers:,} over {len(card.origins)} origins, {card.positives:,} positives, "
            f"base rate {written(card.base_rate)}",
        ),
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
