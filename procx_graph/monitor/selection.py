"""Who is looked at, in which order, and how many are not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.lane import Lane
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import Scores


@dataclass(frozen=True)
class Queue:
    """Customers to look at, the most pressing first, and everybody else by reason."""

    customer_ids: Sequence[str]
    others: dict[str, int]

    def without(self, ids: Collection[str], reason: str) -> "Queue":
        """Leave some customers out, and count them under a reason."""
        kept = [name for name in self.customer_ids if name not in ids]
        left_out = len(self.customer_ids) - len(kept)
        if not left_out:
            return self
        return Queue(kept, self.others | {reason: left_out})


def select(
    base: CustomerBase,
    scores: Scores,
    *,
    min_risk: float | None,
    min_value: float | None,
    lane: Lane = Lane.RETENTION,
    segments: Sequence[str] = (),
    diverse: bool = False,
) -> Queue:
    """Queue the customers of a lane, the most pressing first.

    The active stand by revenue at risk. The dormant spent nothing lately, so churn risk x lifetime
    value ranks them, an unknown value last; ties stand by id.

    Args:
        base: Segments and languages.
        scores: Ranks, states and lifetime values.
        min_risk: Floor of the churn risk, `None` for none.
        min_value: Floor of the lifetime value that the scores took, `None` for none; unknown is
            below it.
        lane: Whom to queue; customers of any other state are counted by it.
        segments: Only these, whatever their case; all when empty.
        diverse: Take the best of every segment and language first, then the second best, ...

    Raises:
        ConfigError: Nobody is in one of the segments.
    """
    people = base.table("customers").select("customer_id", "segment", "language")
    frame = (
        scores.frame.lazy()
        .select("customer_id", "state", "rank", "churn_risk", "lifetime_value")
        .join(people, on="customer_id", how="left")
    )
    _known(segments, people)
    in_lane = pl.col("state") == lane.state.value
    wanted = [name.casefold() for name in segments]
    in_segment = pl.col("segment").str.to_lowercase().is_in(wanted) if wanted else pl.lit(True)
    above = pl.lit(True)
    if min_risk is not None:
        above = above & (pl.col("churn_risk") >= min_risk)
    if min_value is not None:
        above = above & (pl.col("lifetime_value") >= min_value)
    marked = frame.with_columns(
        why=pl.when(~in_lane)
        .then(pl.col("state"))
        .when(~in_segment.fill_null(value=False))
        .then(pl.lit("other_segment"))
        .when(~above.fill_null(value=False))
        .then(pl.lit("below_floor"))
    ).collect()
    queue = _in_order(marked.filter(pl.col("why").is_null()), lane)
    if diverse:
        turn = pl.int_range(pl.len()).over("segment", "language")
        queue = queue.with_columns(turn=turn).sort("turn", maintain_order=True)
    passed = marked.drop_nulls("why").group_by("why").len().sort("why")
    return Queue(queue["customer_id"].to_list(), dict(passed.iter_rows()))


def _in_order(queue: pl.DataFrame, lane: Lane) -> pl.DataFrame:
    """Sort a lane's customers.

    Source: facts on scoring, 3.6 and 4.9: recent money ranks a retention queue, lifetime value a
    win-back list.
    """
    if lane is Lane.RETENTION:
        return queue.sort("rank")
    worth = (pl.col("churn_risk") * pl.col("lifetime_value")).fill_null(-1.0)
    return queue.sort(worth, "customer_id", descending=[True, False])


def _known(segments: Sequence[str], people: pl.LazyFrame) -> None:
    """Refuse a segment that nobody is in: it is a slip of the pen."""
    if not segments:
        return
    there = people.select(pl.col("segment").drop_nulls().unique().sort()).collect().to_series()
    for name in segments:
        if name.casefold() not in {known.casefold() for known in there}:
            raise ConfigError(
                f"nobody is in segment {name!r}; there are: {', '.join(there) or 'none known'}"
            )
