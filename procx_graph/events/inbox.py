"""Taking a delivery in: the receipt, the events, and all they change, in one transaction."""

from datetime import datetime

from sqlalchemy import Connection, text

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Occurrence
from procx_graph.events.describe import describe
from procx_graph.events.merges import merge_accounts
from procx_graph.events.naming import ORDER, event_id, references, things
from procx_graph.events.one_order import one_order
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.receipt import Noted, Outcome, Receipt
from procx_graph.events.settle import Settling
from procx_graph.store.database import Store
from procx_graph.store.event_log import EventLog, NewReceipt, Standing, StoredEvent, as_json

ONE_AT_A_TIME = 0x70726F6379
"""Key of the PostgreSQL advisory lock under which events are settled: SQLite has one writer."""


def take_in(
    store: Store, delivery: Delivery, *, now: datetime, digest: str, body: bytes | None = None
) -> Receipt:
    """Store a delivery that was verified, and apply what it tells.

    Args:
        store: Where everything is kept.
        delivery: What is told.
        now: The moment of receiving, aware.
        digest: SHA-256 of the body.
        body: The raw body, where it is to be kept.

    Raises:
        StoreError: The store cannot be written; nothing is kept then.
    """
    with store.writing(durable=True) as connection:
        hold_the_pen(connection)
        return take(connection, delivery, now=now, digest=digest, body=body)


def take(
    connection: Connection,
    delivery: Delivery,
    *,
    now: datetime,
    digest: str,
    body: bytes | None = None,
) -> Receipt:
    """Do what `take_in` does in a transaction that writes and holds the pen."""
    log, settling = EventLog(connection), Settling(connection, now=now)
    number, new = log.add_receipt(
        NewReceipt(
            provider=delivery.provider,
            account=delivery.account,
            key=delivery.key,
            topic=delivery.topic,
            occurred_at=delivery.occurred_at,
            received_at=now,
            mapped=bool(delivery.occurrences or delivery.merges),
            remark=delivery.remark,
            digest=digest,
            body=body,
        )
    )
    if not new:
        return _answer(delivery, Outcome.DUPLICATE, log.of_receipt(number))
    touched: list[str] = []
    for occurrence in delivery.occurrences:
        touched += _add(log, occurrence, number, now)
    touched += merge_accounts(connection, delivery, now=now)
    settling.settle(touched)
    kept = log.of_receipt(number)
    mapped = delivery.occurrences or delivery.merges
    outcome = Outcome.ACCEPTED if mapped else Outcome.UNMAPPED
    receipt = _answer(delivery, outcome, kept)
    return receipt.model_copy(update={"changes": tuple(settling.changes)})


def hold_the_pen(connection: Connection) -> None:
    """Let one transaction at a time settle events; it ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})


def _add(log: EventLog, occurrence: Occurrence, receipt: int, now: datetime) -> list[str]:
    """Add an event to the log, and give its story and those that name an order as it does."""
    story, _ = log.story_of(things(occurrence))
    log.refer(story, references(occurrence))
    log.add(
        StoredEvent(
            event_id=event_id(occurrence),
            receipt_id=receipt,
            type=occurrence.type.value,
            provider=occurrence.provider,
            account=occurrence.account,
            story=story,
            customer_id=None,
            standing=Standing.UNMATCHED,
            occurred_at=occurrence.occurred_at,
            received_at=now,
            description=describe(occurrence),
            facts=as_json(occurrence.facts),
        )
    )
    return [story, *_stories_beside(log, story)]


def _stories_beside(log: EventLog, story: str) -> list[str]:
    """Give the stories of the orders to which a story gives several names.

    That one of them was meant by the other name may be news.
    """
    told = {*log.references_of(story), *log.things_of(story)}
    names = [one for one in sorted(told) if one.startswith(ORDER)]
    if len(names) < 2 or not log.stories_referring(names) - {story}:
        return []
    order = one_order((one.removeprefix(ORDER) for one in names), log)
    return sorted(order.stories - {story})


def _answer(delivery: Delivery, outcome: Outcome, events: list[StoredEvent]) -> Receipt:
    return Receipt(
        outcome=outcome,
        status=200,
        provider=delivery.provider,
        topic=delivery.topic,
        key=delivery.key,
        events=tuple(
            Noted(
                event_id=one.event_id,
                type=EventType(one.type),
                description=one.description,
                customer_id=one.customer_id,
                standing=one.standing,
            )
            for one in events
        ),
        remark=delivery.remark,
    )
