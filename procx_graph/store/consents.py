"""What customers said about being written to: append-only, the newest word counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from procx_graph.domain.clock import in_utc
from procx_graph.domain.dealings import ANY, Consent
from procx_graph.domain.message import Channel, Purpose
from procx_graph.errors import DataError
from procx_graph.store import audit
from procx_graph.store.arguments import a_channel, a_customer, a_moment, a_purpose, a_source
from procx_graph.store.database import Store
from procx_graph.store.once import add_new
from procx_graph.store.schema import consents

_OF_MANY = (
    select(consents)
    .where(consents.c.customer_id.in_(bindparam("who", expanding=True)))
    .order_by(consents.c.at.desc(), consents.c.id.desc())
)


def record_consent(
    store: Store,
    customer_id: str,
    *,
    channel: Channel | str | None,
    purpose: Purpose | str | None,
    given: bool | None,
    at: datetime,
    source: str,
) -> bool:
    """Keep what a customer said, with a line in the audit.

    A yes does not lift a no of the customer table (`opt_in_marketing`): both must allow it.

    Args:
        store: Where.
        customer_id: Who said it.
        channel: By which they may be written to or not; `None` or "any" is every channel.
        purpose: For what; `None` or "any" is every purpose.
        given: Yes, no, or `None`: it became unknown again, which counts as no.
        at: When they said it.
        source: Who tells us, such as "asha@desk" or "preference centre".

    Returns:
        Whether it is new; the same word told twice is kept once.

    Raises:
        DataError: An argument is not of its kind.
        StoreError: The store cannot be written.
    """
    if given is not None and not isinstance(given, bool):
        raise DataError(f"given: a consent is True, False or None, not {given!r}")
    word = Consent(
        channel=a_channel(channel), purpose=a_purpose(purpose), given=given, at=a_moment("at", at),
        source=a_source(source),
    )  # fmt: skip
    who = a_customer(customer_id)
    told = (_or_any(word.channel), _or_any(word.purpose), given, word.at.isoformat())
    key = f"{word.source}|{who}|" + "|".join(map(str, told))
    with store.writing(durable=True) as connection:
        new = keep(connection, who, word.model_copy(update={"source": key}), now=word.at)
        if new:
            detail = dict(zip(("channel", "purpose", "given", "at"), told, strict=True))
            audit.note(
                connection, at=word.at, actor=word.source, action="consent", subject=who,
                detail=detail,
            )  # fmt: skip
    return new


def consents_of(store: Store, customer_id: str) -> list[Consent]:
    """Give everything a customer said, the newest first.

    Raises:
        StoreError: The store cannot be read.
    """
    with store.reading() as connection:
        return list(of_many(connection, [customer_id]).get(customer_id, ()))


def keep(connection: Connection, customer_id: str, word: Consent, *, now: datetime) -> bool:
    """Keep one word, in the transaction of the connection; false when its source is known."""
    row = {
        "source": word.source,
        "customer_id": customer_id,
        "channel": _or_any(word.channel),
        "purpose": _or_any(word.purpose),
        "given": word.given,
        "at": in_utc(word.at),
        "recorded_at": in_utc(now),
    }
    return add_new(connection, consents, row) == 1


def keep_as(
    connection: Connection, customer_id: str | None, word: Consent, *, now: datetime
) -> None:
    """Keep a word whose customer may turn out to be another one, in the transaction.

    Nothing is ever changed: the former customer's word becomes unknown by a further row, and the
    word is told again of the right one. The further rows are numbered behind the source.

    Args:
        connection: A writing one.
        customer_id: Whose it is; `None` when that is not known any more.
        word: With a yes or a no.
        now: The present moment.
    """
    told = _told_by(connection, word.source)
    last = told[-1] if told else None
    holder = None if last is None or last.given is None else last.customer_id
    if holder == customer_id:
        return
    number = len(told)
    if holder is not None:
        taken_back = word.model_copy(update={"given": None, "source": _row(word.source, number)})
        keep(connection, holder, taken_back, now=now)
        number += 1
    if customer_id is not None:
        again = word.model_copy(update={"source": _row(word.source, number)})
        keep(connection, customer_id, again, now=now)


def _told_by(connection: Connection, source: str) -> list[Any]:
    """Give the rows of a source, in order."""
    found: list[Any] = []
    while True:
        known = consents.c.source == _row(source, len(found))
        query = select(consents.c.customer_id, consents.c.given).where(known)
        row = connection.execute(query).first()
        if row is None:
            return found
        found.append(row)


def _row(source: str, number: int) -> str:
    return f"{source}|{number}" if number else source


def of_many(connection: Connection, customer_ids: Sequence[str]) -> dict[str, tuple[Consent, ...]]:
    """Give what some customers said, the newest first; who said nothing is left out."""
    return _grouped(connection.execute(_OF_MANY, {"who": list(customer_ids)}))


def _grouped(rows: Iterable[Row[Any]]) -> dict[str, tuple[Consent, ...]]:
    found: dict[str, list[Consent]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(
            Consent(
                channel=None if row.channel == ANY else Channel(row.channel),
                purpose=None if row.purpose == ANY else Purpose(row.purpose),
                given=row.given,
                at=row.at,
                source=row.source,
            )
        )
    return {customer_id: tuple(words) for customer_id, words in found.items()}


def _or_any(one: Channel | Purpose | None) -> str:
    return ANY if one is None else one.value
