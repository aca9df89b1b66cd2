"""What a message may state: the figures, ids and names that are known to be true."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import isfinite

from procx_graph.domain.decision import Offer
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.languages import NAME_SLOT
from procx_graph.outreach.languages.formats import cents, exact_share
from procx_graph.outreach.names import usable_name

OUR_FAULT = frozenset({SituationKind.COMPLAINT, SituationKind.ORDER_DELAYED})
"""Situations in which a message owes an apology."""

_ID_PART = re.compile(r"[A-Za-z0-9]")
_GOES_ON = re.compile(r"[-/_.]?[A-Za-z0-9]")


@dataclass(frozen=True)
class MessageFacts:
    """All that may be stated; whatever else a text states is a finding.

    Attributes:
        days: Numbers of days.
        amounts: Amounts of money, to the cent.
        percents: Percentages: 10 is ten percent.
        dates: Days of the calendar, such as the expiry of an offer.
        ids: Order ids of this customer.
        links: Web and e-mail addresses and phone numbers, exactly as they may be written.
        currency: ISO 4217 code of the amounts; `None` when unknown: then no currency is right.
        first_name: As stored; `None` when the text has `{first_name}` or greets without a name.
        sender: Who signs; `None` for the template's own.
        customer_id: The customer's own id; any other of its shape is another customer's.
        promises: Phrases that may be promised, exactly as they may be written.
        domains: Hosts that links may lead to, with their subdomains, by https only.
        earlier: Latest messages to the same customer, which must not be sent nearly again.
        over: Festival greetings that do not fit the day.
        situation: What it is about; `None` when unknown.
        our_fault: Whether the text owes an apology.
        offer_applied: Whether the business's own system has confirmed the offer.
    """

    days: frozenset[int] = frozenset()
    amounts: frozenset[Decimal] = frozenset()
    percents: frozenset[Decimal] = frozenset()
    dates: frozenset[date] = frozenset()
    ids: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    currency: str | None = None
    first_name: str | None = None
    sender: str | None = None
    customer_id: str | None = None
    promises: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    earlier: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    situation: SituationKind | None = None
    our_fault: bool = False
    offer_applied: bool = False

    @classmethod
    def of(
        cls,
        situation: Situation,
        offer: Offer | None,
        *,
        currency: str | None = None,
        sender: str | None = None,
        first_name: str | None = None,
        links: Iterable[str] = (),
        customer_id: str | None = None,
        promises: Iterable[str] = (),
        domains: Iterable[str] = (),
        earlier: Iterable[str] = (),
        over: Iterable[str] = (),
    ) -> "MessageFacts":
        """Gather what a message about a situation may state; of an offer only when approved.

        A complaint and a late order are our fault. Who cancelled an order is not known, so a
        cancelled one owes no apology.
        """
        told = offer if offer is not None and offer.approved else None
        amount = situation.amount
        return cls(
            days=frozenset(() if situation.days is None else (situation.days,)),
            amounts=frozenset(() if amount is None or not isfinite(amount) else (cents(amount),)),
            percents=frozenset({exact_share(told.percent_off) * 100} if told else ()),
            dates=frozenset({told.expires.date()} if told and told.expires else ()),
            ids=frozenset(filter(None, (situation.order_id,))),
            links=frozenset(links),
            currency=currency,
            first_name=first_name,
            sender=sender,
            customer_id=customer_id,
            promises=tuple(promises),
            domains=frozenset(domains),
            earlier=tuple(earlier),
            over=tuple(over),
            situation=situation.kind,
            our_fault=situation.kind in OUR_FAULT,
            offer_applied=told is not None and told.applied,
        )

    @cached_property
    def data(self) -> tuple[str, ...]:
        """What is data and not the writer's words: names, ids, links, allowed promises; folded."""
        words = [usable_name(self.first_name), self.sender, self.customer_id]
        words += [*self.ids, *self.links, *self.promises]
        return tuple(sorted({fold(word) for word in words if word}, key=len, reverse=True))

    def data_in(self, text: str) -> list[tuple[int, int]]:
        """Give the stretches of a folded text that are data, in its order, the longest first.

        A longer id or address that merely begins like a known one is none.
        """
        found = list(_places(text, NAME_SLOT))
        for word in self.data:
            found += [span for span in _places(text, word) if _stands_alone(text, *span)]
        spans: list[tuple[int, int]] = []
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _stands_alone(text: str, start: int, end: int) -> bool:
    if start and _ID_PART.match(text[start - 1]):
        return False
    return not _GOES_ON.match(text, end)
