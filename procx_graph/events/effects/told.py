"""Events as the store keeps them, and the order in which they happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from procx_graph.domain.event import EventKind
from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a story.

    Attributes:
        story: The story it belongs to.
        customer_id: Whose it is; None while that is not known.
        occurred_at: Aware UTC.
    """

    event_id: str
    story: str
    customer_id: str | None
    type: EventType
    occurred_at: datetime
    facts: Facts
    description: str


def in_order(events: Iterable[Told]) -> list[Told]:
    """Sort events by when they happened, whenever they were told.

    Of one moment what makes things well again comes last, because it is told in answer; then the
    id decides, so that every order of arrival gives the same.
    """
    return sorted(
        events,
        key=lambda one: (
            one.occurred_at,
            one.type.traits.kind is EventKind.RESOLUTION,
            one.event_id,
        ),
    )


def of_types(events: Iterable[Told], types: Iterable[EventType]) -> list[Told]:
    """Keep the events of some types, in their order."""
    wanted = frozenset(types)
    return [one for one in events if one.type in wanted]


def last(values: Iterable[ValueT | None]) -> ValueT | None:
    """Give the last value that is told; None when none is."""
    found = None
    for value in values:
        found = found if value is None else value
    return found


def first(values: Iterable[ValueT | None]) -> ValueT | None:
    """Give the first value that is told; None when none is."""
    return next((value for value in values if value is not None), None)


def order_ids(events: Sequence[Told]) -> tuple[str, ...]:
    """Give every id of the order that events tell, the likeliest first, each once."""
    told = (name for one in events for name in (*one.facts.order_ids, one.facts.order_id))
    return tuple(dict.fromkeys(name for name in told if name))
