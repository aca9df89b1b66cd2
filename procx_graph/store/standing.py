"""Who stands where after hysteresis: in the queue, and at which risk level.

A customer near a threshold would otherwise come and go with every scoring. What holds at a scoring
depends on what held at the one before, so the scorings are read backwards, as far as anybody is
undecided.
"""

from collections.abc import Iterable

import polars as pl

from procx_graph.domain.risk import RiskLevel
from procx_graph.errors import ConfigError

HYSTERESIS = 0.05
"""By how much a rank's share or a risk must pass its threshold on the way back."""


def read_capacity(capacity: float) -> float:
    """Check how many customers the queue holds: a share above 0 up to 1, or a whole number.

    Raises:
        ConfigError: It is neither.
    """
    number = isinstance(capacity, int | float) and not isinstance(capacity, bool)
    if not number or capacity <= 0 or (isinstance(capacity, float) and not capacity <= 1):
        raise ConfigError(
            f"capacity is a share such as .10 or a number of customers such as 50, not {capacity!r}"
        )
    return capacity


def queue(scorings: Iterable[pl.DataFrame], capacity: float) -> pl.DataFrame:
    """Give who is in the queue, with the share of active customers up to their rank.

    Who ranks within the capacity is in. Who ranks below it by no more than the hysteresis is in
    if they were in before.

    Args:
        scorings: `customer_id`, `rank` and `active` of the ranked, the latest scoring first.
        capacity: Share of the active customers (a float) or number of customers (an int).

    Returns:
        `customer_id`, `share`, sorted.
    """
    decided: list[pl.DataFrame] = []
    open_ones: pl.DataFrame | None = None
    for frame in scorings:
        placed = _place(frame, capacity)
        if open_ones is not None:
            placed = placed.drop("share").join(open_ones, on="customer_id")
        decided.append(placed.filter("within").select("customer_id", "share"))
        open_ones = placed.filter(~pl.col("within")).select("customer_id", "share")
        if open_ones.is_empty():
            break
    empty = pl.DataFrame(schema={"customer_id": pl.String, "share": pl.Float64})
    return pl.concat([empty, *decided]).sort("customer_id")


def _place(frame: pl.DataFrame, capacity: float) -> pl.DataFrame:
    """Tell who is within the capacity, and leave out who is clearly beyond it."""
    share = pl.col("rank") / pl.col("active")
    count = isinstance(capacity, int)
    edge = capacity / pl.col("active") if count else pl.lit(float(capacity))
    within = pl.col("rank") <= capacity if count else share <= edge
    return (
        frame.with_columns(share=share, within=within)
        .filter(pl.col("within") | (share <= edge + HYSTERESIS))
        .select("customer_id", "share", "within")
    )


def held_levels(scorings: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Give the risk level that each customer is held at.

    A level rises at once. It falls only as far as the level that the risk would have if it were
    higher by the hysteresis. So the level held is the one before, moved up to today's level or
    down to that upper one where it lies outside of the two.

    Args:
        scorings: `customer_id`, `risk_level` and `level_above` of everybody with a level, the
            latest scoring first.

    Returns:
        `customer_id`, `risk_level`, `held_level` and `held`, the held level's order, sorted.
    """
    done: list[pl.DataFrame] = []
    waiting: pl.DataFrame | None = None
    for frame in scorings:
        ordered = frame.select("customer_id", "risk_level", low=_order("risk_level"))
        ordered = ordered.with_columns(high=frame.select(_order("level_above")).to_series())
        waiting = ordered if waiting is None else _narrow(waiting, ordered)
        settled = pl.col("low") == pl.col("high")
        done.append(waiting.filter(settled))
        waiting = waiting.filter(~settled)
        if waiting.is_empty():
            break
    # nothing is known from before: today's level is the level
    parts = [*done, waiting] if waiting is not None else done
    names = [level.value for level in RiskLevel]
    schema = {"customer_id": pl.String, "risk_level": pl.String, "low": pl.Int64, "high": pl.Int64}
    return (
        pl.concat([pl.DataFrame(schema=schema), *parts])
        .select(
            "customer_id",
            "risk_level",
            held_level=pl.col("low").replace_strict(dict(enumerate(names)), return_dtype=pl.String),
            held=pl.col("low"),
        )
        .sort("customer_id")
    )


def _order(name: str) -> pl.Expr:
    orders = {level.value: level.order for level in RiskLevel}
    return pl.col(name).replace_strict(orders, return_dtype=pl.Int64)


def _narrow(waiting: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Move what an earlier scoring held into what a later one leaves open.

    Who has no level in the earlier one starts anew with the later one.
    """
    before = earlier.select("customer_id", low_before="low", high_before="high")
    joined = waiting.join(before, on="customer_id", how="left")
    low = pl.col("low_before").clip("low", "high").fill_null(pl.col("low"))
    high = pl.col("high_before").clip("low", "high").fill_null(pl.col("low"))
    return joined.select("customer_id", "risk_level", low=low, high=high)
