"""Which customer tables a command about a store reads when it names none."""

from pathlib import Path
from typing import TYPE_CHECKING

from procx_graph.assets import SAMPLE
from procx_graph.cli.history import store_place
from procx_graph.errors import ConfigError, StoreError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.store import Store


def source_of_scan(
    source: str | None, store: "Store | None", place: str | None, *, resume: str | None
) -> str | None:
    """Give the source of a scan: what is named, else the tables loaded into its store.

    Made-up customers of the sample must not end among real ones of the same id.

    Args:
        source: As it was named, if at all.
        store: Where the scan is kept, if anywhere.
        place: As the store was named.
        resume: The scan that goes on, which reads the sample again where it began with it.

    Returns:
        `None` for the sample.

    Raises:
        StoreError: The scan that is to go on is not there.
    """
    from procx_graph.store import Scans

    if _is_named(source) or store is None:
        return source
    if resume is not None and Scans(store).get(resume).base_name == _sample():
        return None
    return store_place(place) if _holds_customers(store) else None


def source_of_cases(source: str | None, store: "Store", place: str | None) -> str | None:
    """Give the source that answers to cases are checked against: that of the latest scan.

    Returns:
        `None` for the sample.

    Raises:
        ConfigError: The scan read a source that has to be named again.
    """
    from procx_graph.store import Scans

    if _is_named(source):
        return source
    scans = Scans(store)
    latest = next(iter(scans.summaries()), None)
    made_from = None if latest is None else scans.get(latest.scan_id).base_name
    if made_from == _sample():
        return None
    if _holds_customers(store):
        return store_place(place)
    if made_from is None:
        return None
    raise ConfigError(f"the scan read {made_from}: name it again with --source")


def source_of_scores(source: str | None, place: str | None) -> str | None:
    """Give the source of scores that a store is to keep: what is named, else its own tables.

    Returns:
        `None` for the sample.
    """
    from procx_graph.store import Store

    if _is_named(source):
        return source
    try:
        with Store.open(store_place(place), create=False, migrate=False) as store:
            return store_place(place) if _holds_customers(store) else None
    except StoreError:
        # there is none yet; what is wrong with one is told where it is written
        return None


def _is_named(source: str | None) -> bool:
    return source is not None or Settings().source is not None


def _holds_customers(store: "Store") -> bool:
    from procx_graph.store.live import held

    with store.reading() as connection:
        return "customers" in held(connection)


def _sample() -> str:
    return Path(SAMPLE).name
