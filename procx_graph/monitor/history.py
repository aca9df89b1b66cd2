"""Recording scores in the store: those of now, and those of moments in the past."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import polars as pl

from procx_graph.base import CustomerBase, Moment
from procx_graph.domain.model import Noun
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError, DataError
from procx_graph.scoring.engine import Engine, Scores, score
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.ranking import DECIMALS
from procx_graph.scoring.risk.levels import levels
from procx_graph.store.cohorts import Cohorts
from procx_graph.store.database import Store
from procx_graph.store.history import ScoreHistory
from procx_graph.store.schema import SUB_SCORES
from procx_graph.store.standing import HYSTERESIS
from procx_graph.tables.moment import as_moment

MOST = 5_000
"""Moments of one back-fill; more are a slip of the pen."""


class Cadence(StrEnum):
    """How often the past is scored; all at the end of a day in UTC."""

    DAILY = "daily"
    WEEKLY = "weekly"
    """On Sundays."""
    MONTHLY = "monthly"
    """On the last day of the month."""


class Backfill(Noun):
    """What came of scoring the past; all moments are aware UTC, oldest first."""

    profile_hash: str
    recorded: tuple[datetime, ...]
    skipped: tuple[datetime, ...]
    """Recorded before, from the same data with the same profile."""
    empty: tuple[datetime, ...]
    """Before there was any customer."""


def moments(
    base: CustomerBase,
    *,
    since: Moment,
    until: Moment | None = None,
    every: Cadence | str | int = Cadence.WEEKLY,
) -> list[datetime]:
    """Give the moments that a back-fill scores, oldest first.

    They lie on a fixed grid, so that back-fills of other days meet the same ones; the last one is
    `until`, whether on the grid or not.

    Args:
        base: Whose past it is.
        since: The first day.
        until: The last moment; the base's own as_of when not given.
        every: A cadence, or a number of days.

    Raises:
        ConfigError: The base is none; a day is none, or after the base's as_of; the cadence is
            unknown; or these would be more than 5,000.
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"the past is that of a CustomerBase, not of a {type(base).__name__}")
    step = _cadence(every)
    first = _moment("since", since)
    end = base.as_of if until is None else _moment("until", until)
    if end.date() > base.as_of.date():
        raise ConfigError(f"until {end:%Y-%m-%d} is after the base's as_of {base.as_of:%Y-%m-%d}")
    end = min(end, base.as_of)
    if first.date() > end.date():
        raise ConfigError(f"since {first:%Y-%m-%d} is after {end:%Y-%m-%d}, where the past ends")
    span = (end.date() - first.date()).days + 1
    days = (first.date() + timedelta(days=number) for number in range(span))
    found = [as_moment(day) for day in days if _on_grid(day, step)]
    chosen = [*(moment for moment in found if moment < end), end]
    if len(chosen) > MOST:
        raise ConfigError(f"these are {len(chosen):,} moments, more than {MOST:,}: begin later")
    return chosen


def backfill(
    base: CustomerBase,
    store: Store,
    *,
    profile: str | Path | Profile = "default-v1",
    since: Moment,
    until: Moment | None = None,
    every: Cadence | str | int = Cadence.WEEKLY,
    engine: Engine = "polars",
    at: datetime,
    on_progress: Callable[[int, int, datetime], None] | None = None,
) -> Backfill:
    """Score a base as it was at moments in the past, and record what comes of it.

    Each moment is scored from what was known then: later rows do not exist, and snapshot columns
    are unknown. Every moment is kept when it is done, so that what was stopped goes on where it
    was. The statistics for scoring single customers are kept for a moment that shows the latest.

    Args:
        base: The tables.
        store: Where the scores are kept.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        since: As for `moments`.
        until: As for `moments`.
        every: As for `moments`.
        engine: Where the features are counted.
        at: The present moment, which is noted with what is recorded.
        on_progress: Called after each moment with how many are done, how many there are, and the
            moment.

    Raises:
        ConfigError: The profile, the engine or the moments are wrong.
        StoreError: The store cannot be read or written.
    """
    chosen = load_profile(profile)
    planned = moments(base, since=since, until=until, every=every)
    known = {
        scoring.as_of
        for scoring in ScoreHistory(store).scorings(chosen.hash)
        if scoring.fingerprint == base.fingerprint
    }
    came: dict[str, list[datetime]] = {"recorded": [], "skipped": [], "empty": []}
    for number, moment in enumerate(planned, start=1):
        if moment in known:
            came["skipped"].append(moment)
        elif not len(view := base.at(moment)):
            came["empty"].append(moment)
        else:
            made = record(score(view, profile=chosen, engine=engine), store, at=at)
            came["skipped" if made is None else "recorded"].append(moment)
        if on_progress:
            on_progress(number, len(planned), moment)
    return Backfill.model_validate({"profile_hash": chosen.hash} | came)


def record(scores: Scores, store: Store, *, at: datetime) -> int | None:
    """Keep scores, and the statistics for scoring single customers where they show the latest.

    Args:
        scores: Of a whole base.
        store: Where they are kept.
        at: The present moment, which is noted with them.

    Returns:
        The scoring's id; `None` when it is recorded already.

    Raises:
        StoreError: The store cannot be written.
    """
    version = None
    if scores.provenance.is_current:
        cohort = scores.cohort
        version = cohort.version
        Cohorts(store).keep(
            version, scores.as_of, scores.profile_hash, scores.fingerprint, cohort.to_bytes()
        )
    return ScoreHistory(store).record(
        to_rows(scores),
        as_of=scores.as_of,
        profile_hash=scores.profile_hash,
        profile_name=scores.profile.name,
        fingerprint=scores.fingerprint,
        method=scores.risk.method.value,
        horizon_days=scores.profile.risk.horizon_days,
        at=at,
        cohort_version=version,
    )


def to_rows(scores: Scores) -> pl.DataFrame:
    """Give scores with the columns that the store keeps: published numbers, nothing unrounded.

    Beside the score table these are the ten sub-scores, and `level_above`, the level that the
    risk would have if it were higher by the hysteresis.
    """
    risk = scores.frame["churn_risk"].fill_null(float("nan")).to_numpy()
    above = levels(
        risk + HYSTERESIS, scores.norms.mean, scores.profile.levels, evident=scores.risk.evident
    )
    sub_scores = (
        pl.Series(name, scores.health.sub_scores[:, place]).fill_nan(None).round(DECIMALS)
        for place, name in enumerate(SUB_SCORES)
    )
    return scores.frame.with_columns(above.alias("level_above"), *sub_scores)


def _cadence(every: Cadence | str | int) -> Cadence | int:
    if isinstance(every, int) and not isinstance(every, bool) and every >= 1:
        return every
    if isinstance(every, str) and every in list(Cadence):
        return Cadence(every)
    names = ", ".join(Cadence)
    raise ConfigError(f"the past is scored {names}, or every so many days, not {every!r}")


def _moment(name: str, given: Moment) -> datetime:
    try:
        return as_moment(given)
    except DataError as error:
        raise ConfigError(f"{name} {given!r} is no date; write 2025-01-31") from error


def _on_grid(day: date, step: Cadence | int) -> bool:
    match step:
        case Cadence.DAILY:
            return True
        case Cadence.WEEKLY:
            return day.isoweekday() == 7
        case Cadence.MONTHLY:
            return day.day == monthrange(day.year, day.month)[1]
        case _:
            return day.toordinal() % step == 0
