"""Consent to marketing, as customers give and take it back elsewhere."""

from collections.abc import Iterator, Sequence

from procx_graph.domain.dealings import Consent
from procx_graph.domain.event_type import EventType
from procx_graph.domain.message import Channel, Purpose
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, of_types

CONSENT = (EventType.SUBSCRIBED, EventType.UNSUBSCRIBED, EventType.REDACT_REQUESTED)
_OPT_IN = "opt_in_marketing"


def consent(events: Sequence[Told], customer_id: str) -> Iterator[Row]:
    """Give whether a customer may get marketing.

    The newest word on each channel counts, and one no is a no: the tables know a single consent.
    A no holds against any table that is loaded later; only a newer yes from the customer ends it.

    Args:
        events: Of one customer, of whatever story, in order.
        customer_id: Whose they are.
    """
    found = of_types(events, CONSENT)
    if not found:
        return
    newest = {_channel(one): one.type is EventType.SUBSCRIBED for one in found}
    forgotten = any(one.type is EventType.REDACT_REQUESTED for one in found)
    agrees = all(newest.values()) and not forgotten
    yield Row(
        table="customers",
        name="consent",
        keys=(customer_id,),
        values={_OPT_IN: agrees},
        since=found[-1].occurred_at,
        makes=False,
        always=frozenset() if agrees else frozenset({_OPT_IN}),
    )


def words(events: Sequence[Told]) -> Iterator[Consent]:
    """Give each word on marketing as the gate reads it: by channel, with the event as its source.

    Who asks to be forgotten says no to every channel; a no to one that we do not know is a no to
    all, and a yes to it is none of ours.
    """
    for one in of_types(events, CONSENT):
        agrees, named = one.type is EventType.SUBSCRIBED, _channel(one)
        known = named in list(Channel)
        if agrees and not known:
            continue
        forget = one.type is EventType.REDACT_REQUESTED
        yield Consent(
            channel=Channel(named) if known and not forget else None,
            purpose=Purpose.MARKETING,
            given=agrees,
            at=one.occurred_at,
            source=one.event_id,
        )


def _channel(event: Told) -> str:
    return event.facts.channel or "email"
