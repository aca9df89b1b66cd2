"""Rows of an evaluation, and their means over cut-offs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procx_graph.scoring.evaluation.figures import Figures, Population
from procx_graph.scoring.evaluation.methods import Method

NUMBERS = (
    "base_rate",
    "auc",
    "auc_low",
    "auc_high",
    "pr_auc",
    "lift10",
    "brier",
    "ece",
    "captured10",
)
"""Figures of which a mean over cut-offs is taken."""


@dataclass(frozen=True)
class Row:
    """One method on one population at one cut-off; without figures, why not."""

    method: Method
    population: Population
    cut_off: datetime
    figures: Figures | None
    why_not: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able values, with its curves."""
        return {
            "method": self.method.value,
            "population": self.population.value,
            "cut_off": self.cut_off.isoformat(),
            "figures": self.figures.to_dict() if self.figures else None,
            "why_not": self.why_not or None,
        }


@dataclass(frozen=True)
class Mean:
    """A method's means over the cut-offs it could be judged at.

    The interval is the mean of the cut-offs' intervals: the same customers come again, so more
    cut-offs do not make it narrower.

    Attributes:
        method: What was judged.
        population: On whom.
        cut_offs: At how many moments it was judged.
        customers: How many were judged at a moment on average.
        numbers: By name of `NUMBERS`; None is "cannot be told".
        note: Why it was not judged at all, or not everywhere; empty where it was.
    """

    method: Method
    population: Population
    cut_offs: int
    customers: int
    numbers: dict[str, float | None]
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able values."""
        return {
            "method": self.method.value,
            "population": self.population.value,
            "cut_offs": self.cut_offs,
            "customers": self.customers,
            **self.numbers,
            "note": self.note or None,
        }


def average(rows: Sequence[Row], mbg: Sequence[Row]) -> Mean:
    """Give the means of the rows of one method on one population.

    Args:
        rows: One per cut-off.
        mbg: Its rows at the same cut-offs, to stand in where a learned model was refused but not
            everywhere; empty without it.
    """
    judged = [row.figures for row in rows if row.figures]
    first, missing = rows[0], [row for row in rows if row.figures is None]
    stands_in = bool(judged and missing and mbg and first.method is Method.LEARNED)
    if stands_in:
        there = {row.cut_off for row in missing}
        judged += [row.figures for row in mbg if row.figures and row.cut_off in there]
    customers = sum(figures.customers for figures in judged) / max(1, len(judged))
    numbers = {name: _mean([getattr(figures, name) for figures in judged]) for name in NUMBERS}
    note = "; ".join(_why(missing, everywhere=not judged))
    if stands_in:
        note += "; mbg stands in there"
    return Mean(first.method, first.population, len(judged), round(customers), numbers, note)


def _mean(numbers: list[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known else None


def _why(missing: Sequence[Row], *, everywhere: bool) -> Iterator[str]:
    """Tell why there are no figures; where, unless it is the same everywhere."""
    reasons = dict.fromkeys(row.why_not for row in missing)
    for reason in reasons:
        moments = [f"{row.cut_off:%Y-%m-%d}" for row in missing if row.why_not == reason]
        alone = everywhere and len(reasons) == 1
        yield reason if alone else f"not at {', '.join(moments)}: {reason}"
