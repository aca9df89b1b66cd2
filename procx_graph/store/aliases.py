"""Providers' ids of customers, and whose they are."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from procx_graph.store.once import add_new, put
from procx_graph.store.schema import aliases, merged_accounts

_KEPT = select(merged_accounts.c.kept).where(merged_accounts.c.gone == bindparam("reference"))
_GONE = select(merged_accounts.c.gone).where(merged_accounts.c.kept == bindparam("reference"))
_ONE = select(aliases.c.customer_id).where(aliases.c.reference == bindparam("reference"))


def customer_of(connection: Connection, reference: str) -> str | None:
    """Give whose a provider's id is, None when nobody knows; of merged ids the kept one counts."""
    known = (connection.scalar(_ONE, {"reference": one}) for one in family(connection, reference))
    return next((customer_id for customer_id in known if customer_id is not None), None)


def learn(
    connection: Connection,
    references: Iterable[str],
    customer_id: str,
    *,
    at: datetime,
    source: str,
) -> list[str]:
    """Remember whose some ids are, where that is not known, and give those that are new."""
    return [
        reference
        for reference in references
        if add_new(
            connection,
            aliases,
            {
                "reference": reference,
                "customer_id": customer_id,
                "learned_at": at,
                "source": source,
            },
        )
    ]


def settle(
    connection: Connection, reference: str, customer_id: str, *, at: datetime, source: str
) -> None:
    """Say whose an id is, whatever was known before."""
    values = {
        "reference": reference,
        "customer_id": customer_id,
        "learned_at": at,
        "source": source,
    }
    put(connection, aliases, values, key=["reference"])


def forget(connection: Connection, reference: str) -> None:
    """Forget whose an id was."""
    connection.execute(delete(aliases).where(aliases.c.reference == reference))


def merge(connection: Connection, gone: str, kept: str) -> None:
    """Note that one id is no more and another one stands for both."""
    put(connection, merged_accounts, {"gone": gone, "kept": kept}, key=["gone"])


def family(connection: Connection, reference: str) -> list[str]:
    """Give the ids that became one with this one, itself among them, the last one kept first."""
    found, waiting = [reference], [reference]
    ahead: list[str] = []
    while waiting:
        now = waiting.pop()
        kept = connection.scalar(_KEPT, {"reference": now})
        gone = connection.scalars(_GONE, {"reference": now})
        for other in (*(one for one in (kept,) if one is not None), *gone):
            if other not in found:
                found.append(other)
                waiting.append(other)
        if kept is None:
            ahead.append(now)
    return [*ahead, *(one for one in found if one not in ahead)]
