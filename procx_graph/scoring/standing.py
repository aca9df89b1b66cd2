"""Where single customers stand, from their own rows alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import Profile
from procx_graph.scoring.features import NEEDED, plan_features
from procx_graph.scoring.features.live_plan import LivePlan
from procx_graph.scoring.states import states

STEP = timedelta(minutes=1)
"""The moment that a customer is seen from is the end of its minute, so that a query serves for
all who are asked for within it."""


class Standings:
    """Tells the state of one customer after the other, as everybody's scoring does.

    Not for two threads at once.

    Args:
        profile: What new, active and dormant mean.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._moment: datetime | None = None
        self._plan: LivePlan | None = None

    def state_in(self, tables: Mapping[str, pl.DataFrame], *, as_of: datetime) -> CustomerState:
        """Give the state of the customer whose rows these are.

        Args:
            tables: What a lookup gives for one customer who is there, with the columns of
                `scorer.COLUMNS` at least.
            as_of: The moment; labels without a date count as known then.
        """
        wanted = {name: table for name, table in tables.items() if name in NEEDED}
        moment = _end_of_step(as_of)
        if self._plan is None or moment != self._moment or not self._plan.fits(wanted):
            self._plan = LivePlan(wanted, lambda sources: self._count(sources, moment))
            self._moment = moment
        return CustomerState(self._plan.run(wanted).item())

    def _count(self, sources: Mapping[str, pl.LazyFrame], moment: datetime) -> pl.LazyFrame:
        counted = plan_features(sources, as_of=moment, profile=self.profile, is_current=True)
        return counted.select(states(self.profile.states))


def _end_of_step(moment: datetime) -> datetime:
    moment = in_utc(moment)
    whole = moment.replace(second=0, microsecond=0)
    return moment if moment == whole else whole + STEP
