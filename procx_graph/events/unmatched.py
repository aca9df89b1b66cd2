"""Events whose customer nobody knows yet: looking at them, and telling whose they are."""

from collections.abc import Sequence
from datetime import datetime

from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.errors import DataError, UnknownCustomer
from procx_graph.events.inbox import hold_the_pen
from procx_graph.events.naming import account_reference, parts
from procx_graph.events.settle import Change, Settling
from procx_graph.store import aliases, audit
from procx_graph.store.database import Store
from procx_graph.store.event_log import EventLog, Standing


class Parked(Noun):
    """A story that waits for somebody to know whose it is."""

    story: str
    standing: Standing
    why: str
    since: datetime
    events: tuple[str, ...]
    """Ids, oldest first."""
    descriptions: tuple[str, ...]
    accounts: tuple[str, ...]
    """Providers' ids that it names, as `procx events link` takes them."""


def unmatched(store: Store) -> list[Parked]:
    """Give the stories that are parked, the longest first.

    Raises:
        StoreError: The store cannot be read.
    """
    with store.reading() as connection:
        log = EventLog(connection)
        found = []
        for story, standing, why, since in log.parked():
            events = sorted(log.of_story(story), key=lambda one: (one.occurred_at, one.event_id))
            found.append(
                Parked(
                    story=story,
                    standing=standing,
                    why=why,
                    since=since,
                    events=tuple(one.event_id for one in events),
                    descriptions=tuple(one.description for one in events),
                    accounts=tuple(
                        value
                        for kind, value in map(parts, log.references_of(story))
                        if kind is ReferenceKind.ACCOUNT
                    ),
                )
            )
        return found


def link(store: Store, account: str, customer_id: str, *, now: datetime, who: str) -> list[Change]:
    """Say whose a provider's id is, and settle what waited for that; see `link_all`."""
    return link_all(store, [(account, customer_id)], now=now, who=who)


def link_all(
    store: Store, pairs: Sequence[tuple[str, str]], *, now: datetime, who: str
) -> list[Change]:
    """Say whose some providers' ids are, all or none of them, and settle what waited for that.

    Args:
        store: Where the events are.
        pairs: The provider's id as `provider|account|id`, see `Parked.accounts`, and our customer.
        now: The present moment.
        who: The person who says so, for the audit.

    Returns:
        What changed in the customer tables.

    Raises:
        UnknownCustomer: Nobody has this id.
        DataError: An account is not written like one.
        StoreError: The store cannot be written.
    """
    references = [(_reference(account), customer_id) for account, customer_id in pairs]
    with store.writing(durable=True) as connection:
        hold_the_pen(connection)
        settling = Settling(connection, now=in_utc(now))
        told: set[str] = set()
        for reference, customer_id in references:
            if not settling.rows.knows_customer(customer_id):
                raise UnknownCustomer(customer_id)
            was = aliases.customer_of(connection, reference)
            aliases.settle(connection, reference, customer_id, at=in_utc(now), source=who)
            audit.note(
                connection,
                at=in_utc(now),
                actor=who,
                action="link",
                subject=reference,
                detail={"customer_id": customer_id, "was": was},
            )
            told.update(aliases.family(connection, reference))
        settling.settle(sorted(settling.log.stories_referring(told)))
    return settling.changes


def _reference(account: str) -> str:
    """Read an account as people write it.

    Raises:
        DataError: It is not written like one.
    """
    provider, _, rest = account.partition("|")
    shop, bar, value = rest.rpartition("|")
    if not (provider and bar and value):
        raise DataError(
            f"an account is written provider|account|id, such as stripe||cus_1, not {account!r}"
        )
    return account_reference(provider, shop, value)
