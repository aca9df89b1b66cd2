"""Where one customer stands, from their own rows alone."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import Profile
from procx_graph.scoring.features import NEEDED, plan_features
from procx_graph.scoring.states import states


def state_in(
    tables: Mapping[str, pl.DataFrame], *, as_of: datetime, profile: Profile
) -> CustomerState:
    """Give the state of the one customer whose rows these are, as everybody's scoring does.

    Args:
        tables: What a lookup gives for one customer who is there, with the columns of
            `scorer.COLUMNS` at least.
        as_of: The moment; labels without a date count as known then.
        profile: What new, active and dormant mean.
    """
    wanted = {name: table.lazy() for name, table in tables.items() if name in NEEDED}
    counted = plan_features(wanted, as_of=as_of, profile=profile, is_current=True).collect()
    return CustomerState(counted.select(states(profile.states)).item())
