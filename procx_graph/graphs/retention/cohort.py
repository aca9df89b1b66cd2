"""What a run reads about the whole base, computed once: scores, neighbours, resolutions, teams."""

import threading
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import polars as pl
from scipy.spatial import KDTree

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.health import Factor
from procx_graph.domain.pattern import Resolution, SimilarCustomer
from procx_graph.domain.policy import Team, Teams
from procx_graph.domain.profile import Profile
from procx_graph.graphs.retention.evidence import quote
from procx_graph.graphs.retention.teams import own_teams
from procx_graph.scoring.engine import Scores, score

_SHRINK = 3
"""Tickets' worth of the overall mean CSAT that every resolution starts with."""
_FEWEST = 3
"""Resolutions seen less often say nothing."""


class Cohort:
    """Statistics over all customers of a base, each computed on first use and then kept."""

    def __init__(
        self, base: CustomerBase, *, profile: Profile, scores: Scores | None = None
    ) -> None:
        self.base, self.profile = base, profile
        self._scores = scores
        self._lock = threading.RLock()

    @property
    def scored(self) -> bool:
        """Whether the scores are at hand, so that asking for them takes no time."""
        return self._scores is not None

    @property
    def scores(self) -> Scores:
        """The scores of everybody."""
        with self._lock:
            if self._scores is None:
                self._scores = score(self.base, profile=self.profile)
            return self._scores

    def neighbours(self, customer_id: str, *, count: int = 5) -> tuple[SimilarCustomer, ...]:
        """Give the customers whose sub-scores are nearest, nearest first.

        Distances are Euclidean over standardised sub-scores; an unknown one counts as the mean.
        """
        with self._lock:
            tree, matrix, position, ids = self._tree
        at = position.get(customer_id)
        if at is None or len(ids) < 2:
            return ()
        distances, rows = tree.query(matrix[at], k=min(count + 1, len(ids)))
        nearest = sorted(
            zip(np.asarray(distances).tolist(), np.asarray(rows).tolist(), strict=True)
        )
        states, risks = self._states, self._risks
        return tuple(
            SimilarCustomer(
                customer_id=ids[row], distance=round(d, 6), state=states[row], churn_risk=risks[row]
            )
            for d, row in [found for found in nearest if found[1] != at][:count]
        )

    def resolutions(self, topic: str | None, *, count: int = 3) -> tuple[Resolution, ...]:
        """Give what resolved tickets of this category, best first; none for an unknown topic."""
        with self._lock:
            return tuple(self._resolutions.get(topic or "", ())[:count])

    def teams(self, teams: Teams) -> Mapping[str, Team]:
        """Give the teams by name: the policy's, replaced by those of the base's own matrix."""
        return {team.name: team for team in teams.matrix} | self._matrix

    @cached_property
    def _tree(self) -> tuple[KDTree, np.ndarray, dict[str, int], list[str]]:
        frame = self.scores.frame
        columns = [f"points_{factor.value}" for factor in Factor]
        matrix = frame.select(pl.col(columns).cast(pl.Float64)).to_numpy()
        matrix = np.nan_to_num(_standardised(matrix))
        ids = frame["customer_id"].to_list()
        return KDTree(matrix), matrix, {name: row for row, name in enumerate(ids)}, ids

    @cached_property
    def _states(self) -> list[str]:
        return list(self.scores.frame["state"])

    @cached_property
    def _risks(self) -> list[float | None]:
        return list(self.scores.frame["churn_risk"])

    @cached_property
    def _resolutions(self) -> dict[str, list[Resolution]]:
        if not self.base.has("support_tickets"):
            return {}
        summary = pl.col("final_message_summary").str.strip_chars()
        ended = (
            self.base.table("support_tickets")
            .filter(pl.col("status").str.to_lowercase().is_in(["resolved", "closed"]))
            .filter(summary.str.len_chars() > 0)
            .select(
                pl.col("category").str.to_lowercase().alias("topic"),
                summary.str.slice(0, 160).alias("resolution"),
                pl.col("csat_score").cast(pl.Float64),
                pl.col("resolution_time_hours").cast(pl.Float64),
            )
        )
        grouped = (
            ended.group_by("topic", "resolution")
            .agg(
                pl.len().alias("tickets"),
                pl.col("csat_score").mean().alias("mean_csat"),
                pl.col("csat_score").sum().alias("total"),
                pl.col("csat_score").count().alias("rated"),
                pl.col("resolution_time_hours").median().alias("median_hours"),
            )
            .filter(pl.col("tickets") >= _FEWEST)
        )
        overall = ended.select(pl.col("csat_score").mean()).collect().item()
        mean = 3.0 if overall is None else float(overall)
        shrunk = (pl.col("total") + _SHRINK * mean) / (pl.col("rated") + _SHRINK)
        best = grouped.with_columns(shrunk.alias("shrunk")).sort(
            "topic", "shrunk", "median_hours", "resolution",
            descending=[False, True, False, False], nulls_last=True,
        )  # fmt: skip
        found: dict[str, list[Resolution]] = {}
        for row in best.collect().to_dicts():
            kept = {key: row[key] for key in Resolution.model_fields}
            kept["resolution"] = quote(row["resolution"])
            found.setdefault(row["topic"] or "", []).append(Resolution(**kept))
        return found

    @cached_property
    def _matrix(self) -> dict[str, Team]:
        return own_teams(self.base)


def is_lost(state: str) -> bool:
    """Whether a customer in this state is one we failed to keep."""
    return state in {CustomerState.DORMANT, CustomerState.CHURNED}


def _standardised(matrix: np.ndarray) -> np.ndarray:
    """Give columns with mean 0 and deviation 1; a constant or empty column becomes 0."""
    if not len(matrix):
        return matrix
    known = ~np.isnan(matrix)
    counts = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, matrix, 0.0)
    mean = filled.sum(axis=0) / counts
    centred = np.where(known, matrix - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / counts)
    scaled: np.ndarray = centred / np.where(deviation > 0, deviation, 1.0)
    return scaled
