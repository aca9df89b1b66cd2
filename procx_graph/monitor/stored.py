"""Scoring single customers from the statistics that the store keeps."""

from collections.abc import Mapping
from pathlib import Path

from procx_graph.base import CustomerBase
from procx_graph.domain.profile import Profile
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.scorer import CustomerScorer
from procx_graph.store.cohorts import Cohorts
from procx_graph.store.database import Store
from procx_graph.tables.mapping import TableMapping


def stored_scorer(
    source: CustomerBase | str | Path,
    store: Store,
    *,
    profile: str | Path | Profile = "default-v1",
    mapping: TableMapping | str | Path | Mapping[str, object] | None = None,
) -> CustomerScorer:
    """Give what scores single customers of a source as in its latest recorded scan.

    Args:
        source: Where the customers' rows are: a database URL, a folder, a workbook or an opened
            base. Nobody's rows are read before they are asked for.
        store: Keeps the statistics: `monitor.history.record` wrote them.
        profile: The one the scan was made with.
        mapping: How names and values of the source translate.

    Raises:
        StoreError: No scan with this profile is recorded.
        ConfigError: The profile or the mapping is wrong.
        DataError: The source cannot be read.
    """
    kept = Cohorts(store).latest(load_profile(profile).hash)
    return CustomerScorer(source, Cohort.from_bytes(kept), mapping=mapping)
