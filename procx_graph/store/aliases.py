"""Providers' ids of customers, and whose they are."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select

from procx_graph.store.once import add_new, put
from procx_graph.store.prepared import Prepared
from procx_graph.store.schema import aliases, merged_accounts

_MERGED = Prepared(
    select(merged_accounts.c.gone, merged_accounts.c.kept).where(
        or_(
            merged_accounts.c.gone == bindparam("reference"),
            merged_accounts.c.kept == bindparam("reference"),
        )
    )
)
_ONE = Prepared(select(aliases.c.customer_id).where(aliases.c.reference == bindparam("reference")))


def customer_of(connection: Connection, reference: str) -> str | None:
    """Give whose a provider's id is, None when nobody knows; of merged ids the kept one counts."""
    for one in family(connection, reference):
        if known := _ONE.first(connection, {"reference": one}):
            return str(known[0])
    return None


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
        merged = _MERGED.rows(connection, {"reference": now})
        kept = [into for gone, into in merged if gone == now]
        for other in (*kept, *(gone for gone, into in merged if into == now)):
            if other not in found:
                found.append(other)
                waiting.append(other)
        if not kept:
            ahead.append(now)
    return [*ahead, *(one for one in found if one not in ahead)]
