"""One customer scored alone, exactly as the scan of everybody scores them."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.health import Driver
from procx_graph.domain.risk import Score
from procx_graph.errors import ConfigError, UnknownCustomer
from procx_graph.schema import TABLES
from procx_graph.scoring.appraise import Setting
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.features import NEEDED, plan_features
from procx_graph.scoring.features.live_plan import Build, LivePlan
from procx_graph.scoring.health.weighing import Health
from procx_graph.scoring.published import as_scores
from procx_graph.scoring.reasons.drivers import Evidence, keep_strongest
from procx_graph.tables.lookup import Lookup, open_lookup
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.moment import Moment, as_moment, needed

COLUMNS = {name: needed(TABLES[name], columns) for name, columns in NEEDED.items()}
"""Columns that are fetched of each table: those that are counted, and those that date them."""

PLANS = 8
"""Queries kept by a thread: one per moment, and one for the healths."""


class CustomerScorer:
    """Scores a few customers from their own rows and the statistics of a scan of everybody.

    Within one version of the statistics a score is exactly that of the full scan; nobody else's
    rows are read. It may be used by several threads.

    Args:
        source: Where the rows are: a lookup, an opened base, a database URL, a folder or workbook.
        cohort: The statistics: `Scores.cohort`, or read back from a store.
        mapping: How names and values of the source translate.

    Raises:
        DataError: The source cannot be read.
        ConfigError: The mapping is wrong, or `cohort` is none.
    """

    def __init__(
        self,
        source: Lookup | CustomerBase | str | Path,
        cohort: Cohort,
        *,
        mapping: TableMapping | str | Path | Mapping[str, object] | None = None,
    ) -> None:
        if not isinstance(cohort, Cohort):
            raise ConfigError(f"a scorer needs cohort statistics, not a {type(cohort).__name__}")
        if isinstance(source, str | Path | CustomerBase):
            source = open_lookup(source, mapping)
        self._lookup: Lookup = source
        self.cohort = cohort
        self._hash = cohort.profile_hash
        self._kept = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._lookup.close()

    def score_one(
        self, customer_id: str, *, as_of: Moment | None = None, drivers: bool = False
    ) -> Score:
        """Score one customer.

        Args:
            customer_id: Whom.
            as_of: The moment to look from; that of the statistics when not given.
            drivers: Write the reasons as well, which takes longer.

        Raises:
            UnknownCustomer: Nobody has this id.
            DataError: The source cannot be read.
        """
        return self.score_many([customer_id], as_of=as_of, drivers=drivers)[customer_id]

    def score_many(
        self, ids: Iterable[str], *, as_of: Moment | None = None, drivers: bool = False
    ) -> dict[str, Score]:
        """Score some customers at once, which is far cheaper for each than one by one.

        Args:
            ids: Whom; the scores come in this order.
            as_of: The moment to look from; that of the statistics when not given.
            drivers: Write the reasons as well, which takes longer.

        Raises:
            UnknownCustomer: Nobody has one of these ids.
            DataError: The source cannot be read, or `as_of` is no moment.
            ConfigError: `ids` are none.
        """
        wanted = _distinct(ids)
        if not wanted:
            return {}
        moment = self.cohort.as_of if as_of is None else as_moment(as_of)
        setting = self._setting(moment)
        described = setting.describe(self._counted(wanted, moment))
        there = set(described["customer_id"].to_list())
        for name in wanted:
            if name not in there:
                raise UnknownCustomer(name)
        found = self._appraise(described, setting, drivers=drivers)
        return {name: found[name] for name in wanted}

    def _setting(self, moment: datetime) -> Setting:
        kept = self.cohort.setting
        return kept if moment == kept.as_of else Setting(kept.profile, moment, kept.peers, kept.fit)

    def _counted(self, ids: list[str], moment: datetime) -> pl.DataFrame:
        tables = self._lookup.rows(ids, COLUMNS)

        def count(sources: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
            return plan_features(
                sources,
                as_of=moment,
                profile=self.cohort.setting.profile,
                is_current=self.cohort.is_current,
            )

        return self._run(f"count {moment}", tables, count)

    def _weighed(self, described: pl.DataFrame, setting: Setting) -> Health:
        return Health(
            self._run("weigh", {"": described}, lambda tables: setting.plan_health(tables[""]))
        )

    def _run(self, name: str, tables: Mapping[str, pl.DataFrame], build: Build) -> pl.DataFrame:
        """Run a query that is built once in each thread, and kept while it fits."""
        plans: dict[str, LivePlan] = self._kept.__dict__.setdefault("plans", {})
        plan = plans.get(name)
        if plan is None or not plan.fits(tables):
            if len(plans) >= PLANS:
                plans.clear()
            plan = plans[name] = LivePlan(tables, build)
        return plan.run(tables)

    def _appraise(
        self, described: pl.DataFrame, setting: Setting, *, drivers: bool
    ) -> dict[str, Score]:
        norms = self.cohort.norms
        health = self._weighed(described, setting)
        risk = setting.assess(described, health, buyers=norms.buyers).against(norms.mean)
        published = setting.publish(described, health, risk, mean=norms.mean)
        ranked = self.cohort.standing.place(published)
        reasons: list[list[Driver]] = [[] for _ in range(len(ranked))]
        if drivers:
            rows = np.arange(len(ranked))
            evidence = Evidence(described, health, risk, setting.profile, self.cohort.medians)
            kept = keep_strongest(evidence, rows).per_customer(rows)
            reasons = [[Driver.model_validate(reason) for reason in one] for one in kept]
        scores = as_scores(ranked, health, self._hash, reasons)
        return {one.customer_id: one for one in scores}


def _distinct(ids: Iterable[str]) -> list[str]:
    """Give each id once, in the order given."""
    given = [ids] if isinstance(ids, str) or not isinstance(ids, Iterable) else list(ids)
    if isinstance(ids, str) or not all(isinstance(one, str) for one in given):
        raise ConfigError(f"a list of customer ids is needed, not {ids!r}")
    return list(dict.fromkeys(given))
