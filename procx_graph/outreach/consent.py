"""What a customer agreed to: by which channel, for which purpose."""

from collections.abc import Iterable
from functools import lru_cache

from procx_graph.domain.customer import Customer
from procx_graph.domain.dealings import Consent
from procx_graph.domain.message import Channel, Purpose

SERVICE = frozenset({Purpose.SERVICE, Purpose.TRANSACTIONAL})
"""Purposes that need no consent; a customer may still say no to them."""


def agreed(
    customer: Customer, consents: tuple[Consent, ...], channel: Channel
) -> frozenset[Purpose]:
    """Give the purposes for which a customer may be written to by a channel.

    Of the words about a channel and a purpose the newest counts; of two of the same moment, the
    no. Marketing needs a yes: without a word the customer table's, and its no stands against any
    word. Service needs none, and a no ends it.
    """
    return _agreed(customer.opt_in_marketing, consents, channel)


def newest(words: Iterable[Consent], channel: Channel, purpose: Purpose) -> Consent | None:
    """Give the word that counts for such a message, `None` when there is none."""
    about = [word for word in words if word.speaks_of(channel, purpose)]
    return max(about, key=lambda word: (word.at, word.given is not True), default=None)


@lru_cache(maxsize=1024)
def _agreed(
    opt_in: bool | None, consents: tuple[Consent, ...], channel: Channel
) -> frozenset[Purpose]:
    found: set[Purpose] = set()
    for purpose in Purpose:
        word = newest(consents, channel, purpose)
        if purpose is Purpose.MARKETING:
            told = opt_in if word is None else word.given
            if told is True and opt_in is not False:
                found.add(purpose)
        elif word is None or word.given is not False:
            found.add(purpose)
    return frozenset(found)
