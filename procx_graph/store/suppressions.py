"""Whom nobody writes to, whatever they agreed to."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from procx_graph.domain.clock import in_utc
from procx_graph.domain.dealings import ANY, Suppression, SuppressionReason
from procx_graph.domain.message import Channel
from procx_graph.store import audit
from procx_graph.store.arguments import a_channel, a_customer, a_moment, a_reason, a_source
from procx_graph.store.database import Store
from procx_graph.store.schema import suppressions

_NOT_LIFTED = suppressions.c.lifted_at.is_(None)
_OF_MANY = (
    select(suppressions)
    .where(suppressions.c.customer_id.in_(bindparam("who", expanding=True)), _NOT_LIFTED)
    .order_by(suppressions.c.since.desc(), suppressions.c.id.desc())
)


def suppress(
    store: Store,
    customer_id: str,
    *,
    reason: SuppressionReason | str,
    source: str,
    since: datetime,
    channel: Channel | str | None = None,
    until: datetime | None = None,
) -> bool:
    """Let nobody write to a customer, with a line in the audit.

    Args:
        store: Where.
        customer_id: Whom.
        reason: Why.
        source: Who says so.
        since: From when on.
        channel: By which channel; `None` or "any" is every one.
        until: When it ends by itself; `None` is when somebody lifts it.

    Returns:
        Whether it is new: the same reason on the same channel, not lifted and ending no earlier,
        is told once.

    Raises:
        DataError: An argument is not of its kind.
        StoreError: The store cannot be written.
    """
    told = Suppression(
        channel=a_channel(channel), reason=a_reason(reason), since=a_moment("since", since),
        until=None if until is None else a_moment("until", until), source=a_source(source),
    )  # fmt: skip
    who = a_customer(customer_id)
    with store.writing(durable=True) as connection:
        return add(connection, who, told)


def add(connection: Connection, customer_id: str, told: Suppression) -> bool:
    """Do what `suppress` does, in the transaction of the connection."""
    for known in of_many(connection, [customer_id]).get(customer_id, ()):
        same = (known.channel, known.reason) == (told.channel, told.reason)
        if same and _lasts(known, told):
            return False
    row = {
        "customer_id": customer_id,
        "channel": _name(told.channel),
        "reason": told.reason.value,
        "since": told.since,
        "until": told.until,
        "source": told.source,
    }
    connection.execute(insert(suppressions), row)
    detail = {"channel": row["channel"], "reason": row["reason"]}
    if told.until is not None:
        detail["until"] = told.until.isoformat()
    audit.note(
        connection, at=told.since, actor=told.source, action="suppress", subject=customer_id,
        detail=detail,
    )  # fmt: skip
    return True


def lift(
    store: Store,
    customer_id: str,
    *,
    at: datetime,
    source: str,
    reason: SuppressionReason | str | None = None,
    channel: Channel | str | None = None,
) -> int:
    """Take suppressions back, with a line in the audit, and say how many.

    Args:
        store: Where.
        customer_id: Whose.
        at: The present moment.
        source: Who says so.
        reason: Only those of this reason; `None` is all.
        channel: Only those of this channel; `None` is all, "any" those of every channel.

    Raises:
        DataError: An argument is not of its kind.
        StoreError: The store cannot be written.
    """
    who, when, by = a_customer(customer_id), a_moment("at", at), a_source(source)
    which: list[ColumnElement[bool]] = [suppressions.c.customer_id == who, _NOT_LIFTED]
    detail: dict[str, Any] = {}
    if reason is not None:
        detail["reason"] = a_reason(reason).value
        which.append(suppressions.c.reason == detail["reason"])
    if channel is not None:
        detail["channel"] = _name(a_channel(channel))
        which.append(suppressions.c.channel == detail["channel"])
    with store.writing(durable=True) as connection:
        done = connection.execute(
            update(suppressions).where(*which).values(lifted_at=when, lifted_by=by)
        ).rowcount
        if done:
            audit.note(
                connection, at=when, actor=by, action="lift", subject=who,
                detail=detail | {"lifted": done},
            )  # fmt: skip
    return done


def current(store: Store, customer_id: str, *, at: datetime) -> list[Suppression]:
    """Give what bars a customer at a moment, the newest first.

    Raises:
        StoreError: The store cannot be read.
    """
    now = in_utc(at)
    with store.reading() as connection:
        found = of_many(connection, [customer_id]).get(customer_id, ())
    return [one for one in found if one.since <= now and (one.until is None or now < one.until)]


def of_many(
    connection: Connection, customer_ids: Sequence[str]
) -> dict[str, tuple[Suppression, ...]]:
    """Give what nobody lifted, the newest first, also what is over or yet to come."""
    found: dict[str, list[Suppression]] = defaultdict(list)
    for row in connection.execute(_OF_MANY, {"who": list(customer_ids)}):
        found[row.customer_id].append(
            Suppression(
                channel=None if row.channel == ANY else Channel(row.channel),
                reason=SuppressionReason(row.reason),
                since=row.since,
                until=row.until,
                source=row.source,
            )
        )
    return {customer_id: tuple(them) for customer_id, them in found.items()}


def _lasts(known: Suppression, told: Suppression) -> bool:
    """Whether one that is known bars all that another one would."""
    ends_late = known.until is None or (told.until is not None and told.until <= known.until)
    return known.since <= told.since and ends_late


def _name(channel: Channel | None) -> str:
    return ANY if channel is None else channel.value
