"""What the tables show about a customer that a colleague would mention."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from procx_graph.domain.customer import Customer
from procx_graph.domain.event_type import EventType
from procx_graph.domain.policy import Evidence
from procx_graph.domain.record import CustomerRecord, Row
from procx_graph.domain.situation import SituationKind
from procx_graph.domain.written import as_seen, without_addresses, without_phones
from procx_graph.outreach.names import hide_name

_ENDED_TICKET = frozenset({"resolved", "closed"})
_ENDED_ORDER = frozenset({"delivered", "cancelled", "returned"})
_CONTACT = "[contact]"
_RHYTHM = 3
"""Purchase days from which a rhythm can be told."""
_SAME = timedelta(days=1)
"""Within this a payment and the telling of it are one."""
_SHORTEST = 14
"""Days of silence that mean nothing, however often somebody buys."""
_TOLD = {
    EventType.ORDER_DELAYED.column_value: (SituationKind.ORDER_DELAYED, "delivery"),
    EventType.SHIPMENT_DELAYED.column_value: (SituationKind.ORDER_DELAYED, "delivery"),
    EventType.REVIEW_NEGATIVE.column_value: (SituationKind.POOR_RATING, None),
    EventType.DISPUTE_OPENED.column_value: (SituationKind.COMPLAINT, "payment"),
    EventType.SUBSCRIPTION_CANCELLED.column_value: (SituationKind.COMPLAINT, "account"),
    EventType.PAYMENT_FAILED.column_value: (SituationKind.PAYMENT_FAILED, "payment"),
    EventType.SUBSCRIPTION_PAYMENT_FAILED.column_value: (SituationKind.PAYMENT_FAILED, "payment"),
}
"""What other systems tell, by `event_type`: the situation it makes, and the ticket category."""
_READ = 4
"""Times the limit that is read of a text before it is masked and cut."""


@dataclass(frozen=True)
class Sighting:
    """One thing seen in the tables."""

    kind: SituationKind
    text: str
    source: str
    at: datetime
    """Naive UTC."""
    order_id: str | None = None
    topic: str | None = None
    days: int | None = None
    amount: float | None = None


def sightings(
    record: CustomerRecord, rules: Evidence, as_of: datetime, *, days: int
) -> list[Sighting]:
    """Give everything noteworthy of the last so many days.

    Args:
        record: The customer's rows.
        rules: The policy's thresholds.
        as_of: The moment to look from, naive UTC.
        days: How far back to look.
    """
    found: list[Sighting] = []
    found.extend(_tickets(record, rules, as_of, days))
    found.extend(_payments(record.payments or (), as_of, days))
    found.extend(_orders(record.orders or (), rules, as_of, days))
    found.extend(_surveys(record, rules, as_of, days))
    found.extend(_told(record, found, as_of, days))
    found.extend(_silence(record.orders or (), rules, as_of))
    return found


def within(row: Row, column: str, days: int, as_of: datetime) -> bool:
    """Whether a row's timestamp lies in the last so many whole days."""
    at = row.get(column)
    return at is not None and 0 <= (as_of - at).days < days


def is_open(ticket: Row) -> bool:
    """Whether a ticket still waits."""
    return _word(ticket.get("status")) not in _ENDED_TICKET


def is_escalated(ticket: Row) -> bool:
    """Whether a person already works on a ticket."""
    return _word(ticket.get("status")) == "escalated"


def quote(text: Any, customer: Customer | None = None, *, limit: int = 160) -> str:
    """Give outside text on one line and cut, with addresses, phones and the name masked."""
    flat = " ".join(as_seen(str(text)[: _READ * limit]).split())
    flat = without_phones(without_addresses(flat, _CONTACT), _CONTACT)
    if customer is not None:
        for name in (customer.first_name, customer.last_name):
            flat = hide_name(flat, name, placeholder="[name]", endings=True)
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def plural(count: int, noun: str) -> str:
    """Give "1 day", "2 days"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _word(value: Any) -> str:
    return str(value or "").strip().casefold()


def _phrase(value: Any) -> str:
    return _word(value).replace("_", " ")


def _tickets(
    record: CustomerRecord, rules: Evidence, as_of: datetime, days: int
) -> Iterator[Sighting]:
    for row in record.support_tickets or ():
        if not within(row, "created_at", days, as_of):
            continue
        source, topic = f"support_tickets:{row['ticket_id']}", _word(row.get("category")) or None
        age = (as_of - row["created_at"]).days
        if is_open(row):
            angry = _angry(row, rules)
            yield Sighting(
                SituationKind.COMPLAINT if angry else SituationKind.OPEN_TICKET,
                f"{'angry' if angry else 'open'} ticket{_about(topic)} for {plural(age, 'day')}"
                + _said(row.get("initial_message"), record.customer),
                source,
                row["created_at"],
                order_id=row.get("order_id"),
                topic=topic,
            )
        elif row.get("csat_score") is not None and row["csat_score"] <= rules.bad_csat:
            yield Sighting(
                SituationKind.POOR_RATING,
                f"rated the answer to a ticket{_about(topic)} {row['csat_score']:.0f} of 5"
                + _said(row.get("initial_message"), record.customer),
                source,
                row["created_at"],
                topic=topic,
            )


def _said(words: Any, customer: Customer) -> str:
    """Give a customer's own words as the end of a fact, nothing where there are none."""
    return f': "{quote(words, customer)}"' if words else ""


def _angry(ticket: Row, rules: Evidence) -> bool:
    """Whether a ticket sounds angry; without a sentiment its priority tells."""
    sentiment = ticket.get("sentiment_score")
    if sentiment is None:
        return _word(ticket.get("priority")) in {"urgent", "high"}
    return bool(sentiment <= rules.angry_sentiment)


def _about(topic: str | None) -> str:
    return f" about {topic.replace('_', ' ')}" if topic and topic != "other" else ""


def _payments(rows: Sequence[Row], as_of: datetime, days: int) -> Iterator[Sighting]:
    paid = {
        row["order_id"]: row["payment_date"]
        for row in reversed(rows)
        if _word(row.get("status")) == "success" and row.get("order_id") and row["payment_date"]
    }
    for row in rows:
        failed = _word(row.get("status")) == "failed"
        if not failed or not within(row, "payment_date", days, as_of):
            continue
        at = row["payment_date"]
        settled = paid.get(row.get("order_id"))
        if settled is not None and settled >= at:
            continue
        reason = f" ({_phrase(row['failure_reason'])})" if row.get("failure_reason") else ""
        order = f" for order {row['order_id']}" if row.get("order_id") else ""
        amount = row.get("amount")
        money = f" of {amount:,.2f}" if amount is not None else ""
        yield Sighting(
            SituationKind.PAYMENT_FAILED,
            f"payment{money}{order} failed{reason} {plural((as_of - at).days, 'day')} ago",
            f"payments:{row['payment_id']}" if row.get("payment_id") else "payments",
            at,
            order_id=row.get("order_id"),
            topic=_word(row.get("failure_reason")) or "payment",
            amount=amount,
        )


def _orders(rows: Sequence[Row], rules: Evidence, as_of: datetime, days: int) -> Iterator[Sighting]:
    for row in rows:
        source = f"orders:{row['order_id']}" if row.get("order_id") else "orders"
        status = _word(row.get("order_status"))
        if status == "cancelled" and within(row, "order_date", days, as_of):
            yield Sighting(
                SituationKind.ORDER_CANCELLED,
                f"order{_named(row)} placed {plural((as_of - row['order_date']).days, 'day')} ago"
                " was cancelled",
                source,
                row["order_date"],
                order_id=row.get("order_id"),
                topic="delivery",
            )
        elif delay := _delay(row, status, rules, as_of, days):
            yield Sighting(
                SituationKind.ORDER_DELAYED,
                f"order{_named(row)} is {plural(delay, 'day')} late",
                source,
                row["estimated_delivery_date"],
                order_id=row.get("order_id"),
                topic="delivery",
                days=delay,
            )


def _named(order: Row) -> str:
    return f" {order['order_id']}" if order.get("order_id") else ""


def _delay(order: Row, status: str, rules: Evidence, as_of: datetime, days: int) -> int:
    """Give the days an order has been late, 0 when it is not, has come, or is long forgotten."""
    waiting = order.get("actual_delivery_date") is None and status not in _ENDED_ORDER
    if not waiting or not within(order, "estimated_delivery_date", days, as_of):
        return 0
    late: int = (as_of - order["estimated_delivery_date"]).days
    return late if late >= rules.late_days else 0


def _surveys(
    record: CustomerRecord, rules: Evidence, as_of: datetime, days: int
) -> Iterator[Sighting]:
    answers = [row for row in record.nps_survey or () if row.get("nps_score") is not None]
    if not answers or not within(answers[0], "date", days, as_of):
        return
    latest, before = answers[0], answers[1]["nps_score"] if len(answers) > 1 else None
    score = latest["nps_score"]
    fell = before is not None and before > score
    text = f"NPS fell from {before:.0f} to {score:.0f}" if fell else f"NPS of {score:.0f}"
    text += _said(latest.get("feedback_text"), record.customer)
    source = f"nps_survey:{latest['survey_id']}" if latest.get("survey_id") else "nps_survey"
    if score <= rules.detractor:
        yield Sighting(SituationKind.POOR_RATING, text, source, latest["date"])
    elif score >= rules.promoter:
        yield Sighting(SituationKind.PRAISE, text, source, latest["date"])


def _told(
    record: CustomerRecord, found: Sequence[Sighting], as_of: datetime, days: int
) -> Iterator[Sighting]:
    """See what other systems told in words and is not well again, unless a table tells it too.

    The delays of one order are one, the latest. A failed payment is left to the payments where they
    have it: by its order, else by its day.
    """
    late = {s.order_id for s in found if s.kind is SituationKind.ORDER_DELAYED and s.order_id}
    settled = late | _delivered(record.orders or ())
    for row in record.customer_events or ():
        means = _TOLD.get(_word(row.get("event_type")))
        if means is None or not _is_open(row) or not within(row, "event_time", days, as_of):
            continue
        (kind, topic), order_id = means, row.get("order_id")
        if kind is SituationKind.PAYMENT_FAILED and _is_in_payments(row, record.payments or ()):
            continue
        if kind is SituationKind.ORDER_DELAYED and order_id:
            if order_id in settled:
                continue
            settled.add(order_id)
        yield Sighting(
            kind,
            quote(row["description"], record.customer),
            f"customer_events:{row['event_id']}" if row.get("event_id") else "customer_events",
            row["event_time"],
            order_id=order_id,
            topic=topic,
        )


def _is_open(event: Row) -> bool:
    """Whether something was told in words and is not well again."""
    return bool(event.get("description")) and event.get("resolved_at") is None


def _delivered(orders: Iterable[Row]) -> set[str]:
    """Give the orders that have come to an end, of which no delay is news."""
    return {
        row["order_id"]
        for row in orders
        if row.get("order_id")
        and (
            row.get("actual_delivery_date") is not None
            or _word(row.get("order_status")) in _ENDED_ORDER
        )
    }


def _is_in_payments(event: Row, payments: Iterable[Row]) -> bool:
    """Whether the payments tell what became of a payment that was told to have failed."""
    at, order_id = event["event_time"], event.get("order_id")
    for row in payments:
        status, tried = _word(row.get("status")), row["payment_date"]
        if tried is None or tried <= at - _SAME:
            continue
        if order_id and row.get("order_id") == order_id and status in {"failed", "success"}:
            return True
        if not order_id and status == "failed" and tried < at + _SAME:
            return True
    return False


def purchase_days(rows: Iterable[Row]) -> list[datetime]:
    """Give the distinct days with a purchase (neither cancelled nor with failed payment)."""
    days = {
        row["order_date"].replace(hour=0, minute=0, second=0, microsecond=0)
        for row in rows
        if row.get("order_date") is not None
        and _word(row.get("order_status")) != "cancelled"
        and _word(row.get("payment_status")) != "failed"
    }
    return sorted(days)


def _silence(rows: Sequence[Row], rules: Evidence, as_of: datetime) -> Iterator[Sighting]:
    """See who is silent for longer than usual: for them, or without a rhythm for anybody.

    The usual gap is the mean one, as the score's own words give it.
    """
    days = purchase_days(rows)
    if not days:
        return
    silent = (as_of - days[-1]).days
    usual = (days[-1] - days[0]).days / (len(days) - 1) if len(days) >= _RHYTHM else None
    if usual is None:
        quiet = silent >= rules.quiet_days
    else:
        quiet = silent > rules.quiet_factor * usual and silent >= _SHORTEST
    if quiet:
        rhythm = f"; usually buys every {plural(max(1, round(usual)), 'day')}" if usual else ""
        yield Sighting(
            SituationKind.GONE_QUIET,
            f"last purchase {plural(silent, 'day')} ago{rhythm}",
            "orders",
            days[-1],
            days=silent,
        )
