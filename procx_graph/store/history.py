"""Score history: every scoring as it was, and what changed from one to another."""

from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Connection

from procx_graph.errors import ConfigError, StoreError
from procx_graph.store import alerts, bulk, changes, standing
from procx_graph.store.bulk import Schema
from procx_graph.store.database import Store
from procx_graph.store.rows import (
    COLUMNS,
    COMPARED,
    MOMENT,
    checked,
    levels,
    moments_of,
    ranked,
    scores_of,
)
from procx_graph.store.schema import scores
from procx_graph.store.scorings import Scoring, add, find, line, until
from procx_graph.tables.moment import Moment, as_moment

_ALERTS: Schema = {
    "customer_id": pl.String,
    "kind": pl.String,
    "before": pl.Float64,
    "now": pl.Float64,
    "scoring_id": pl.Int64,
    "previous_id": pl.Int64,
    "as_of": MOMENT,
    "since": MOMENT,
}


class ScoreHistory:
    """What every customer scored at every moment that was recorded; nothing in it changes.

    Where a moment was recorded more than once with one profile, because the data had changed, the
    readers here take what was recorded last. Without a `profile_hash` they take the profile of
    the latest scoring.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def record(
        self,
        frame: pl.DataFrame,
        *,
        as_of: datetime,
        profile_hash: str,
        profile_name: str,
        fingerprint: str,
        method: str,
        horizon_days: int,
        at: datetime,
        cohort_version: str | None = None,
    ) -> int | None:
        """Add a scoring, whole or not at all.

        Args:
            frame: A row per customer with the columns `COLUMNS`.
            as_of: The moment the scores hold for; naive is UTC.
            profile_hash: Of the profile that made them.
            profile_name: How the profile is called.
            fingerprint: Of the data.
            method: What made the churn risk.
            horizon_days: Of the churn risk.
            at: The present moment.
            cohort_version: Statistics kept in `Cohorts` that belong to it.

        Returns:
            Its id; `None` when this moment, profile, data and method are recorded already.

        Raises:
            StoreError: A column is missing, a customer comes twice, a value is none that a
                scoring has, or the store cannot be written.
        """
        kept = checked(frame)
        with self.store.writing() as connection:
            made = add(
                connection,
                as_of=as_of,
                profile_hash=profile_hash,
                profile_name=profile_name,
                fingerprint=fingerprint,
                method=method,
                horizon_days=horizon_days,
                customers=len(kept),
                active=kept["rank"].count(),
                cohort_version=cohort_version,
                recorded_at=at,
            )
            if made is not None:
                numbered = kept.select(pl.lit(made).alias("scoring_id"), *COLUMNS)
                bulk.insert(connection, scores, numbered)
        return made

    def scorings(self, profile_hash: str | None = None) -> list[Scoring]:
        """Give every scoring, of one profile or of all, oldest moment first."""
        known = {} if profile_hash is None else {"profile_hash": profile_hash}
        with self.store.reading() as connection:
            return find(connection, **known)

    def of(self, customer_id: str) -> pl.DataFrame:
        """Give all moments of one customer, oldest first; no row when there are none.

        The columns are `scoring_id`, `as_of`, `profile_hash`, `profile_name`, `method`, `active`,
        then `COLUMNS`.

        Raises:
            StoreError: The id is no text, or the store cannot be read.
        """
        if not isinstance(customer_id, str):
            raise StoreError(f"a customer is named by an id as text, not by {customer_id!r}")
        with self.store.reading() as connection:
            last = [scoring.id for scoring in line(find(connection))]
            found = moments_of(connection, customer_id)
        return found.filter(pl.col("scoring_id").is_in(last))

    def at(self, as_of: Moment | None = None, *, profile_hash: str | None = None) -> pl.DataFrame:
        """Give the scores of the latest scoring at or before a moment, sorted by customer_id.

        The columns are those of `of`.

        Raises:
            StoreError: There is none.
        """
        with self.store.reading() as connection:
            scoring = self._line(connection, as_of, profile_hash)[-1]
            return scores_of(connection, scoring)

    def change(
        self,
        days: int = 30,
        as_of: Moment | None = None,
        *,
        profile_hash: str | None = None,
    ) -> pl.DataFrame:
        """Give what changed since the nearest scoring at least so many days before.

        Args:
            days: At least this many days lie between; the column `days` tells how many do.
            as_of: The latest scoring at or before this moment is looked at.
            profile_hash: Whose scorings.

        Returns:
            Columns as in `changes.compare`, a row per customer, sorted; `previous_id` is null for
            everybody when no scoring is that old.

        Raises:
            ConfigError: `days` is not a whole number from 1 to 36,500.
            StoreError: There is no scoring at or before the moment.
        """
        _require("a change takes 1 to 36,500 days", days, 1, 36_500)
        with self.store.reading() as connection:
            past = self._line(connection, as_of, profile_hash)
            now = past[-1]
            old = [one for one in past if one.as_of <= now.as_of - timedelta(days=days)]
            current = scores_of(connection, now, COMPARED)
            before = scores_of(connection, old[-1], COMPARED) if old else current.clear()
        return changes.compare(current, before)

    def trend(self, customer_id: str, *, last: int = 6) -> changes.Trend:
        """Draw a line through the last scorings of one customer that can be compared.

        Raises:
            ConfigError: `last` is not a whole number from 3 to 10,000.
        """
        _require("a trend takes 3 to 10,000 scorings", last, 3, 10_000)
        return changes.trend(customer_id, self.of(customer_id), last)

    def held_levels(
        self, as_of: Moment | None = None, *, profile_hash: str | None = None
    ) -> pl.DataFrame:
        """Give the risk level that each customer is held at, as `standing.held_levels` does.

        Raises:
            StoreError: There is no scoring at or before the moment.
        """
        with self.store.reading() as connection:
            past = self._line(connection, as_of, profile_hash)
            return standing.held_levels(levels(connection, past))

    def alerts(
        self,
        as_of: Moment | None = None,
        capacity: float = 0.10,
        *,
        profile_hash: str | None = None,
    ) -> pl.DataFrame:
        """Give what happened between a scoring and the one before it.

        Who entered or left the queue and whose level changed, both with hysteresis; whose risk
        rose by .15 or health fell by 10 points against the scoring a month before, where the two
        can be compared, told once: in the scoring that first says so.

        Args:
            as_of: The latest scoring at or before this moment is looked at.
            capacity: Size of the queue: a share of the active customers as a float, or a number
                of customers as an int.
            profile_hash: Whose scorings.

        Returns:
            `customer_id`, `kind` (an `AlertKind`, which says what `before` and `now` are),
            `before`, `now`, and the two scorings: `scoring_id`, `previous_id`, `as_of`, `since`.
            Empty when there is no scoring before.

        Raises:
            ConfigError: The capacity is neither a share nor a number of customers.
            StoreError: There is no scoring at or before the moment.
        """
        size = standing.read_capacity(capacity)
        with self.store.reading() as connection:
            past = self._line(connection, as_of, profile_hash)
            if len(past) < 2:
                return pl.DataFrame(schema=_ALERTS)
            found = pl.concat(_alerts(connection, past, size))
        return (
            found.with_columns(
                scoring_id=pl.lit(past[-1].id, pl.Int64),
                as_of=pl.lit(past[-1].as_of).cast(MOMENT),
            )
            .select(list(_ALERTS))
            .sort("kind", "customer_id")
        )

    def _line(
        self, connection: Connection, as_of: Moment | None, profile_hash: str | None
    ) -> list[Scoring]:
        """Give the scorings of one profile up to a moment, at least one, oldest first."""
        moment = None if as_of is None else as_moment(as_of)
        known = {} if profile_hash is None else {"profile_hash": profile_hash}
        found = line(find(connection, **known))
        latest = until(found, moment, self.store.name)
        same = [one for one in found if one.profile_hash == latest.profile_hash]
        return [one for one in same if one.as_of <= latest.as_of]


def _require(what: str, given: int, least: int, most: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise ConfigError(f"{what}, not {given!r}")


def _alerts(connection: Connection, past: list[Scoring], capacity: float) -> list[pl.DataFrame]:
    in_queue = alerts.queue_alerts(
        standing.queue(ranked(connection, past, capacity), capacity),
        standing.queue(ranked(connection, past[:-1], capacity), capacity),
    )
    of_level = alerts.level_alerts(
        standing.held_levels(levels(connection, past)),
        standing.held_levels(levels(connection, past[:-1])),
    )
    told = _jumps(connection, past[:-1]).select("customer_id", "kind")
    jumped = _jumps(connection, past).join(told, on=["customer_id", "kind"], how="anti")
    return [_since(past[-2], in_queue), jumped, _since(past[-2], of_level)]


def _jumps(connection: Connection, past: list[Scoring]) -> pl.DataFrame:
    """Give whose risk is higher or health lower than a month before, or than in the first."""
    month = timedelta(days=alerts.WINDOW_DAYS)
    before = [one for one in past if one.as_of <= past[-1].as_of - month] or past[:1]
    now, then = (scores_of(connection, one, COMPARED) for one in (past[-1], before[-1]))
    return _since(before[-1], alerts.jump_alerts(changes.compare(now, then)))


def _since(before: Scoring, found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(
        previous_id=pl.lit(before.id, pl.Int64), since=pl.lit(before.as_of).cast(MOMENT)
    )
