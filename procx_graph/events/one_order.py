"""One order under all its names: a shop's number, the name people see, our own id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts
from procx_graph.events.effects import Told, in_order, order_ids
from procx_graph.events.naming import ORDER, order_reference
from procx_graph.store.event_log import EventLog, Standing, StoredEvent


@dataclass(frozen=True, slots=True)
class OneOrder:
    """An order, and all that was told of it.

    Attributes:
        ids: Every id that it is known by, those asked for first.
        stories: Names of the stories that are about it or name their customer by it.
        events: What they tell of it, of whatever standing, in order.
    """

    ids: Sequence[str]
    stories: frozenset[str]
    events: Sequence[tuple[Told, Standing]]

    @property
    def matched(self) -> list[Told]:
        """What is told by events whose customer is known."""
        return [told for told, standing in self.events if standing is Standing.MATCHED]


def one_order(ids: Iterable[str], log: EventLog) -> OneOrder:
    """Gather an order's names, and what is told of it under any of them.

    Two ids are of one order where one event tells both, or where one story is about both. That a
    story tells one and later the other says nothing: a subscription is billed for many orders.

    Args:
        ids: At least one.
        log: Where they are looked for.
    """
    known = dict.fromkeys(ids)
    stories: dict[str, list[tuple[Told, Standing]]] = {}
    new = list(known)
    while new:
        names = [order_reference(one) for one in new]
        for story in sorted(log.stories_about(names) | log.stories_referring(names)):
            if story not in stories:
                stories[story] = [(told_of(one), one.standing) for one in log.of_story(story)]
        beside = log.things_beside(names)
        told = [one for events in stories.values() for one, _ in events]
        linked = [one.removeprefix(ORDER) for one in beside if one.startswith(ORDER)]
        linked += [
            name for names in map(order_ids, ([one] for one in told)) for name in names
            if not known.keys().isdisjoint(names)
        ]  # fmt: skip
        new = [one for one in dict.fromkeys(linked) if one not in known]
        known.update(dict.fromkeys(new))
    standing = {one.event_id: at for events in stories.values() for one, at in events}
    about = in_order(
        one
        for events in stories.values()
        for one, _ in events
        if not known.keys().isdisjoint(order_ids([one]))
    )
    return OneOrder(
        ids=tuple(known),
        stories=frozenset(stories),
        events=tuple((one, standing[one.event_id]) for one in about),
    )


def told_of(event: StoredEvent) -> Told:
    """Read an event as the log keeps it."""
    return Told(
        event_id=event.event_id,
        story=event.story,
        customer_id=event.customer_id,
        type=EventType(event.type),
        occurred_at=event.occurred_at,
        facts=Facts.model_validate_json(event.facts),
        description=event.description,
    )
