"""How often: messages that went out, against what a day and a week may have."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from procx_graph.domain.contact_rules import Caps, ContactRules
from procx_graph.domain.customer import Customer
from procx_graph.domain.dealings import Contact
from procx_graph.domain.message import Channel
from procx_graph.outreach.quiet_hours import caps_of_place

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def overall_until(
    contacts: Sequence[Contact], customer: Customer, rules: ContactRules, now: datetime
) -> datetime | None:
    """Give from when on another message is within the caps over all channels, `None` if it is now.

    Args:
        contacts: The customer's, the newest first.
        customer: Where they live may have a cap of its own.
        rules: The caps.
        now: The moment, aware.
    """
    if not contacts:
        return None
    limits = [*_limits(rules.overall), *((cap, DAY) for cap in caps_of_place(customer, rules))]
    return _until([contact.at for contact in contacts], limits, now)


def channel_until(
    contacts: Sequence[Contact], channel: Channel, rules: ContactRules, now: datetime
) -> datetime | None:
    """Give from when on another message is within the caps of a channel, `None` if it is now.

    A contact whose channel was not told counts for each.
    """
    caps = rules.channels.get(channel)
    if caps is None:
        return None
    by_it = [contact.at for contact in contacts if contact.channel in {None, channel}]
    return _until(by_it, list(_limits(caps)), now)


def _limits(caps: Caps) -> Iterator[tuple[int, timedelta]]:
    if caps.per_day is not None:
        yield caps.per_day, DAY
    if caps.per_week is not None:
        yield caps.per_week, WEEK


def _until(
    moments: Sequence[datetime], limits: Sequence[tuple[int, timedelta]], now: datetime
) -> datetime | None:
    """Give when the last of the limits leaves room: so many moments, newest first, fill it."""
    ends = [moments[cap - 1] + within for cap, within in limits if len(moments) >= cap]
    latest = max(ends, default=now)
    return latest if latest > now else None
