"""The result of an evaluation: figures of every method, and their means."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from procx_graph.domain.learned import Labels
from procx_graph.scoring.evaluation import rendering
from procx_graph.scoring.evaluation.figures import Population
from procx_graph.scoring.evaluation.methods import Method
from procx_graph.scoring.evaluation.rows import NUMBERS, Mean, Row, average


@dataclass(frozen=True)
class Evaluation:
    """What methods are worth on a base.

    Attributes:
        base: Name of the base.
        as_of: Its moment; nothing later was read.
        horizon_days: How long after a cut-off outcomes were counted.
        labels: What counted as having left.
        profile: Name of the profile that scored.
        profile_hash: Its hash, without a learned model.
        cut_offs: The moments judged, the oldest first.
        rows: The figures of each method, population and cut-off.
        notes: What else one has to know, each a sentence without its full stop.
    """

    base: str
    as_of: datetime
    horizon_days: int
    labels: Labels
    profile: str
    profile_hash: str
    cut_offs: tuple[datetime, ...]
    rows: tuple[Row, ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    def means(self, population: Population | None = None) -> list[Mean]:
        """Give the means over cut-offs: the active first, methods in the order asked for.

        Where `learned` was refused at some of them, `mbg` stands in for it, as it does in use.
        """
        pairs = dict.fromkeys((row.population, row.method) for row in self.rows)
        return [
            average(self._rows(method, whom), self._rows(Method.MBG, whom))
            for whom in Population
            for found, method in pairs
            if found is whom and population in (None, whom)
        ]

    def mean(self, method: Method | str, population: Population | str) -> Mean:
        """Give the means of one method on one population.

        Raises:
            KeyError: It was not asked for, or the population has nobody of one outcome.
        """
        for mean in self.means():
            if (mean.method, mean.population) == (method, population):
                return mean
        raise KeyError(f"{method} on {population} customers was not evaluated")

    def to_frame(self, *, per_cut_off: bool = False) -> pd.DataFrame:
        """Give the figures as pandas: a row per population and method, NaN is unknown.

        Args:
            per_cut_off: A row per cut-off too, instead of their means.
        """
        rows = [mean.to_dict() for mean in self.means()]
        if per_cut_off:
            rows = [
                average([row], []).to_dict()
                | {"cut_offs": row.cut_off, "note": row.why_not or None}
                for row in self.rows
            ]
        frame = pd.DataFrame(rows).astype(dict.fromkeys(NUMBERS, "float64"))
        return frame.rename(columns={"cut_offs": "cut_off"}) if per_cut_off else frame

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-able values."""
        return {
            "base": self.base,
            "as_of": self.as_of.isoformat(),
            "horizon_days": self.horizon_days,
            "labels": self.labels.value,
            "profile": {"name": self.profile, "hash": self.profile_hash},
            "cut_offs": [moment.isoformat() for moment in self.cut_offs],
            "means": [mean.to_dict() for mean in self.means()],
            "rows": [row.to_dict() for row in self.rows],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        return rendering.text(self._title(), self._tables(), self.notes)

    def _repr_html_(self) -> str:
        return rendering.html(self._title(), self._tables(), self.notes)

    def _tables(self) -> rendering.Tables:
        judged = [means for means in map(self.means, Population) if means]
        return [(rendering.whom(means, self.labels), means) for means in judged]

    def _rows(self, method: Method, population: Population) -> list[Row]:
        asked = (method, population)
        return [row for row in self.rows if (row.method, row.population) == asked]

    def _title(self) -> str:
        moments = ", ".join(f"{moment:%Y-%m-%d}" for moment in self.cut_offs)
        count = f"{len(self.cut_offs)} cut-offs" if len(self.cut_offs) > 1 else "cut-off"
        return (
            f"{self.base}: who {rendering.LEFT[self.labels]} in the {self.horizon_days} days "
            f"after the {count} {moments} (profile {self.profile})"
        )
