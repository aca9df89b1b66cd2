"""Money back: asked for, and given."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, first, last, of_types

ASKED = (EventType.REFUND_REQUESTED, EventType.RETURN_INITIATED)
_DAY = timedelta(days=1)


def refunds(events: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    """Give the refunds of a story: each one that has an id, and the rest of what came back.

    A request stands until money was given. Providers tell one refund twice, once by its id and
    once as the sum given back so far: what the ids do not cover is the rest.

    Args:
        events: Of one story, in order.
        order_id: The order as our tables name it.
    """
    asked, given = of_types(events, ASKED), of_types(events, [EventType.REFUND_MADE])
    if given:
        yield from _given(given, asked, order_id)
    elif asked:
        newest = asked[-1]
        yield Row(
            table="refunds",
            name="request",
            keys=_ids(asked),
            values={"refund_status": "initiated"},
            new={
                "refund_id": first(one.facts.refund_id for one in asked) or asked[0].event_id,
                "order_id": order_id,
                "refund_request_date": asked[0].occurred_at,
                "refund_amount": last(one.facts.amount for one in asked),
            },
            since=newest.occurred_at,
        )


def _given(given: Sequence[Told], asked: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    by_id: dict[str, list[Told]] = {}
    for one in given:
        if one.facts.refund_id:
            by_id.setdefault(one.facts.refund_id, []).append(one)
    covered = Decimal(0)
    for refund_id in sorted(by_id):
        told = by_id[refund_id]
        amount = last(one.facts.amount for one in told)
        covered += amount or 0
        yield _row(refund_id, amount, told, asked, order_id)
    rest = [one for one in given if not one.facts.refund_id]
    if not rest:
        return
    sums = [one.facts.refunded_in_all for one in rest if one.facts.refunded_in_all is not None]
    loose = [one.facts.amount or Decimal(0) for one in rest if one.facts.refunded_in_all is None]
    amount = max(sums, default=Decimal(0)) + sum(loose, Decimal(0)) - covered
    if amount > 0 or not by_id:
        yield _row(None, amount if amount > 0 else None, rest, asked, order_id)


def _row(
    refund_id: str | None,
    amount: Decimal | None,
    told: Sequence[Told],
    asked: Sequence[Told],
    order_id: str | None,
) -> Row:
    begun, done = (asked or told)[0].occurred_at, told[-1].occurred_at
    return Row(
        table="refunds",
        name=f"refund {refund_id or ''}".strip(),
        keys=(refund_id,) if refund_id else _ids(asked),
        values={
            "refund_status": "processed",
            "refund_processed_date": done,
            "refund_delay_days": max(0, (done - begun) // _DAY),
        },
        new={
            "refund_id": refund_id or told[0].event_id,
            "order_id": order_id,
            "refund_request_date": min(begun, done),
            "refund_amount": amount,
        },
        since=done,
    )


def _ids(events: Sequence[Told]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.facts.refund_id for one in events if one.facts.refund_id))
