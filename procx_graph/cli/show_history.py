"""One customer's history on the terminal."""

from typing import TYPE_CHECKING, Any

from procx_graph.cli import console

if TYPE_CHECKING:
    import polars as pl

_OTHER = "not comparable (other factors were known, or another method)"
_FEW = "unknown (fewer than 3 comparable scorings)"
_SHOWN = 24
"""Moments of one customer on the terminal."""


def show_moments(found: "pl.DataFrame", moved: "pl.DataFrame") -> None:
    """Print the latest moments of one customer, and their health and risk as lines.

    Args:
        found: What `ScoreHistory.of` gives.
        moved: What `deltas` says of each moment and the one before.
    """
    out = console.out()
    shown = console.table(
        "!As of", ">Health", ">+/-", ">Risk", ">+/-", "Level", ">Rank", ">At risk"
    )
    rows = zip(found.iter_rows(named=True), moved.iter_rows(named=True), strict=True)
    for row, move in list(rows)[-_SHOWN:]:
        cells = (
            f"{row['as_of']:%Y-%m-%d}",
            f"{row['health']:.0f}",
            _signed(move["delta_health"], ".1f"),
            _or_dash(row["churn_risk"], ".0%"),
            _points(move["delta_risk"]),
            row["risk_level"] or "-",
            _or_dash(row["rank"], ",d"),
            _or_dash(row["revenue_at_risk"], ",.0f"),
        )
        shown.add_row(*(console.cell(cell) for cell in cells))
    out.print(shown)
    if len(found) > _SHOWN:
        out.print(f"and {len(found) - _SHOWN:,} earlier moments")
    tail = found.tail(_SHOWN)
    blocks = out.is_terminal and out.encoding.startswith("utf")
    out.print(f"health {sparkline(tail['health'].to_list(), top=100, blocks=blocks)}")
    risk = [None if value is None else 100 * value for value in tail["churn_risk"]]
    out.print(f"risk   {sparkline(risk, top=100, blocks=blocks)}")


def show_changes(since: dict[int, dict[str, Any]]) -> None:
    """Print what changed over each number of days."""
    for days, change in since.items():
        if change["since"] is None:
            told = "nothing is recorded that long ago"
        else:
            told = (
                f"health {_signed(change['delta_health'], '.1f') or _OTHER}, "
                f"risk {_told(change['delta_risk'])} "
                f"since {change['since']:%Y-%m-%d}, {change['days']:.0f} days ago"
            )
        console.out().print(console.cell(f"{days} days: {told}"))


def show_trend(health: float | None, log_odds: float | None) -> None:
    """Print where the customer is heading."""
    told = (
        f"health {_signed(health, '.1f') or _FEW}, "
        f"log-odds of the risk {_signed(log_odds, '.2f') or _FEW} per 30 days"
    )
    console.out().print(f"trend: {told}")


def sparkline(values: list[float | None], *, top: float, blocks: bool) -> str:
    """Draw numbers from 0 to `top` as a line of blocks, or write them where none can be shown."""
    if not blocks:
        return " ".join("-" if value is None else f"{value:.0f}" for value in values)
    bars = "▁▂▃▄▅▆▇█"
    places = (None if value is None else int(value / top * len(bars)) for value in values)
    return "".join(" " if at is None else bars[max(0, min(at, len(bars) - 1))] for at in places)


def _signed(value: float | None, form: str) -> str:
    if value is None:
        return ""
    told = format(value, "+" + form)
    return told if any(digit in told for digit in "123456789") else told.replace("-", "+")


def _points(change: float | None) -> str:
    """Write a change of a probability in percentage points."""
    return "" if change is None else _signed(100 * change, ".0f")


def _told(change: float | None) -> str:
    return _OTHER if change is None else f"{_points(change)} percentage points"


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
