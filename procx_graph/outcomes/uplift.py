"""Uplift: whether treated customers stay more often than those who were left alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

import polars as pl
from pydantic import Field, model_validator

from procx_graph.domain.model import Noun
from procx_graph.domain.outcome import WINDOWS, OutcomeKind
from procx_graph.outcomes.figures import Arm, Share, Uplift, UpliftVerdict
from procx_graph.outcomes.proportions import needed, newcombe, ratio_p
from procx_graph.outcomes.retention import ORDERS
from procx_graph.store.outcomes import CONTACTS
from procx_graph.tables.moment import literal

MISMATCH_BELOW = 0.001
"""Arms whose sizes are less likely than this by chance are not what was declared."""


class Expectation(Noun):
    """What was declared before an experiment began."""

    holdout_share: float = Field(default=0.1, gt=0, lt=1)
    """Of the eligible customers who are left alone."""
    churn: float = Field(default=0.20, gt=0, lt=1)
    """Share expected to leave when left alone."""
    reduced_to: float = Field(default=0.16, gt=0, lt=1)
    """Share that makes treatment worth while: the least effect to be seen."""
    days: int = Field(default=90)
    """The window that decides: 30, 60 or 90."""
    power: float = Field(default=0.8, gt=0.5, lt=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    """Two-sided. Intervals are of 95 % whatever this says."""

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        if self.reduced_to >= self.churn:
            raise ValueError("reduced_to must be below churn: treatment is to keep customers")
        if self.days not in WINDOWS:
            raise ValueError(f"days is one of {', '.join(map(str, WINDOWS))}, not {self.days}")
        return self

    @property
    def needed(self) -> int:
        """Customers to hold out, so that the least effect is seen."""
        times = (1 - self.holdout_share) / self.holdout_share
        return needed(self.churn, self.reduced_to, times=times, power=self.power, alpha=self.alpha)


def uplifts(
    arms: pl.DataFrame,
    retention: pl.DataFrame,
    expected: Expectation,
    *,
    now: datetime,
    contacts: pl.DataFrame | None = None,
) -> tuple[Uplift, ...]:
    """Compare the arms of every experiment in every window, the declared window first.

    Customers count in the arm they fell into, whatever was done for them. Of each, what the orders
    say of that very window counts before what anybody told after its end.

    Args:
        arms: As `store.outcomes.ARMS`.
        retention: As `store.outcomes.RETENTION`.
        expected: What was declared.
        now: The moment of the report; later windows are not over.
        contacts: Of the held out, as `store.outcomes.CONTACTS`; there are none when not given.
    """
    windows = sorted(WINDOWS, key=lambda days: (days != expected.days, -days))
    told = pl.DataFrame(schema=CONTACTS) if contacts is None else contacts
    moment = literal(now).dt.replace_time_zone("UTC")
    found = []
    for (experiment,), members in arms.partition_by("experiment", as_dict=True).items():
        for days in windows:
            over = members.filter(pl.col("assigned_at") + pl.duration(days=days) <= moment)
            measured = _measured(over, retention, days)
            reached = _contacted(over, told, days)
            made = _uplift(str(experiment), days, members, measured, expected, reached)
            found.append(made)
    return tuple(found)


def _measured(over: pl.DataFrame, retention: pl.DataFrame, days: int) -> pl.DataFrame:
    """Give customers whose window is over, with `value`, null where nobody knows."""
    told = retention.filter(pl.col("kind") == OutcomeKind.retained(days).value)
    ends = pl.col("assigned_at") + pl.duration(days=days)
    observed = pl.col("source") == ORDERS
    fitting = (
        over.join(told.drop("kind"), on="customer_id")
        .filter(pl.when(observed).then(pl.col("at") == ends).otherwise(pl.col("at") >= ends))
        .sort(observed.not_(), "at", "outcome_id")
        .unique("customer_id", keep="first", maintain_order=True)
        .select("customer_id", "value")
    )
    return over.join(fitting, on="customer_id", how="left")


def _contacted(over: pl.DataFrame, contacts: pl.DataFrame, days: int) -> int:
    """Count the held out who got a message within the window."""
    ends = pl.col("assigned_at") + pl.duration(days=days)
    within = (pl.col("contacted_at") > pl.col("assigned_at")) & (pl.col("contacted_at") <= ends)
    reached = over.filter("held").join(contacts, on="customer_id").filter(within)
    return reached["customer_id"].n_unique()


def _uplift(
    experiment: str,
    days: int,
    members: pl.DataFrame,
    over: pl.DataFrame,
    expected: Expectation,
    contacted: int,
) -> Uplift:
    held, treated = (_arm(over.filter(pl.col("held") == side)) for side in (True, False))
    # the arms as they were filled, and as they can be compared: both must be as declared
    sizes = [
        (int(members["held"].sum()), int((~members["held"]).sum())),
        (held.retained.of, treated.retained.of),
    ]
    chances = [ratio_p(*pair, share=expected.holdout_share) for pair in sizes]
    chance = min((p for p in chances if p is not None), default=None)
    missing = max(0, expected.needed - held.retained.of)
    claim: tuple[float | None, float | None, float | None] = (None, None, None)
    if chance is not None and chance < MISMATCH_BELOW:
        verdict = UpliftVerdict.MISMATCH
    elif missing or not treated.retained.of:
        verdict = UpliftVerdict.NOT_ENOUGH
    else:
        claim = _difference(treated.retained, held.retained)
        verdict = _verdict(claim[1], claim[2])
    made = Uplift(
        experiment=experiment, days=days, declared=days == expected.days, treated=treated,
        held=held, contacted=contacted, ratio_p=chance, needed=expected.needed, missing=missing,
        verdict=verdict, difference=claim[0], low=claim[1], high=claim[2], text="",
    )  # fmt: skip
    return made.model_copy(update={"text": " ".join(_sentences(made, sizes[0], expected))})


def _arm(customers: pl.DataFrame) -> Arm:
    known = customers["value"].drop_nulls()
    return Arm(assigned=len(customers), retained=Share.made(int((known > 0).sum()), len(known)))


def _difference(treated: Share, held: Share) -> tuple[float, float, float]:
    low, high = newcombe(treated.count, treated.of, held.count, held.of)
    return treated.count / treated.of - held.count / held.of, low, high


def _verdict(low: float | None, high: float | None) -> UpliftVerdict:
    if low is not None and low > 0:
        return UpliftVerdict.HIGHER
    if high is not None and high < 0:
        return UpliftVerdict.LOWER
    return UpliftVerdict.NO_DIFFERENCE


def _sentences(made: Uplift, filled: tuple[int, int], expected: Expectation) -> Iterator[str]:
    """Say what the figures mean, and what they do not."""
    if made.verdict is UpliftVerdict.MISMATCH:
        held, treated = made.held.retained.of, made.treated.retained.of
        yield (
            f"No uplift is claimed: {expected.holdout_share:.0%} were to be held out, but the arms "
            f"hold {filled[0]:,} of {sum(filled):,} customers, and in {held:,} of "
            f"{held + treated:,} it is known who stayed (p {_chance(made.ratio_p)})."
        )
        yield "Find out why before anything else; the arms are not alike."
        return
    if made.verdict is UpliftVerdict.NOT_ENOUGH:
        known = f"{made.held.retained.of:,} of {made.needed:,} needed"
        yield f"Not enough data: the holdout has {known}, {made.missing:,} more to go."
        yield (
            f"That many would show {expected.churn:.0%} churn falling to "
            f"{expected.reduced_to:.0%} with a power of {expected.power:.0%}."
        )
        return
    assert made.difference is not None
    assert made.low is not None
    assert made.high is not None
    points = f"{made.difference * 100:+.1f} points (95 % interval {made.low * 100:+.1f} to "
    points += f"{made.high * 100:+.1f})"
    yield {
        UpliftVerdict.HIGHER: f"Of the treated, more stayed: {points}.",
        UpliftVerdict.LOWER: f"Of the treated, fewer stayed: {points}.",
        UpliftVerdict.NO_DIFFERENCE: f"No difference is shown: {points}; the interval holds 0.",
    }[made.verdict]
    if made.contacted:
        yield (
            f"{made.contacted:,} of the held out got a message nevertheless, so the arms differ "
            "less than they should."
        )
    if not made.declared:
        yield f"Only background: the window that decides is {expected.days} days."


def _chance(p: float | None) -> str:
    return "unknown" if p is None else "< 0.0001" if p < 1e-4 else f"= {p:.4f}"
