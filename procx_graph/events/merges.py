"""Two of a provider's customers that became one."""

from datetime import datetime

from sqlalchemy import Connection

from procx_graph.events.naming import account_reference
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.settle import ACTOR
from procx_graph.store import aliases, audit
from procx_graph.store.event_log import EventLog


def merge_accounts(connection: Connection, delivery: Delivery, *, now: datetime) -> list[str]:
    """Let ids that are no more lead to the customer whom the kept ones lead to.

    Where the two led to different customers of ours, the kept one has the word, and the audit
    says so.

    Returns:
        The stories to settle again.
    """
    told: set[str] = set()
    for merge in delivery.merges:
        gone, kept = (
            account_reference(delivery.provider, delivery.account, one)
            for one in (merge.gone, merge.kept)
        )
        was, now_is = (aliases.customer_of(connection, one) for one in (gone, kept))
        aliases.merge(connection, gone, kept)
        told.update(aliases.family(connection, kept))
        if was is not None and now_is is not None and was != now_is:
            audit.note(
                connection,
                at=now,
                actor=ACTOR,
                action="merge",
                subject=gone,
                detail={"was": was, "is": now_is},
            )
    return sorted(EventLog(connection).stories_referring(told)) if told else []
