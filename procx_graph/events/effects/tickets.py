"""Support tickets: opened, escalated, solved, opened again, rated."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, first, last, of_types

_STATUS = {
    EventType.TICKET_CREATED: "open",
    EventType.TICKET_ESCALATED: "escalated",
    EventType.TICKET_REOPENED: "open",
    EventType.TICKET_SOLVED: "resolved",
}
_HOUR = timedelta(hours=1)


def tickets(events: Sequence[Told], order_id: str | None) -> Iterator[Row]:
    """Give the ticket of a story, in the state of its newest event.

    Args:
        events: Of one story, in order.
        order_id: The order as our tables name it.
    """
    found = of_types(events, (*_STATUS, EventType.CSAT))
    ticket_id = first(one.facts.ticket_id for one in found)
    if ticket_id is None:
        return
    created = first(one for one in found if one.type is EventType.TICKET_CREATED)
    opening = created or found[0]
    told = {
        "category": last(one.facts.category for one in found),
        "priority": last(one.facts.priority for one in found),
        "csat_score": _rating(found),
    }
    yield Row(
        table="support_tickets",
        name="ticket",
        keys=(ticket_id,),
        values={
            **{name: value for name, value in told.items() if value is not None},
            **_state(of_types(found, _STATUS), created),
        },
        new={
            "ticket_id": ticket_id,
            "order_id": order_id,
            "created_at": opening.occurred_at,
            "channel": first(one.facts.channel for one in found),
            "initial_message": opening.facts.text or opening.facts.subject,
        },
        since=found[-1].occurred_at,
    )


def _state(moves: Sequence[Told], created: Told | None) -> dict[str, object]:
    """Give status and what goes with it; nothing where only a rating is told."""
    if not moves:
        return {}
    status, at = _STATUS[moves[-1].type], moves[-1].occurred_at
    solved_after = (at - created.occurred_at) / _HOUR if created and status == "resolved" else None
    state: dict[str, object] = {"status": status, "resolution_time_hours": solved_after}
    if any(one.type is EventType.TICKET_ESCALATED for one in moves):
        state["escalation"] = True
    return state


def _rating(events: Sequence[Told]) -> int | None:
    """Give the latest rating on the scale of 1 to 5."""
    scores = (one.facts.score for one in of_types(events, [EventType.CSAT]))
    return last(score for score in scores if score is not None and 1 <= score <= 5)
