"""Scoring again whoever something happened to, beside the receiving of what happens."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Self

from procx_graph.domain.clock import Clock
from procx_graph.domain.health import Driver
from procx_graph.domain.model import Noun
from procx_graph.domain.profile import Profile
from procx_graph.domain.risk import Score
from procx_graph.errors import StoreError, UnknownCustomer
from procx_graph.events.timers import abandon_carts
from procx_graph.monitor.stored import stored_scorer
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.scorer import CustomerScorer
from procx_graph.store import rescorings
from procx_graph.store.cohorts import Cohorts
from procx_graph.store.database import Store
from procx_graph.store.live import held
from procx_graph.store.marks import marked, one_at_a_time, still_marked, unmark
from procx_graph.store.rescorings import Before, Rescoring
from procx_graph.store.standing import HYSTERESIS, read_capacity

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Customers scored together at most."""


class Rescored(Noun):
    """What an event did to one customer's scores."""

    customer_id: str
    as_of: datetime
    health: float
    health_before: float | None
    """`None` where the customer was never scored."""
    churn_risk: float | None
    churn_risk_before: float | None
    revenue_at_risk: float | None
    queued: bool
    """Whether the customer is in the queue now, after hysteresis."""
    entered: bool
    """Whether that is new."""
    drivers: tuple[Driver, ...]


Listener = Callable[[Rescored], None]
"""Is told of a customer who entered the queue: the event `customer.at_risk`."""


class Rescorer:
    """Scores marked customers from their own rows and the statistics of the latest scan.

    Args:
        store: The live store: customer tables, marks, and statistics.
        clock: The moment that customers are seen from.
        profile: The one the latest scan was made with.
        capacity: Size of the queue: a share of the active customers as a float, or a number of
            them as an int.
        on_at_risk: Called once for each customer who enters the queue, after that is stored.

    Raises:
        ConfigError: Profile or capacity cannot be used.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        profile: str | Path | Profile = "default-v1",
        capacity: float = 0.10,
        on_at_risk: Listener | None = None,
    ) -> None:
        self.store, self.clock, self.on_at_risk = store, clock, on_at_risk
        self.profile, self.capacity = load_profile(profile), read_capacity(capacity)
        self._scorer: CustomerScorer | None = None
        self._version: str | None = None
        self._held: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        if self._scorer is not None:
            self._scorer.close()
        self._scorer, self._version = None, None

    def run(self, limit: int = AT_ONCE) -> list[Rescored]:
        """Score the customers who are marked longest, and take their marks away.

        Carts that were left are told of, which marks for the next time. A customer who changes
        meanwhile stays marked.

        Args:
            limit: Customers at most.

        Returns:
            What came of it, in the order of the ids.

        Raises:
            StoreError: The store cannot be used, or no scan with this profile is recorded.
        """
        with self.store.reading() as connection:
            seen, tables = marked(connection, limit), held(connection)
        now = self.clock.now()
        abandon_carts(self.store, now=now)
        if not seen:
            return []
        found = self._score(seen, now, tables)
        with self.store.writing() as connection:
            one_at_a_time(connection)
            # whoever is not marked any more was scored by another process meanwhile
            left = still_marked(connection, seen)
            scores = {name: one for name, one in found.items() if name in left}
            before = rescorings.latest(connection, scores, self.profile.hash)
            made = {
                name: self._rescoring(one, before.get(name), now) for name, one in scores.items()
            }
            rescorings.add(connection, list(made.values()))
            unmark(connection, seen)
        told = [
            _told(scores[name], made[name], before.get(name), self._was_queued(before.get(name)))
            for name in sorted(made)
        ]
        for one in told:
            log.info("customer scored again", extra={"customer_id": one.customer_id})
            if one.entered:
                self._tell(one)
        return told

    def _tell(self, one: Rescored) -> None:
        """Tell of one who entered the queue; the others are told of even where that fails."""
        if self.on_at_risk is None:
            return
        try:
            self.on_at_risk(one)
        except Exception as error:  # noqa: BLE001 - foreign code, and the scores are stored
            log.error(
                "listener failed",
                extra={"customer_id": one.customer_id, "error": type(error).__name__},
            )

    def _score(
        self, seen: Iterable[str], now: datetime, tables: tuple[str, ...]
    ) -> dict[str, Score]:
        """Score customers; whoever is not there at this moment is left out."""
        scorer, wanted = self._current(tables), sorted(seen)
        while wanted:
            try:
                return scorer.score_many(wanted, as_of=now, drivers=True)
            except UnknownCustomer as error:
                wanted.remove(error.customer_id)
        return {}

    def _current(self, tables: tuple[str, ...]) -> CustomerScorer:
        """Give a scorer with the statistics of the latest scan, which reads these tables."""
        version = Cohorts(self.store).latest_version(self.profile.hash)
        if version is None:
            raise StoreError(
                f"the store {self.store.name} has no scan with profile {self.profile.name} to "
                "compare with: record one, `procx score --store PLACE`"
            )
        if self._scorer is None or (version, tables) != (self._version, self._held):
            self.close()
            self._scorer = stored_scorer(self.store.url, self.store, profile=self.profile)
            self._version, self._held = version, tables
        return self._scorer

    def _rescoring(self, score: Score, before: Before | None, now: datetime) -> Rescoring:
        return Rescoring(
            customer_id=score.customer_id,
            at=now,
            as_of=score.as_of,
            profile_hash=self.profile.hash,
            cohort_version=str(self._version),
            state=score.state,
            health=score.health,
            churn_risk=score.churn_risk,
            risk_level=score.risk_level,
            revenue_at_risk=score.revenue_at_risk,
            share=score.top_share,
            queued=self._queued(score, self._was_queued(before)),
        )

    def _was_queued(self, before: Before | None) -> bool:
        if before is None or before.share is None:
            return False
        return before.share <= self._edge if before.queued is None else before.queued

    def _queued(self, score: Score, was: bool) -> bool:
        """Whoever is in stays in until clearly out."""
        if score.top_share is None:
            return False
        return score.top_share <= (self._edge + HYSTERESIS if was else self._edge)

    @property
    def _edge(self) -> float:
        """The share of the active customers that the queue holds."""
        if not isinstance(self.capacity, int) or self._scorer is None:
            return self.capacity
        return self.capacity / max(len(self._scorer.cohort.standing), 1)


def _told(score: Score, made: Rescoring, before: Before | None, was: bool) -> Rescored:
    return Rescored(
        customer_id=made.customer_id,
        as_of=made.as_of,
        health=made.health,
        health_before=before.health if before else None,
        churn_risk=made.churn_risk,
        churn_risk_before=before.churn_risk if before else None,
        revenue_at_risk=made.revenue_at_risk,
        queued=made.queued,
        entered=made.queued and not was,
        drivers=score.drivers,
    )
